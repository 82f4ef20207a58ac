//! Why a press came to nothing, in the user's language: what tools say is English, for the model.

use texts::{Language, Text};

use crate::tools::ToolError;

/// Reasons that a press can meet, with the words of ours for each.
const KNOWN: [(&str, Text<'static>); 7] = [
    (
        "the reminder was changed or has fired since, so it is left as it is",
        Text::WhyReminderChanged,
    ),
    (
        "the event was changed since, so it is left as it is",
        Text::WhyEventChanged,
    ),
    (
        "another account was connected since, so it is left as it is",
        Text::WhyOtherAccount,
    ),
    ("the reminder has fired already", Text::WhyFired),
    (
        "Google Calendar is not set up here; whoever runs this assistant can do that",
        Text::WhyNoCalendar,
    ),
    (
        "this was offered by another version of me, please ask again",
        Text::WhyOtherVersion,
    ),
    ("there is no such thing any more", Text::WhyGone),
];

/// The reason in the user's language where it is known, else as it is.
pub(super) fn said(language: Language, error: &ToolError) -> String {
    in_language(language, &error.to_string())
}

/// What has changed since a question was asked.
pub(super) fn of_change(language: Language, why: &'static str) -> String {
    match language {
        Language::English => why.to_owned(),
        _ => said(language, &ToolError::Changed(why)),
    }
}

fn in_language(language: Language, why: &str) -> String {
    let known = KNOWN.iter().find(|(english, _)| *english == why);
    known.map_or_else(|| why.to_owned(), |(_, text)| language.say(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_is_what_tools_say() {
        for (english, text) in &KNOWN {
            assert_eq!(Language::English.say(text), *english);
            assert_ne!(in_language(Language::German, english), *english);
        }
    }
}
