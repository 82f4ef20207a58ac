//! A user's agenda: events by local day, and as plain text.

use chrono::{DateTime, Days, NaiveDate, Utc};
use chrono_tz::Tz;
use messages::plain;
use serde::{Deserialize, Serialize};

use crate::{Calendar, Event, EventStatus, EventTime, Response, text::clock, time::day_bounds};

/// The longest title or place that is shown, in characters.
const LONGEST_SHOWN: usize = 120;

/// Which days, of which calendar.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgendaQuery {
    /// The first local day; today when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<NaiveDate>,
    /// How many days: 1 to 92, 1 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub days: Option<u32>,
    /// The IANA zone of the days; the user's own when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
    /// One calendar; all that the user shows when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calendar: Option<String>,
}

/// A user's events on some local days: all that touch them, also those that began before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agenda {
    /// The IANA zone of the days.
    pub zone: Tz,
    /// The first day.
    pub first: NaiveDate,
    /// The last day.
    pub last: NaiveDate,
    /// The events, each once, the earliest first; cancelled ones are left out.
    pub events: Vec<Event>,
    /// The calendars that were read.
    pub calendars: Vec<Calendar>,
    /// Calendars that could not be read, by name: the agenda may lack events of theirs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unread: Vec<String>,
    /// Whether there were more events than are listed.
    #[serde(default)]
    pub truncated: bool,
}

/// What an agenda says around what others wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Word<'w> {
    /// A day without events.
    NothingPlanned,
    /// An event of the whole day.
    AllDay,
    /// The nth day of so many.
    AllDayOf(i64, i64),
    /// It began before, and ends then.
    Until(&'w str),
    /// What the user answered to an invitation.
    Declined,
    /// Nothing yet.
    NotAnswered,
    /// Perhaps.
    Maybe,
    /// So many more are not shown.
    More(usize),
    /// There were more than could be read.
    TooMany,
    /// These calendars could not be read.
    Unread(&'w str),
    /// An event without a title.
    NoTitle,
}

/// How a language says these, and days.
pub trait Words {
    /// A word or a phrase.
    fn say(&self, word: Word<'_>) -> String;
    /// A date with its weekday and year.
    fn date(&self, date: NaiveDate) -> String;
    /// A weekday alone, or the date without its year.
    fn short(&self, date: NaiveDate, is_far: bool) -> String;
}

/// English words.
struct English;

impl Words for English {
    fn say(&self, word: Word<'_>) -> String {
        match word {
            Word::NothingPlanned => "nothing planned".to_owned(),
            Word::AllDay => "all day".to_owned(),
            Word::AllDayOf(day, days) => format!("all day ({day} of {days})"),
            Word::Until(time) => format!("until {time}"),
            Word::Declined => "declined".to_owned(),
            Word::NotAnswered => "not answered yet".to_owned(),
            Word::Maybe => "maybe".to_owned(),
            Word::More(count) => format!("({count} more not shown)"),
            Word::TooMany => "(there are more events than could be read: ask for fewer days)".to_owned(),
            Word::Unread(names) => format!("(could not be read: {names})"),
            Word::NoTitle => "(no title)".to_owned(),
        }
    }

    fn date(&self, date: NaiveDate) -> String {
        date.format("%a %-d %b %Y").to_string()
    }

    fn short(&self, date: NaiveDate, is_far: bool) -> String {
        date.format(if is_far { "%a %-d %b" } else { "%a" }).to_string()
    }
}

/// One local day of an agenda.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgendaDay<'a> {
    /// The day.
    pub date: NaiveDate,
    /// What touches it: whole days first, then by the time at which it begins on this day.
    pub events: Vec<&'a Event>,
}

impl Agenda {
    /// The days, those without events included. An event of several days is in each of them.
    pub fn by_day(&self) -> Vec<AgendaDay<'_>> {
        let days = self.first.iter_days().take_while(|day| *day <= self.last);
        days.map(|date| AgendaDay {
            date,
            events: self.on(date),
        })
        .collect()
    }

    fn on(&self, date: NaiveDate) -> Vec<&Event> {
        let mut events: Vec<&Event> = self
            .events
            .iter()
            .filter(|event| {
                let (first, last) = event.time.days(self.zone);
                event.status != EventStatus::Cancelled && (first..=last).contains(&date)
            })
            .collect();
        events.sort_by_key(|event| self.place_in(date, event));
        events
    }

    /// Whole days come before times, and what began on an earlier day before what begins on this one.
    fn place_in<'e>(
        &self,
        date: NaiveDate,
        event: &'e Event,
    ) -> (bool, DateTime<Utc>, DateTime<Utc>, &'e str) {
        let is_timed = matches!(event.time, EventTime::Timed { .. });
        let (start, end) = event.time.bounds(self.zone);
        (
            is_timed,
            start.max(day_bounds(date, self.zone).0),
            end,
            event.title.as_str(),
        )
    }

    /// The agenda as plain text, at most `most` entries: each day with its weekday, date and the zone, each event
    /// on a line with its local time. What others wrote is kept on its line.
    ///
    /// ```text
    /// Sat 24 Oct 2026 (Europe/Berlin)
    /// - all day: Ann's birthday
    /// - 22:00–06:30 Sun: Night train, platform 4
    /// Sun 25 Oct 2026 (Europe/Berlin)
    /// - until 06:30: Night train, platform 4
    /// ```
    pub fn text(&self, most: usize) -> String {
        self.text_in(&English, most)
    }

    /// The same in another language.
    pub fn text_in(&self, words: &dyn Words, most: usize) -> String {
        let mut text = String::new();
        let mut shown = 0;
        let mut left_out = 0;
        for day in self.by_day() {
            if shown >= most && !day.events.is_empty() {
                left_out += day.events.len();
                continue;
            }
            line(
                &mut text,
                &format!("{} ({})", words.date(day.date), self.zone.name()),
            );
            if day.events.is_empty() {
                line(&mut text, &format!("- {}", words.say(Word::NothingPlanned)));
            }
            for event in day.events {
                if shown < most {
                    line(&mut text, &self.entry(words, day.date, event));
                    shown += 1;
                } else {
                    left_out += 1;
                }
            }
        }
        if left_out > 0 {
            line(&mut text, &words.say(Word::More(left_out)));
        }
        if self.truncated {
            line(&mut text, &words.say(Word::TooMany));
        }
        if !self.unread.is_empty() {
            let names: Vec<String> = self
                .unread
                .iter()
                .map(|name| plain::line(name, LONGEST_SHOWN))
                .collect();
            line(&mut text, &words.say(Word::Unread(&names.join(", "))));
        }
        text
    }

    fn entry(&self, words: &dyn Words, date: NaiveDate, event: &Event) -> String {
        let title = match plain::clean(&event.title).is_empty() {
            true => words.say(Word::NoTitle),
            false => event.shown_title(),
        };
        let mut entry = format!("- {}: {title}", self.when(words, date, &event.time));
        if let Some(location) = &event.location {
            entry.push_str(&format!(", {}", plain::line(location, LONGEST_SHOWN)));
        }
        let mut notes = Vec::new();
        match event.response {
            Some(Response::Declined) => notes.push(words.say(Word::Declined)),
            Some(Response::NeedsAction) => notes.push(words.say(Word::NotAnswered)),
            Some(Response::Tentative) => notes.push(words.say(Word::Maybe)),
            Some(Response::Accepted) | None => {}
        }
        if let Some(calendar) = self
            .calendars
            .iter()
            .find(|one| one.id == event.calendar_id && !one.primary)
        {
            notes.push(plain::line(&calendar.name, LONGEST_SHOWN));
        }
        if let Some(planned) = event.time.in_own_zone(self.zone) {
            notes.push(planned);
        }
        if !notes.is_empty() {
            entry.push_str(&format!(" ({})", notes.join("; ")));
        }
        entry
    }

    /// `09:00–10:00`, `22:00–06:30 Sun` on the day it begins, `until 06:30` on the one it ends, `all day` between.
    fn when(&self, words: &dyn Words, date: NaiveDate, time: &EventTime) -> String {
        let (first, last) = time.days(self.zone);
        match time {
            EventTime::AllDay { .. } if first == last => words.say(Word::AllDay),
            EventTime::AllDay { .. } => words.say(Word::AllDayOf(
                (date - first).num_days() + 1,
                (last - first).num_days() + 1,
            )),
            EventTime::Timed { start, end, .. } => {
                let (from, to) = (clock(*start, self.zone), clock(*end, self.zone));
                match (first == date, last == date) {
                    (true, true) if start == end => from,
                    // Midnight at the end of the day is the next day's 00:00.
                    (true, true) => {
                        format!("{from}–{}", if *end == self.end_of(date) { "24:00" } else { &to })
                    }
                    (true, false) => format!("{from}–{to} {}", self.weekday(words, *end)),
                    (false, true) if *end == self.end_of(date) => words.say(Word::AllDay),
                    (false, true) => words.say(Word::Until(&to)),
                    (false, false) => words.say(Word::AllDay),
                }
            }
        }
    }

    fn end_of(&self, date: NaiveDate) -> DateTime<Utc> {
        day_bounds(date, self.zone).1
    }

    /// The weekday of an end; of one more than six days off, the date.
    fn weekday(&self, words: &dyn Words, at: DateTime<Utc>) -> String {
        let local = at.with_timezone(&self.zone);
        let far = self
            .first
            .checked_add_days(Days::new(6))
            .is_some_and(|far| local.date_naive() > far);
        words.short(local.date_naive(), far)
    }
}

fn line(text: &mut String, line: &str) {
    text.push_str(line);
    text.push('\n');
}
