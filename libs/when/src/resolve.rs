//! Works out what was said: days and hours into one moment, or into what must be asked.

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use chrono_tz::Tz;

use crate::{
    Choice, Context, Grain, Length, Moment, Need, Understood, Value,
    phrase::{Day, Phrase},
    rules::weekday,
    zone::local_to_utc,
};

mod arrange;
mod days;
mod every;
mod hours;
mod times;

use days::{Candidates, days};
pub(crate) use days::{ahead, only_date};
use hours::Hour;

/// What a phrase comes to.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Resolved {
    pub(crate) value: Option<Value>,
    pub(crate) need: Option<Need>,
    pub(crate) understood: Understood,
}

impl Resolved {
    fn ask(need: Need, understood: Understood) -> Self {
        Self {
            value: None,
            need: Some(need),
            understood,
        }
    }
}

/// Nothing further ahead is meant in earnest.
const MOST_YEARS: i32 = 100;

/// From so many months on, a length said without an hour says no more than the day.
const MONTHS_WITHOUT_HOUR: i32 = 6;

/// The present, in the zone that was named.
#[derive(Clone, Copy)]
struct Present {
    now: DateTime<Utc>,
    local: NaiveDateTime,
    zone: Tz,
    names_zone: bool,
}

impl Present {
    fn of(phrase: &Phrase, context: &Context) -> Self {
        let zone = phrase.zone.unwrap_or(context.zone);
        let local = context.now.with_timezone(&zone).naive_local();
        Self {
            now: context.now,
            local,
            zone,
            names_zone: phrase.zone.is_some(),
        }
    }

    fn today(&self) -> NaiveDate {
        self.local.date()
    }

    /// Whether the clocks are yet to show it.
    fn is_ahead(&self, local: NaiveDateTime) -> bool {
        local_to_utc(local, self.zone) > self.now
    }
}

/// Works a phrase out.
pub(crate) fn resolve(phrase: &Phrase, context: &Context) -> Resolved {
    let present = Present::of(phrase, context);
    let understood = Understood {
        zone: phrase.zone,
        ..Understood::default()
    };
    // "in a while": nothing but that, and so nothing that an answer could belong to.
    // "tomorrow after dinner": the day is known, the hour is asked for.
    if phrase.is_hour_vague && phrase.shift.is_some() {
        return Resolved::ask(Need::Anchor, understood);
    }
    if phrase.is_hour_vague {
        let rest = Phrase {
            is_hour_vague: false,
            is_vague: phrase.is_vague || phrase.has_time() || phrase.elapsed.is_some(),
            ..phrase.clone()
        };
        let asking = Context {
            day_hour: None,
            ..context.clone()
        };
        return if rest.has_beginning() {
            resolve(&rest, &asking)
        } else {
            Resolved::ask(Need::When, understood)
        };
    }
    if phrase.is_word_vague && !phrase.has_beginning() && phrase.bounds == crate::phrase::Bounds::default() {
        return Resolved::ask(Need::When, understood);
    }
    if phrase.is_vague {
        return Resolved::ask(Need::Unread, understood);
    }
    if phrase.is_past {
        return Resolved::ask(Need::Past(None), understood);
    }
    if phrase.lacks_anchor {
        return Resolved::ask(Need::Anchor, understood);
    }
    if phrase.repeat.is_some() {
        return every::resolve(phrase, context);
    }
    if let Some(length) = phrase.bare.or(phrase.lasts) {
        return Resolved::ask(Need::Length(length), understood);
    }
    if let Some(until) = phrase.bounds.until.as_deref()
        && !phrase.has_beginning()
    {
        let known = resolve(until, context).understood;
        return Resolved::ask(Need::Start, known);
    }
    // Exceptions and counts of what happens once, and what begins otherwise than it was said to.
    let bounds = &phrase.bounds;
    if bounds.count.is_some()
        || bounds.window.is_some()
        || !bounds.except.is_empty()
        || !bounds.except_weekdays.is_empty()
    {
        return Resolved::ask(Need::Unread, understood);
    }
    if let Some(start) = &bounds.start {
        // "starting tomorrow at 9" of what happens once is when it happens.
        let mut joined = phrase.clone();
        joined.bounds.start = None;
        if joined.merge(start) {
            return resolve(&joined, context);
        }
        return Resolved::ask(Need::Unread, understood);
    }
    if phrase.is_now {
        return Resolved::ask(Need::When, understood);
    }
    if let Some(shift) = phrase.shift {
        return shifted(phrase, shift, context);
    }
    if let Some(length) = phrase.elapsed {
        return elapsed(phrase, length, context, present);
    }
    once(phrase, context, present)
}

/// "an hour before noon", "2 days after next friday": the anchor worked out, then moved.
fn shifted(phrase: &Phrase, shift: Length, context: &Context) -> Resolved {
    let mut anchor = phrase.clone();
    anchor.shift = None;
    if let Some(elapsed) = anchor.elapsed.take() {
        let joined = elapsed.plus(shift);
        return match joined {
            Some(length) => resolve(
                &Phrase {
                    elapsed: Some(length),
                    ..anchor
                },
                context,
            ),
            None => Resolved::ask(Need::Unread, Understood::default()),
        };
    }
    if anchor.is_now {
        return resolve(
            &Phrase {
                elapsed: Some(shift),
                is_now: false,
                ..anchor
            },
            context,
        );
    }
    let is_days = shift.grain() == Grain::Day;
    // By days, the day is moved and the rest stays: "2 days after tomorrow at 9".
    if is_days && anchor.has_day() {
        let present = Present::of(phrase, context);
        let today = context.local().date();
        let moved = |date: NaiveDate| shift.from_date(date);
        anchor.day = match anchor.day.take() {
            Some(Day::Either(one, other)) => match (moved(one), moved(other)) {
                (Some(one), Some(other)) => Some(Day::Either(one, other)),
                _ => None,
            },
            Some(Day::Stretch(first, last)) => match (moved(first), moved(last)) {
                (Some(first), Some(last)) => Some(Day::Stretch(first, last)),
                _ => None,
            },
            // "two weeks from friday": a weekday of today is today's or next week's.
            Some(Day::Weekday(day)) if day == present.today().weekday() => {
                match (moved(today), weekday::after(today, day).and_then(moved)) {
                    (Some(one), Some(other)) => Some(Day::Either(one, other)),
                    _ => None,
                }
            }
            Some(day) => only_date(&day, today).and_then(moved).map(Day::Date),
            None => None,
        };
        if anchor.day.is_none() {
            return Resolved::ask(Need::Unread, Understood::default());
        }
        return resolve(&anchor, context);
    }
    let resolved = resolve(&anchor, context);
    let Some(Value::Once(moment)) = &resolved.value else {
        // Hours before a day without an hour: which hour is asked for, and the answer is the anchor's.
        return resolved;
    };
    if moment.grain == Grain::Day || moment.grain == Grain::Part {
        return Resolved::ask(Need::TimeOfDay, resolved.understood);
    }
    let at = if is_days {
        None
    } else {
        shift.from_instant(moment.instant, moment.zone)
    };
    let at = at.or_else(|| {
        shift
            .from_local(moment.local)
            .map(|local| local_to_utc(local, moment.zone))
    });
    match at {
        Some(instant) if instant > context.now => {
            let local = instant.with_timezone(&moment.zone).naive_local();
            let grain = moment.grain.min(shift.grain()).max(Grain::Second);
            let value = Moment {
                local,
                instant,
                grain,
                end: None,
                ..moment.clone()
            };
            let understood = Understood {
                day: Some(local.date()),
                time: Some(local.time()),
                ..resolved.understood
            };
            Resolved {
                value: Some(Value::Once(value)),
                need: None,
                understood,
            }
        }
        Some(instant) => Resolved::ask(
            Need::Past(Some(instant.with_timezone(&moment.zone).naive_local())),
            resolved.understood,
        ),
        None => Resolved::ask(Need::Unread, resolved.understood),
    }
}

/// "in 20 minutes", "in 3 days", "in 2 weeks at 5pm".
fn elapsed(phrase: &Phrase, length: Length, context: &Context, present: Present) -> Resolved {
    let understood = Understood {
        zone: phrase.zone,
        ..Understood::default()
    };
    if length.is_vague || length.is_zero() {
        return Resolved::ask(Need::When, understood);
    }
    let instant = length
        .from_instant(context.now, context.zone)
        .filter(|at| at.year() <= context.now.year() + MOST_YEARS);
    let Some(instant) = instant else {
        return Resolved::ask(Need::Unread, understood);
    };
    if instant <= context.now {
        return Resolved::ask(
            Need::Past(Some(instant.with_timezone(&context.zone).naive_local())),
            understood,
        );
    }
    let is_days = length.grain() == Grain::Day;
    let local = instant.with_timezone(&present.zone).naive_local();
    if phrase.has_time()
        || (is_days && context.day_hour.is_some())
        || length.months.abs() >= MONTHS_WITHOUT_HOUR
    {
        let day = Some(Day::Date(local.date()));
        return once(
            &Phrase {
                elapsed: None,
                day,
                ..phrase.clone()
            },
            context,
            present,
        );
    }
    let value = Moment {
        local,
        zone: present.zone,
        names_zone: present.names_zone,
        instant,
        is_elapsed: !is_days,
        grain: if is_days { Grain::Day } else { length.grain() },
        end: None,
    };
    let understood = Understood {
        day: Some(local.date()),
        time: Some(local.time()),
        ..understood
    };
    Resolved {
        value: Some(Value::Once(value)),
        need: None,
        understood,
    }
}

fn once(phrase: &Phrase, context: &Context, present: Present) -> Resolved {
    let mut understood = Understood {
        zone: phrase.zone,
        ..Understood::default()
    };
    let hour_on = |date: Option<NaiveDate>| hours::of(phrase, date, context, present.local);
    // The latest that the hour may be on a day: is that still ahead?
    let is_ahead = |date: NaiveDate| match hour_on(Some(date)) {
        Hour::Unknown | Hour::Ask(..) | Hour::Wrong => true,
        Hour::At(minutes, seconds) => {
            hours::on(date, minutes, seconds).is_some_and(|at| present.is_ahead(at))
        }
    };
    match days(phrase, present, is_ahead) {
        Candidates::Unknown => Resolved::ask(Need::Unread, understood),
        Candidates::None => undated(phrase, context, present, understood),
        Candidates::One(date) => {
            understood.day = Some(date);
            // "friday at midnight": as it begins, or as it ends?
            if phrase.part.is_none()
                && date > present.today()
                && hour_on(Some(date)) == Hour::At(24 * 60, 0)
                && let Some(next) = date.succ_opt()
            {
                let time = Some(NaiveTime::MIN);
                let choices = vec![Choice { day: date, time }, Choice { day: next, time }];
                return Resolved::ask(Need::Which(choices), understood);
            }
            on_date(phrase, date, hour_on(Some(date)), context, present, understood)
        }
        Candidates::Which(dates) => {
            // "thursday at 9", said on thursday at noon: tonight's, or next week's morning.
            let time_on = |date: NaiveDate| match hour_on(Some(date)) {
                Hour::At(minutes, _) => hours::time(minutes),
                Hour::Unknown | Hour::Ask(..) | Hour::Wrong => None,
            };
            let choices: Vec<Choice> = dates
                .into_iter()
                .map(|day| Choice {
                    day,
                    time: time_on(day),
                })
                .collect();
            let first = choices.first().and_then(|choice| choice.time);
            understood.time = first.filter(|_| choices.iter().all(|choice| choice.time == first));
            Resolved::ask(Need::Which(choices), understood)
        }
        Candidates::Stretch(first, last) => {
            if last < present.today() {
                return Resolved::ask(Need::Past(None), understood);
            }
            understood.days = Some((first, last));
            if let Hour::At(minutes, _) = hour_on(Some(last)) {
                understood.time = hours::time(minutes);
            }
            Resolved::ask(Need::Day, understood)
        }
    }
}

/// A time of the clock alone: the next one, or asked.
fn undated(phrase: &Phrase, context: &Context, present: Present, understood: Understood) -> Resolved {
    let today = present.today();
    match hours::of(phrase, None, context, present.local) {
        Hour::Unknown => Resolved::ask(Need::When, understood),
        Hour::Wrong => Resolved::ask(Need::Unread, understood),
        Hour::Ask(am, pm) => Resolved::ask(Need::AmPm { am, pm }, understood),
        Hour::At(minutes, seconds) => {
            let at = [Some(today), today.succ_opt()]
                .into_iter()
                .flatten()
                .filter_map(|date| hours::on(date, minutes, seconds))
                .find(|at| present.is_ahead(*at));
            match at {
                // "in the evening" said in the evening: not tomorrow's, but when?
                Some(at) if phrase.clocks.is_empty() && at.date() > today && !phrase_is_morning(minutes) => {
                    let understood = Understood {
                        day: Some(today),
                        ..understood
                    };
                    Resolved::ask(Need::TimeOfDay, understood)
                }
                Some(at) => moment(phrase, at, present, understood),
                None => Resolved::ask(Need::Unread, understood),
            }
        }
    }
}

fn phrase_is_morning(minutes: u32) -> bool {
    minutes < 12 * 60
}

fn on_date(
    phrase: &Phrase,
    date: NaiveDate,
    hour: Hour,
    context: &Context,
    present: Present,
    understood: Understood,
) -> Resolved {
    if date < present.today() {
        return Resolved::ask(Need::Past(Some(date.and_time(NaiveTime::MIN))), understood);
    }
    if date.year() > present.today().year() + MOST_YEARS {
        return Resolved::ask(Need::Unread, understood);
    }
    match hour {
        Hour::Wrong => Resolved::ask(Need::Unread, understood),
        Hour::Ask(am, pm) => Resolved::ask(Need::AmPm { am, pm }, understood),
        Hour::Unknown => match context
            .day_hour
            .map(|time| date.and_time(time))
            .filter(|at| present.is_ahead(*at))
        {
            Some(at) => moment(phrase, at, present, understood),
            None => Resolved::ask(Need::TimeOfDay, understood),
        },
        Hour::At(minutes, seconds) => match hours::on(date, minutes, seconds) {
            Some(at) if present.is_ahead(at) => moment(phrase, at, present, understood),
            // The usual hour of "this evening" is over, the evening is not.
            Some(at) if phrase.clocks.is_empty() => {
                match phrase.part.map(|part| crate::rules::part::hours(part).to) {
                    Some(to) if hours::on(date, to * 60, 0).is_some_and(|end| present.is_ahead(end)) => {
                        Resolved::ask(Need::TimeOfDay, understood)
                    }
                    _ => Resolved::ask(Need::Past(Some(at)), understood),
                }
            }
            Some(at) => Resolved::ask(Need::Past(Some(at)), understood),
            None => Resolved::ask(Need::Unread, understood),
        },
    }
}

fn moment(phrase: &Phrase, at: NaiveDateTime, present: Present, understood: Understood) -> Resolved {
    let grain = match (phrase.clocks.first(), phrase.part) {
        (Some(clock), _) if clock.has_seconds => Grain::Second,
        (Some(_), _) => Grain::Minute,
        (None, Some(_)) => Grain::Part,
        (None, None) => Grain::Day,
    };
    let instant = local_to_utc(at, present.zone);
    let value = Moment {
        local: at,
        zone: present.zone,
        names_zone: present.names_zone,
        instant,
        is_elapsed: false,
        grain,
        end: hours::end(phrase, at),
    };
    let understood = Understood {
        day: Some(at.date()),
        time: Some(at.time()),
        ..understood
    };
    Resolved {
        value: Some(Value::Once(value)),
        need: None,
        understood,
    }
}
