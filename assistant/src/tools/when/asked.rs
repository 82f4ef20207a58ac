//! What is asked when words of time leave something open: one question, which says what was understood, and likely
//! answers.

use chrono::{NaiveDate, NaiveTime};
use when::{Length, Need, Reading, Understood};

use super::spoken::day_words;

/// A question and its likely answers, each of which answers it when it is said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Asked {
    /// The question alone.
    pub(crate) question: String,
    /// The likely answers.
    pub(crate) choices: Vec<String>,
}

impl Asked {
    /// The question with its answers, on one line.
    pub(crate) fn text(&self) -> String {
        match self.choices.as_slice() {
            [] => self.question.clone(),
            [head @ .., last] if !head.is_empty() => {
                format!("{} ({} or {last})", self.question, head.join(", "))
            }
            [one] => format!("{} ({one})", self.question),
            [..] => self.question.clone(),
        }
    }
}

fn asked<'c>(question: impl Into<String>, choices: impl IntoIterator<Item = &'c str>) -> Asked {
    Asked {
        question: question.into(),
        choices: choices.into_iter().map(str::to_owned).collect(),
    }
}

/// What a reading leaves open; `None` when it is whole or says nothing of time.
pub(crate) fn question(reading: &Reading) -> Option<Asked> {
    let need = reading.need.as_ref()?;
    let known = known(&reading.understood);
    let front = |question: &str| match known.as_str() {
        "" => upper(question),
        known => format!("{}: {question}", upper(known)),
    };
    Some(match need {
        Need::When => asked(
            front("when exactly?"),
            ["in 1 hour", "today at 18:00", "tomorrow at 9:00"],
        ),
        Need::TimeOfDay => asked(front("at what time?"), ["9:00", "12:00", "18:00"]),
        Need::AmPm { am, pm } => Asked {
            question: front("in the morning or in the evening?"),
            choices: vec![clock(*am), clock(*pm)],
        },
        Need::Day => {
            let choices = reading
                .understood
                .days
                .map(|(first, last)| days(first, last))
                .unwrap_or_default();
            Asked {
                question: match reading.understood.days {
                    Some((first, last)) => format!(
                        "{} to {}: on which day?",
                        day_words(first, first),
                        day_words(last, first)
                    ),
                    None => front("on which day?"),
                },
                choices,
            }
        }
        Need::Which(choices) => Asked {
            question: "Which one do you mean?".to_owned(),
            choices: choices
                .iter()
                .map(|choice| match choice.time {
                    Some(time) => format!("{} at {}", choice.day.format("%a %-d %B %Y"), clock(time)),
                    None => choice.day.format("%a %-d %B %Y").to_string(),
                })
                .collect(),
        },
        Need::Past(Some(at)) => asked(
            format!(
                "{} is in the past. When instead?",
                at.format("%a %-d %b %Y, %H:%M")
            ),
            [],
        ),
        Need::Past(None) => asked("That is in the past. When instead?", []),
        Need::Start => asked(front("from when on?"), ["now", "tomorrow at 9:00"]),
        Need::Length(length) => asked(
            format!("{} from now?", upper(&length_words(length))),
            [format!("in {}", length_words(length)).as_str()],
        ),
        Need::Anchor => asked("When is that? Say it as a time, such as “at 15:00”.", []),
        Need::Unread => asked(
            "I can't read that time. Say it, for example, as “in 20 minutes”, “tomorrow at 9:00” or “every weekday at 9:00”.",
            [],
        ),
    })
}

/// What is known already, in words: the question begins with it.
fn known(understood: &Understood) -> String {
    let mut parts = Vec::new();
    if let Some(rule) = &understood.recurrence {
        parts.push(rule_words(rule));
    }
    if let Some(day) = understood.day {
        parts.push(day.format("%a %-d %b %Y").to_string());
    }
    if let Some(time) = understood.time {
        parts.push(format!("at {}", clock(time)));
    }
    parts.join(" ")
}

/// The rule without its times, by the words of a schedule.
fn rule_words(rule: &when::Recurrence) -> String {
    let start = rule
        .start
        .unwrap_or_else(|| NaiveDate::default().and_time(NaiveTime::MIN));
    let schedule = schedule::Schedule::Rule {
        start,
        rules: vec![format!("{};BYHOUR=0;BYMINUTE=0", rule.rrule())],
        except: Vec::new(),
    };
    if schedule.validate().is_err() {
        return String::new();
    }
    let words = schedule.describe(chrono_tz::Tz::UTC);
    let words = words.replace(" at 00:00", "");
    match rule.start {
        Some(_) => words,
        None => words.replace(&format!(", from {}", start.format("%a %-d %b %Y")), ""),
    }
}

/// At most seven days by name.
fn days(first: NaiveDate, last: NaiveDate) -> Vec<String> {
    first
        .iter_days()
        .take_while(|day| *day <= last)
        .take(7)
        .map(|day| day.format("%a %-d %B").to_string())
        .collect()
}

fn clock(time: NaiveTime) -> String {
    time.format("%-H:%M").to_string()
}

/// "10 minutes", "1 hour 30 minutes", "2 weeks".
fn length_words(length: &Length) -> String {
    let count = |n: i64, unit: &str| format!("{n} {unit}{}", if n == 1 { "" } else { "s" });
    let mut parts = Vec::new();
    let mut add = |n: i64, unit: &str| {
        if n != 0 {
            parts.push(count(n, unit));
        }
    };
    add(i64::from(length.months), "month");
    add(i64::from(length.days), "day");
    add(i64::from(length.workdays), "working day");
    add(length.seconds / 3600, "hour");
    add(length.seconds % 3600 / 60, "minute");
    add(length.seconds % 60, "second");
    parts.join(" ")
}

fn upper(text: &str) -> String {
    let mut characters = text.chars();
    let first: String = characters
        .next()
        .into_iter()
        .flat_map(char::to_uppercase)
        .collect();
    first + characters.as_str()
}
