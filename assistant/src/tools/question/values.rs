//! What stands behind a label of a question: texts, people, repetitions, in the user's language.

use calendar_client::{ReminderMethod, Reminders};
use messages::plain;
use texts::{Language, Text};

use super::{super::ToolError, LONGEST, LONGEST_OLD, MOST};

/// How an event repeats, in words; a rule that has none here is shown as it is.
pub(super) fn repeats(rules: &[String], language: Language) -> Result<String, ToolError> {
    let words: Vec<String> = rules
        .iter()
        .map(|rule| match rule.as_str() {
            "RRULE:FREQ=DAILY" => Ok(language.say(&Text::RepeatsDaily)),
            "RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR" => Ok(language.say(&Text::RepeatsWeekdays)),
            "RRULE:FREQ=WEEKLY" => Ok(language.say(&Text::RepeatsWeekly)),
            "RRULE:FREQ=MONTHLY" => Ok(language.say(&Text::RepeatsMonthly)),
            "RRULE:FREQ=YEARLY" => Ok(language.say(&Text::RepeatsYearly)),
            other => whole("the repetition", other),
        })
        .collect::<Result<_, _>>()?;
    Ok(words.join(", "))
}

pub(super) fn notifications(reminders: Option<&Reminders>, language: Language) -> String {
    match reminders {
        None | Some(Reminders::Default) => language.say(&Text::NotificationsUsual),
        Some(Reminders::Own { list }) if list.is_empty() => language.say(&Text::NotificationsNone),
        Some(Reminders::Own { list }) => {
            let minutes: Vec<String> = list
                .iter()
                .map(|reminder| {
                    let count = reminder.minutes.into();
                    language.say(&match reminder.method {
                        ReminderMethod::Popup => Text::NotifiedOnDevices { count },
                        ReminderMethod::Email => Text::NotifiedByMail { count },
                    })
                })
                .collect();
            minutes.join(", ")
        }
    }
}

/// Addresses, each of them.
pub(super) fn people(emails: &[String], language: Language) -> Result<String, ToolError> {
    if emails.len() > MOST {
        return Err(ToolError::Told(format!(
            "a question can name {MOST} guests at most: invite fewer at once"
        )));
    }
    let shown: Vec<String> = emails.iter().map(|email| address(email, language)).collect();
    Ok(shown.join(", "))
}

/// An address. Letters of other alphabets may look like those of a person the user knows.
fn address(email: &str, language: Language) -> String {
    let odd: String = email.chars().filter(|c| !c.is_ascii()).take(10).collect();
    let shown = plain::line(email, 320);
    if odd.is_empty() {
        shown
    } else {
        let letters = &plain::line(&odd, 10);
        format!("{shown} ({})", language.say(&Text::UnusualLetters { letters }))
    }
}

/// A text that is there already.
pub(super) fn old(text: &str) -> String {
    plain::quoted(text, LONGEST_OLD)
}

/// A text that a Yes would store, whole.
pub(super) fn whole(what: &str, text: &str) -> Result<String, ToolError> {
    if text.chars().count() > LONGEST {
        return Err(too_long(what));
    }
    // Stored would be what nobody was shown.
    if plain::clean(text) != text {
        return Err(ToolError::Told(format!(
            "{what} holds line breaks or characters that cannot be seen: leave them out"
        )));
    }
    Ok(plain::quoted(text, LONGEST))
}

pub(super) fn too_long(what: &str) -> ToolError {
    ToolError::Told(format!(
        "{what} is too long to be shown in a question (at most {LONGEST} characters for a text), and it must be asked \
         about: make it shorter"
    ))
}
