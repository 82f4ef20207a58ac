//! Events as people read them: one line each, whatever was written into them.

use chrono::{DateTime, NaiveDate, Offset, TimeZone, Utc};
use chrono_tz::Tz;
use messages::plain;

use crate::{Event, EventTime};

/// The longest title that is shown, in characters.
const LONGEST_TITLE: usize = 120;

/// `09:00`; with the offset's name when the clock shows this time twice that day: `02:30 CEST`.
pub(crate) fn clock(at: DateTime<Utc>, zone: Tz) -> String {
    let local = at.with_timezone(&zone);
    let shown = local.format("%H:%M").to_string();
    match zone.offset_from_local_datetime(&local.naive_local()) {
        chrono::LocalResult::Ambiguous(..) => format!("{shown} {}", local.format("%Z")),
        _ => shown,
    }
}

impl Event {
    /// The title on one line; `(no title)` when it has none.
    pub fn shown_title(&self) -> String {
        match plain::line(&self.title, LONGEST_TITLE) {
            title if title.is_empty() => "(no title)".to_owned(),
            title => title,
        }
    }

    /// The event on one line, with weekday, date, local time and zone:
    /// `Tue 24 Nov 2026, 15:00–16:00 Europe/Berlin: Dentist`.
    pub fn describe(&self, zone: Tz) -> String {
        format!("{}: {}", self.time.describe(zone), self.shown_title())
    }
}

impl EventTime {
    /// When it is for somebody in a zone: `Tue 24 Nov 2026, 15:00–16:00 Europe/Berlin`,
    /// `Sat 24 Oct 2026, 22:00 – Sun 25 Oct 2026, 06:30 Europe/Berlin`, `Tue 24 Nov 2026, all day`,
    /// `Tue 24 – Thu 26 Nov 2026, all day`.
    pub fn describe(&self, zone: Tz) -> String {
        let date = |date: NaiveDate| date.format("%a %-d %b %Y").to_string();
        match self {
            Self::AllDay { first, last } if first == last => format!("{}, all day", date(*first)),
            Self::AllDay { first, last } => format!("{} – {}, all day", date(*first), date(*last)),
            Self::Timed { start, end, .. } => {
                let (from, to) = (start.with_timezone(&zone), end.with_timezone(&zone));
                let begin = format!("{}, {}", date(from.date_naive()), clock(*start, zone));
                let zone_name = zone.name();
                if start == end {
                    format!("{begin} {zone_name}")
                } else if from.date_naive() == to.date_naive() {
                    format!("{begin}–{} {zone_name}", clock(*end, zone))
                } else {
                    format!(
                        "{begin} – {}, {} {zone_name}",
                        date(to.date_naive()),
                        clock(*end, zone)
                    )
                }
            }
        }
    }

    /// When it was planned in a zone whose clock shows another time than `zone`'s: `09:00 America/New_York`.
    pub(crate) fn in_own_zone(&self, zone: Tz) -> Option<String> {
        let Self::Timed { start, zone: own, .. } = self else {
            return None;
        };
        let own: Tz = own.parse().ok()?;
        let offset = |zone: Tz| zone.offset_from_utc_datetime(&start.naive_utc()).fix();
        (offset(own) != offset(zone)).then(|| format!("{} {}", clock(*start, own), own.name()))
    }
}
