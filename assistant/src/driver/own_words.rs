//! Whether a tool call asks for nothing but what the user has just said. Pure.
//!
//! After others were quoted in a conversation, the model may want what they wished for. A call whose every value stands
//! in the user's own message is not theirs: it needs no question, and its change has an undo. Everything else is asked
//! about. What is called off, paused or made an instruction is always asked about: no value says that it was meant.

use chrono::{DateTime, Utc, Weekday};
use schedule::Schedule;
use serde_json::Value;
use when::Need;

use crate::tools::when::{Present, spoken};

/// The tools whose values say all that they do.
const SAYING_ALL: [&str; 5] = [
    "reminder_create",
    "reminder_change",
    "calendar_create",
    "calendar_change",
    "remember",
];

/// The words that call off what the user points at.
const CALLS_OFF: [&str; 5] = ["cancel", "delete", "remove", "drop", "stop"];

/// What the user has said, and how it is read.
pub(super) struct Heard {
    /// Without the words of others.
    pub(super) said: String,
    /// The message of ours that it answers, if it answers one.
    pub(super) pointed_at: String,
    /// What words of time are read against.
    pub(super) time: when::Context,
    /// The present instant.
    pub(super) now: DateTime<Utc>,
}

/// Whether each value of the call stands in what the user said. Times are compared by their numbers: "at 5" is 17:00,
/// too, and the receipt shows which. A whole schedule must be what the user's own words come to. What is meant may
/// stand in a message of ours that the user points at; so may what they call off, in words of their own.
pub(super) fn asks_for(tool: &str, arguments: &str, heard: &Heard) -> bool {
    let Ok(Value::Object(arguments)) = serde_json::from_str(arguments) else {
        return false;
    };
    let said = Said::of(&heard.said);
    let pointed_at = Said::of(&heard.pointed_at);
    let is_pointed_at = |value: &Value| value.as_str().is_some_and(|which| pointed_at.has_words(which));
    if tool == "reminder_cancel" {
        let calls_off = CALLS_OFF.iter().any(|word| said.has_words(word));
        let is_all =
            |which: &Value| matches!(which.as_str(), Some(which) if which.trim().eq_ignore_ascii_case("all"));
        let names_it = |which: &Value| is_pointed_at(which) && !is_all(which);
        return calls_off && arguments.len() == 1 && arguments.get("which").is_some_and(names_it);
    }
    if !SAYING_ALL.contains(&tool) {
        return false;
    }
    let holds = |(name, value): (&String, &Value)| match name.as_str() {
        "schedule" | "zone" | "shift" => value.is_null() || heard.comes_to(name, value),
        "which" => said.holds(value) || is_pointed_at(value),
        _ => said.holds(value),
    };
    !arguments.is_empty() && arguments.iter().all(holds)
}

impl Heard {
    /// Whether the user's own words of time come to this.
    fn comes_to(&self, name: &str, value: &Value) -> bool {
        let present = Present {
            said_at: self.time.now,
            now: self.now,
            zone: self.time.zone,
        };
        let reading = when::parse(&self.said, &self.time);
        let length = match &reading.need {
            Some(Need::Length(length)) => Some(*length),
            _ => None,
        };
        let spoken = spoken::of_reading(&reading, &present).and_then(Result::ok);
        match name {
            "schedule" => {
                let wanted = serde_json::from_value::<Schedule>(value.clone()).ok();
                let elapsed = length
                    .and_then(|length| length.from_instant(present.said_at, present.zone))
                    .map(|at| Schedule::Once { at });
                wanted.is_some() && (wanted == spoken.map(|spoken| spoken.schedule) || wanted == elapsed)
            }
            "zone" => {
                let zone = spoken.and_then(|spoken| spoken.zone);
                zone.is_some_and(|zone| value.as_str() == Some(zone.name()))
            }
            _ => {
                let part = |name: &str| value[name].as_i64().unwrap_or(0);
                let wanted = [part("months"), part("days"), part("seconds")];
                length.is_some_and(|length| {
                    let said = [length.months.into(), length.days.into(), length.seconds];
                    said == wanted || said.map(|n| -n) == wanted
                })
            }
        }
    }
}

/// What the user said, made comparable.
struct Said {
    /// The words in lower case, each between two spaces.
    words: String,
    numbers: Vec<u64>,
}

impl Said {
    fn of(text: &str) -> Self {
        let numbers = text.split(|c: char| !c.is_ascii_digit());
        Self {
            words: comparable(text),
            numbers: numbers.filter_map(|digits| digits.parse().ok()).collect(),
        }
    }

    fn holds(&self, value: &Value) -> bool {
        match value {
            Value::Null => true,
            Value::String(text) => self.holds_text(text),
            Value::Number(number) => number
                .as_u64()
                .is_some_and(|number| self.numbers.contains(&number)),
            Value::Array(values) => values.iter().all(|value| self.holds(value)),
            Value::Object(fields) => fields.values().all(|value| self.holds(value)),
            // Yes and no say nothing of what they are about.
            Value::Bool(_) => false,
        }
    }

    /// Whether the words stand in it, as whole words and in this order.
    fn has_words(&self, text: &str) -> bool {
        let words = comparable(text);
        !words.trim().is_empty() && self.words.contains(&words)
    }

    fn holds_text(&self, text: &str) -> bool {
        if let Some((hour, minute)) = clock(text) {
            let half = if hour % 12 == 0 { 12 } else { hour % 12 };
            let is_hour = self.numbers.contains(&hour) || self.numbers.contains(&half);
            return is_hour && (minute == 0 || self.numbers.contains(&minute));
        }
        // "fri" is what models write for "Friday"; "friends" are no day.
        if let Some(day) = short_day(text.trim()) {
            return self.words.split(' ').any(|word| word.parse() == Ok(day));
        }
        self.has_words(text)
    }
}

/// `HH:MM`.
fn clock(text: &str) -> Option<(u64, u64)> {
    let (hour, minute) = text.trim().split_once(':')?;
    Some((hour.parse().ok()?, minute.parse().ok()?)).filter(|(hour, minute)| *hour < 24 && *minute < 60)
}

/// A day of the week in three letters.
fn short_day(text: &str) -> Option<Weekday> {
    (text.len() == 3).then(|| text.parse().ok()).flatten()
}

fn comparable(text: &str) -> String {
    let lower = text.to_lowercase();
    let words = lower.split(|c: char| !(c.is_alphanumeric() || matches!(c, '@' | ':' | '-')));
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    format!(" {} ", words.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// It is Friday 20 November 2026, 12:03 in Berlin.
    fn heard(said: &str, pointed_at: &str) -> Heard {
        let now = "2026-11-20T11:03:00Z".parse().unwrap();
        Heard {
            said: said.to_owned(),
            pointed_at: pointed_at.to_owned(),
            time: crate::tools::when::context(now, chrono_tz::Europe::Berlin, "en"),
            now,
        }
    }

    #[test]
    fn only_what_the_user_said_is_theirs() {
        for (said, tool, arguments, is_theirs) in [
            (
                "Move my 3 pm to Friday",
                "calendar_change",
                r#"{"which":"3 pm","new_day":"fri"}"#,
                true,
            ),
            (
                "Move lunch with my friends to 5, on a sunny monkey's day",
                "calendar_change",
                r#"{"which":"lunch","new_day":"fri"}"#,
                false,
            ),
            (
                "Move lunch with my friends to thursday",
                "calendar_change",
                r#"{"which":"lunch","new_day":"thu"}"#,
                true,
            ),
            (
                "remind me at 5 to leave",
                "reminder_create",
                r#"{"text":"leave","at":{"time":"17:00"}}"#,
                true,
            ),
            (
                "remind me in 20 minutes to leave",
                "reminder_create",
                r#"{"text":"leave","in":{"minutes":20}}"#,
                true,
            ),
            (
                "remind me at 5:30 to leave",
                "reminder_create",
                r#"{"text":"leave","at":{"time":"17:45"}}"#,
                false,
            ),
            (
                "remind me at 5 to leave",
                "reminder_create",
                r#"{"text":"leave all doors open","at":{"time":"17:00"}}"#,
                false,
            ),
            (
                "remind me at 5 to leave",
                "reminder_create",
                r#"{"text":"leave","at":{"time":"18:00"}}"#,
                false,
            ),
            (
                "at 5 please leave",
                "reminder_create",
                r#"{"text":"leave","at":{"time":"05:00"},"action":"prompt"}"#,
                false,
            ),
            (
                "the leaves at 5",
                "reminder_create",
                r#"{"text":"leave","at":{"time":"05:00"}}"#,
                false,
            ),
            (
                "pause the stretch one",
                "reminder_change",
                r#"{"which":"stretch","paused":true}"#,
                false,
            ),
            (
                "move the stretch one",
                "reminder_cancel",
                r#"{"which":"stretch"}"#,
                false,
            ),
            ("cancel all", "reminder_cancel", r#"{"which":"all"}"#, false),
            ("thanks", "reminder_create", "{}", false),
            ("thanks", "reminder_create", r#"{"text":""}"#, false),
            ("thanks", "calendar_create", "thanks", false),
        ] {
            assert_eq!(
                asks_for(tool, arguments, &heard(said, "")),
                is_theirs,
                "{said}: {tool} {arguments}"
            );
        }
    }

    #[test]
    fn a_whole_schedule_is_what_the_users_words_come_to() {
        let tomorrow = r#"{"text":"call Ann","schedule":{"kind":"once_local","at":"2026-11-21T09:00:00"}}"#;
        let later = r#"{"text":"call Ann","schedule":{"kind":"once_local","at":"2026-11-22T09:00:00"}}"#;
        let said = "remind me tomorrow at 9:00 to call Ann";
        assert!(asks_for("reminder_create", tomorrow, &heard(said, "")));
        assert!(!asks_for("reminder_create", later, &heard(said, "")));
        let daily = r#"{"text":"call Ann","schedule":{"kind":"daily","times":["09:00:00"]}}"#;
        assert!(!asks_for("reminder_create", daily, &heard(said, "")));
        let said = "remind me every day at 9:00 to call Ann";
        assert!(asks_for("reminder_create", daily, &heard(said, "")));
        let text = daily.replace("call Ann", "pay Eve");
        assert!(!asks_for("reminder_create", &text, &heard(said, "")));
        // Elapsed time, and a zone that was named.
        let timer = r#"{"text":"tea","schedule":{"kind":"once","at":"2026-11-20T11:13:00Z"}}"#;
        assert!(asks_for(
            "reminder_create",
            timer,
            &heard("remind me in 10 minutes: tea", "")
        ));
        assert!(!asks_for(
            "reminder_create",
            timer,
            &heard("remind me in 20 minutes: tea", "")
        ));
        let zoned =
            r#"{"text":"call Ann","schedule":{"kind":"daily","times":["09:00:00"]},"zone":"Asia/Tokyo"}"#;
        assert!(!asks_for("reminder_create", zoned, &heard(said, "")));
        let shift = r#"{"which":"tea","shift":{"seconds":3600}}"#;
        assert!(asks_for(
            "reminder_change",
            shift,
            &heard("move the tea by one hour", "")
        ));
        assert!(!asks_for(
            "reminder_change",
            shift,
            &heard("move the tea by two hours", "")
        ));
    }

    #[test]
    fn what_the_user_points_at_may_be_meant_and_nothing_else_is_taken_from_it() {
        let pill = "⏰ Take the pill at 9";
        let cancel = r#"{"which":"take the pill"}"#;
        assert!(asks_for(
            "reminder_cancel",
            cancel,
            &heard("cancel this one", pill)
        ));
        for (said, pointed_at, arguments) in [
            ("thanks", pill, cancel),
            ("cancel this one", "", cancel),
            ("cancel this one", "⏰ Take the pillow", cancel),
            ("cancel this one", "⏰ all", r#"{"which":"all"}"#),
            ("cancel this one", "⏰ 1", r#"{"which":"2"}"#),
        ] {
            assert!(
                !asks_for("reminder_cancel", arguments, &heard(said, pointed_at)),
                "{said} {pointed_at}"
            );
        }
        let moved = r#"{"which":"take the pill","at":{"time":"10:00"}}"#;
        assert!(asks_for("reminder_change", moved, &heard("move it to 10", pill)));
        assert!(!asks_for(
            "reminder_change",
            moved,
            &heard("move it", "⏰ Take the pill at 10")
        ));
        let text = r#"{"text":"take the pill","at":{"time":"10:00"}}"#;
        assert!(!asks_for("reminder_create", text, &heard("at 10:00", pill)));
    }
}
