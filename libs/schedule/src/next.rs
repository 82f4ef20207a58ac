//! When a schedule fires next, and what to do about what was missed.

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use chrono_tz::Tz;

use crate::{
    Schedule,
    local::{local_to_utc, resolve, transition_between, utc_to_local},
    rule::WallRule,
};

/// Missed occurrences are counted up to this many; more are reported as this many.
pub const MISSED_CAP: u32 = 1000;

/// What to do about a task that was found due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CatchUp {
    /// How many occurrences after `scheduled_for` and up to now fold into this one; 0 when on time.
    /// [`MISSED_CAP`] means "that many or more".
    pub missed: u32,
    /// The next occurrence, later than both now and `scheduled_for`; `None` when there is none any more.
    pub next: Option<DateTime<Utc>>,
}

impl Schedule {
    /// The first occurrence strictly after an instant, in the task's zone.
    ///
    /// `None` when there is none any more: a once in the past, the end of the year 9999, or a rule that
    /// [`Schedule::validate`] refuses. Being strict is what keeps a clock that jumps back from firing twice: pass
    /// the occurrence that fired, not the time of day.
    pub fn next_after(&self, after: DateTime<Utc>, zone: Tz) -> Option<DateTime<Utc>> {
        match self {
            Self::Once { at } => Some(*at).filter(|at| *at > after),
            Self::OnceLocal { at } => Some(local_to_utc(*at, zone)).filter(|at| *at > after),
            Self::Every {
                seconds,
                anchor,
                until,
            } => {
                let before = elapsed_occurrences(*anchor, *seconds, after);
                let since_anchor = TimeDelta::try_seconds(before.checked_mul(interval(*seconds))?)?;
                let next = anchor.checked_add_signed(since_anchor)?;
                Some(next).filter(|next| until.is_none_or(|until| *next <= until))
            }
            Self::Daily { .. }
            | Self::Weekly { .. }
            | Self::Monthly { .. }
            | Self::Yearly { .. }
            | Self::Cron { .. }
            | Self::Rule { .. } => next_of_rule(&WallRule::of(self)?, after, zone),
        }
    }

    /// What to do about a task that was planned for `scheduled_for` and is found due `now`.
    ///
    /// One run stands for all that was missed. The work is bounded: no more than [`MISSED_CAP`] occurrences are
    /// looked at, however long the system was down. A `now` before `scheduled_for` (the clock jumped back) counts
    /// as `scheduled_for`.
    pub fn catch_up(&self, scheduled_for: DateTime<Utc>, now: DateTime<Utc>, zone: Tz) -> CatchUp {
        let now = now.max(scheduled_for);
        CatchUp {
            missed: self.missed_between(scheduled_for, now, zone),
            next: self.next_after(now, zone),
        }
    }

    /// The next time of a task after its user moved to another zone: wall-clock rules follow, instants, elapsed
    /// time and what is already due stay.
    pub fn next_after_zone_change(
        &self,
        next_run_at: DateTime<Utc>,
        now: DateTime<Utc>,
        new_zone: Tz,
    ) -> Option<DateTime<Utc>> {
        if self.follows_zone() && next_run_at > now {
            self.next_after(now, new_zone)
        } else {
            Some(next_run_at)
        }
    }

    /// How many occurrences lie in `(after, until]`, counted up to [`MISSED_CAP`].
    fn missed_between(&self, after: DateTime<Utc>, until: DateTime<Utc>, zone: Tz) -> u32 {
        if let Self::Every {
            seconds,
            anchor,
            until: end,
        } = self
        {
            let until = end.map_or(until, |end| until.min(end));
            let missed =
                elapsed_occurrences(*anchor, *seconds, until) - elapsed_occurrences(*anchor, *seconds, after);
            return u32::try_from(missed.max(0)).unwrap_or(MISSED_CAP).min(MISSED_CAP);
        }
        let Some(rule) = WallRule::of(self) else {
            return 0;
        };
        let (mut missed, mut last) = (0, after);
        while missed < MISSED_CAP {
            match next_of_rule(&rule, last, zone) {
                Some(next) if next <= until => (missed, last) = (missed + 1, next),
                _ => break,
            }
        }
        missed
    }
}

/// How many occurrences an elapsed-time schedule has had up to and including an instant.
fn elapsed_occurrences(anchor: DateTime<Utc>, seconds: u32, until: DateTime<Utc>) -> i64 {
    if until < anchor {
        return 0;
    }
    (until - anchor).num_seconds() / interval(seconds) + 1
}

/// Seconds; never zero, so that even an unchecked schedule moves on.
fn interval(seconds: u32) -> i64 {
    i64::from(seconds.max(1))
}

/// Longer than any gap or fold: the longest are whole days (Pacific/Apia 2011, Asia/Manila 1844).
const LONGEST_SHIFT: TimeDelta = TimeDelta::hours(25);

/// Instants are searched from here (the year 1) on; so no arithmetic here leaves the calendar.
const EARLIEST: i64 = -62_135_596_800;

/// Nothing is searched from here (the end of the year 9999) on.
const LATEST: i64 = 253_402_300_800;

/// The first occurrence of a wall-clock rule strictly after an instant.
///
/// Around a change of offset, wall-clock order is not the order of instants: what the gap swallowed happens among
/// the times that follow it, and the second pass of a fold shows times again that have already had their turn.
fn next_of_rule(rule: &WallRule<'_>, after: DateTime<Utc>, zone: Tz) -> Option<DateTime<Utc>> {
    if after.timestamp() >= LATEST {
        return None;
    }
    let after = after.max(DateTime::from_timestamp(EARLIEST, 0)?);
    let local_after = just_after(utc_to_local(after, zone));

    let Some(behind) = transition_between(after - LONGEST_SHIFT, after, zone)
        .filter(|change| after < change.at + change.forward().abs())
    else {
        return next_ahead(rule, after, local_after, zone);
    };
    if behind.forward() > TimeDelta::zero() {
        // Some of what the gap swallowed may still be to come.
        let swallowed = rule
            .first_from(local_after - behind.forward())
            .filter(|local| *local < behind.new_wall())
            .map(|local| (local - behind.before).and_utc());
        earlier(swallowed, next_ahead(rule, after, local_after, zone))
    } else {
        // The second pass of a fold.
        let again = rule
            .first_from(local_after)
            .filter(|local| rule.ticks_every_hour() && *local < behind.old_wall())
            .map(|local| (local - behind.after).and_utc());
        again.or_else(|| next_ahead(rule, after, local_after.max(behind.old_wall()), zone))
    }
}

/// The first occurrence from a wall-clock time on, when nothing behind it is still to come.
fn next_ahead(
    rule: &WallRule<'_>,
    after: DateTime<Utc>,
    local_from: NaiveDateTime,
    zone: Tz,
) -> Option<DateTime<Utc>> {
    let (next, gap_end) = resolve(rule.first_from(local_from)?, zone);
    if let Some(gap_end) = gap_end {
        // Shifted by the gap's length, it may come later than a time right behind the gap.
        let behind_gap = rule.first_from(gap_end).map(|local| local_to_utc(local, zone));
        return earlier(Some(next), behind_gap);
    }
    if !rule.ticks_every_hour() {
        return Some(next);
    }
    let again = transition_between(after, next.min(after + LONGEST_SHIFT), zone)
        .filter(|change| change.forward() < TimeDelta::zero())
        .and_then(|fold| {
            rule.first_from(fold.new_wall())
                .filter(|local| *local < fold.old_wall())
                .map(|local| (local - fold.after).and_utc())
        });
    earlier(Some(next), again)
}

fn earlier(one: Option<DateTime<Utc>>, other: Option<DateTime<Utc>>) -> Option<DateTime<Utc>> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}

fn just_after(local: NaiveDateTime) -> NaiveDateTime {
    local
        .checked_add_signed(TimeDelta::nanoseconds(1))
        .unwrap_or(local)
}
