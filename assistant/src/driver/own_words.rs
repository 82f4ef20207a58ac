//! Whether a tool call asks for nothing but what the user has just said. Pure.
//!
//! After others were quoted in a conversation, the model may want what they wished for. A call whose every value stands
//! in the user's own message is not theirs: it needs no question, and its change has an undo. Everything else is asked
//! about. What is called off, paused or made an instruction is always asked about: no value says that it was meant.

use serde_json::Value;

/// The tools whose values say all that they do.
const SAYING_ALL: [&str; 5] = [
    "reminder_create",
    "reminder_change",
    "calendar_create",
    "calendar_change",
    "remember",
];

/// Whether each value of the call stands in what the user said. Times are compared by their numbers: "at 5" is 17:00,
/// too, and the receipt shows which.
pub(super) fn asks_for(tool: &str, arguments: &str, said: &str) -> bool {
    if !SAYING_ALL.contains(&tool) {
        return false;
    }
    let Ok(Value::Object(arguments)) = serde_json::from_str(arguments) else {
        return false;
    };
    let said = Said::of(said);
    !arguments.is_empty() && arguments.values().all(|value| said.holds(value))
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

    fn holds_text(&self, text: &str) -> bool {
        if let Some((hour, minute)) = clock(text) {
            let half = if hour % 12 == 0 { 12 } else { hour % 12 };
            let is_hour = self.numbers.contains(&hour) || self.numbers.contains(&half);
            return is_hour && (minute == 0 || self.numbers.contains(&minute));
        }
        let words = comparable(text);
        // "fri" is what models write for "Friday".
        let is_day = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"].contains(&words.trim());
        let wanted = if is_day { words.trim_end() } else { &words };
        !words.trim().is_empty() && self.words.contains(wanted)
    }
}

/// `HH:MM`.
fn clock(text: &str) -> Option<(u64, u64)> {
    let (hour, minute) = text.trim().split_once(':')?;
    Some((hour.parse().ok()?, minute.parse().ok()?)).filter(|(hour, minute)| *hour < 24 && *minute < 60)
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
                asks_for(tool, arguments, said),
                is_theirs,
                "{said}: {tool} {arguments}"
            );
        }
    }
}
