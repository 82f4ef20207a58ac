//! Days and times in questions: "tomorrow", "on 24 November", "my 3 pm". What sets something is read by `libs/when`.

use chrono::Timelike;
use serde_json::{Map, Value};

use super::numbers::{self, Unit};
use crate::tools::when::parse_time;

/// When something is to happen, as far as it was said.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Moment {
    after: Map<String, Value>,
    day: Option<String>,
    times: Vec<String>,
    part: Option<PartOfDay>,
}

/// "morning", "evening": a time of day where no other is said, and which half of the day is meant.
#[derive(Clone, Copy, Debug, PartialEq)]
enum PartOfDay {
    Morning,
    Afternoon,
    Evening,
    Night,
}

impl PartOfDay {
    fn read(word: &str) -> Option<Self> {
        Some(match word {
            "morning" => Self::Morning,
            "afternoon" => Self::Afternoon,
            "evening" => Self::Evening,
            "night" => Self::Night,
            _ => return None,
        })
    }

    fn usual_time(self) -> &'static str {
        match self {
            Self::Morning => "09:00",
            Self::Afternoon => "15:00",
            Self::Evening => "19:00",
            Self::Night => "20:00",
        }
    }

    /// "7" in the evening is 19:00.
    fn applied_to(self, time: &str) -> String {
        let is_late = self != Self::Morning;
        match parse_time(time) {
            Ok(time) if is_late && (1..12).contains(&time.hour()) => {
                format!("{}:{:02}", time.hour() + 12, time.minute())
            }
            _ => time.to_owned(),
        }
    }
}

impl Moment {
    /// The times of day, with the part of the day applied.
    pub(super) fn times(&self) -> Vec<String> {
        match (self.part, self.times.as_slice()) {
            (Some(part), []) => vec![part.usual_time().to_owned()],
            (Some(part), times) => times.iter().map(|time| part.applied_to(time)).collect(),
            (None, times) => times.to_vec(),
        }
    }

    /// The day that was said, for questions about days.
    pub(super) fn day(&self) -> Option<&str> {
        self.day.as_deref()
    }

    /// The elapsed whole days that were said, for questions about days.
    pub(super) fn days_ahead(&self) -> Option<i64> {
        match self.after.iter().next() {
            Some((unit, days)) if unit == "days" && self.after.len() == 1 => days.as_i64(),
            _ => None,
        }
    }
}

/// The longest moment at the beginning of the words, and how many of them it takes.
pub(super) fn leading(words: &[&str]) -> Option<(Moment, usize)> {
    let mut moment = Moment::default();
    let mut taken = 0;
    while let Some(rest) = words.get(taken..)
        && let Some(more) = part(rest, &mut moment)
    {
        taken += more;
    }
    (taken > 0).then_some((moment, taken))
}

/// A moment that takes all the words; a bare number counts as a time of day.
pub(super) fn whole(words: &[&str]) -> Option<Moment> {
    if let [word] = words
        && let Ok(time) = parse_time(word)
    {
        return Some(Moment {
            times: vec![shown(time)],
            ..Moment::default()
        });
    }
    leading(words).and_then(|(moment, taken)| (taken == words.len()).then_some(moment))
}

/// The longest moment at the end of the words, and where it begins.
pub(super) fn trailing(words: &[&str]) -> Option<(Moment, usize)> {
    // No moment has more words than this.
    let from = words.len().saturating_sub(16);
    (from..words.len()).find_map(|start| {
        let rest = words.get(start..)?;
        let (moment, taken) = leading(rest)?;
        (taken == rest.len()).then_some((moment, start))
    })
}

/// Reads one part of a moment; returns how many words it takes, `None` when there is none (or it is there
/// already).
fn part(words: &[&str], moment: &mut Moment) -> Option<usize> {
    if *moment == Moment::default()
        && let Some((after, taken)) = elapsed(words)
    {
        moment.after = after;
        return Some(taken);
    }
    if !moment.after.is_empty() {
        return None;
    }
    if moment.day.is_none()
        && let Some((day, part, taken)) = day(words)
    {
        moment.day = Some(day);
        moment.part = moment.part.or(part);
        return Some(taken);
    }
    if moment.part.is_none()
        && let Some((part, taken)) = part_of_day(words, moment)
    {
        moment.part = Some(part);
        return Some(taken);
    }
    if let Some((time, taken)) = time_of_day(words, moment.times.is_empty())
        && moment.times.is_empty()
    {
        moment.times.push(time);
        return Some(taken);
    }
    None
}

/// `in 5 minutes`, `in 2 hours and 30 minutes`, `in half an hour`, `5 minutes from now`.
fn elapsed(words: &[&str]) -> Option<(Map<String, Value>, usize)> {
    let ["in" | "after" | "within", rest @ ..] = words else {
        let (after, taken) = amounts(words)?;
        return matches!(words.get(taken..)?, ["from", "now", ..]).then_some((after, taken + 2));
    };
    let (after, taken) = amounts(rest)?;
    let taken = taken + 1;
    match words.get(taken..) {
        Some(["from", "now", ..]) => Some((after, taken + 2)),
        _ => Some((after, taken)),
    }
}

fn amounts(words: &[&str]) -> Option<(Map<String, Value>, usize)> {
    match words {
        ["half", "an" | "a", "hour", ..] => return Some((amount("minutes", 30), 3)),
        ["an" | "one", "hour", "and", "a", "half", ..] => return Some((amount("minutes", 90), 5)),
        _ => {}
    }
    let mut after = Map::new();
    let mut taken = 0;
    loop {
        let rest = words.get(taken..)?;
        let skipped = usize::from(!after.is_empty() && rest.first() == Some(&"and"));
        let (n, unit, used) = match rest.get(skipped..)? {
            ["a", "couple", "of", name, ..] => (2, numbers::unit(name), 4),
            [n, name, ..] if numbers::number(n).is_some() => {
                (numbers::number(n).unwrap_or(0), numbers::unit(name), 2)
            }
            [word, ..] => match numbers::number_with_unit(word) {
                Some((n, unit)) => (n, Some(unit), 1),
                None => (0, None, 0),
            },
            [] => (0, None, 0),
        };
        let (name, n) = match unit {
            Some(Unit::Seconds) => ("seconds", n),
            Some(Unit::Minutes) => ("minutes", n),
            Some(Unit::Hours) => ("hours", n),
            Some(Unit::Days) => ("days", n),
            Some(Unit::Weeks) => ("days", n.saturating_mul(7)),
            Some(Unit::Months | Unit::Years) | None => break,
        };
        after.insert(name.to_owned(), n.into());
        taken += skipped + used;
    }
    (!after.is_empty()).then_some((after, taken))
}

fn amount(unit: &str, n: u32) -> Map<String, Value> {
    Map::from_iter([(unit.to_owned(), n.into())])
}

/// `in the morning`, and `evening` behind a day or a rule.
fn part_of_day(words: &[&str], moment: &Moment) -> Option<(PartOfDay, usize)> {
    match words {
        ["in", "the", word, ..] => Some((PartOfDay::read(word)?, 3)),
        ["at", "night", ..] => Some((PartOfDay::Night, 2)),
        [word, ..] if moment.day.is_some() => Some((PartOfDay::read(word)?, 1)),
        _ => None,
    }
}

/// A day, the part of it that the word implies, and how many words it takes.
fn day(words: &[&str]) -> Option<(String, Option<PartOfDay>, usize)> {
    match words {
        ["today", ..] => return Some(("today".to_owned(), None, 1)),
        ["tonight", ..] => return Some(("today".to_owned(), Some(PartOfDay::Night), 1)),
        ["this", part @ ("morning" | "afternoon" | "evening"), ..] => {
            return Some(("today".to_owned(), PartOfDay::read(part), 2));
        }
        ["tomorrow" | "tmrw", ..] => return Some(("tomorrow".to_owned(), None, 1)),
        ["yesterday", ..] => return Some(("yesterday".to_owned(), None, 1)),
        ["the", "day", "after", "tomorrow", ..] => return Some(("day after tomorrow".to_owned(), None, 4)),
        ["day", "after", "tomorrow", ..] => return Some(("day after tomorrow".to_owned(), None, 3)),
        ["on", rest @ ..] | ["this", rest @ ..] | ["next", rest @ ..] => {
            let (day, taken) = date(rest)?;
            return Some((day, None, taken + 1));
        }
        _ => {}
    }
    date(words).map(|(day, taken)| (day, None, taken))
}

/// A weekday or a date.
fn date(words: &[&str]) -> Option<(String, usize)> {
    let (first, rest) = words.split_first()?;
    if let Some(weekday) = numbers::weekday(first) {
        return Some((weekday.to_owned(), 1));
    }
    if *first == "the" {
        // "the 24th of November", "the 24th"
        let (day, taken) = match date(rest) {
            Some(found) => found,
            None => (numbers::ordinal(rest.first()?)?.to_string(), 1),
        };
        return Some((day, taken + 1));
    }
    if let Some(found) = written_date(first) {
        return Some((found, 1));
    }
    let number = |word: &str| numbers::ordinal(word).or_else(|| numbers::digits(word));
    let (day, month, taken) = match words {
        [day, "of", name, ..] if numbers::month(name).is_some() => (number(day)?, numbers::month(name)?, 3),
        [day, name, ..] if numbers::month(name).is_some() && number(day).is_some() => {
            (number(day)?, numbers::month(name)?, 2)
        }
        [name, "the", day, ..] if numbers::month(name).is_some() => (number(day)?, numbers::month(name)?, 3),
        [name, day, ..] => (number(day)?, numbers::month(name)?, 2),
        _ => return None,
    };
    match words.get(taken).and_then(|word| numbers::digits(word)) {
        Some(year) if (1970..=9999).contains(&year) => {
            Some((format!("{year}-{month:02}-{day:02}"), taken + 1))
        }
        _ => Some((format!("{month:02}-{day:02}"), taken)),
    }
}

/// `2026-11-24` and `24.11.2026`, `24.11`.
fn written_date(word: &str) -> Option<String> {
    let parts: Vec<Option<u32>> = word.split('-').map(numbers::digits).collect();
    if let [Some(year @ 1970..=9999), Some(month), Some(day)] = parts.as_slice() {
        return Some(format!("{year}-{month:02}-{day:02}"));
    }
    let parts: Vec<Option<u32>> = word.split('.').map(numbers::digits).collect();
    match parts.as_slice() {
        [Some(day), Some(month), Some(year @ 1970..=9999)] => Some(format!("{year}-{month:02}-{day:02}")),
        _ => None,
    }
}

/// A time of day and how many words it takes. A bare number needs an `at` before it.
fn time_of_day(words: &[&str], is_first: bool) -> Option<(String, usize)> {
    let (rest, before) = match words {
        ["at" | "around" | "by" | "@", rest @ ..] => (rest, 1),
        ["and", "at", rest @ ..] if !is_first => (rest, 2),
        ["and", rest @ ..] if !is_first => (rest, 1),
        ["for", rest @ ..] if is_first => (rest, 1),
        _ => (words, 0),
    };
    let (clock, taken) = clock(rest, before > 0)?;
    Some((clock, taken + before))
}

fn clock(words: &[&str], may_be_bare: bool) -> Option<(String, usize)> {
    if let ["half", "past", hour, ..] = words {
        let hour = numbers::number(hour).filter(|hour| *hour < 24)?;
        return Some((format!("{hour:02}:30"), 3));
    }
    let (first, rest) = words.split_first()?;
    if let [half @ ("am" | "pm" | "a.m" | "p.m"), ..] = rest {
        let half = if half.starts_with('a') { "am" } else { "pm" };
        if let Ok(time) = parse_time(&format!("{first}{half}")) {
            return Some((shown(time), 2));
        }
    }
    let is_bare = numbers::number(first).is_some();
    if is_bare && !may_be_bare {
        return None;
    }
    let word = numbers::number(first).map_or_else(|| (*first).to_owned(), |n| n.to_string());
    let time = parse_time(&word).ok()?;
    let taken = match rest {
        ["o'clock", ..] => 2,
        // "at 5 minutes" is no time of day.
        [next, ..] if is_bare && numbers::unit(next).is_some() => return None,
        _ => 1,
    };
    Some((shown(time), taken))
}

fn shown(time: chrono::NaiveTime) -> String {
    time.format("%H:%M").to_string()
}
