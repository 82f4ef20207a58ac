//! Why something came to nothing, in the user's language: what tools say of it is English, for the model.

use texts::{Language, Text};

use crate::tools::ToolError;

/// Reasons that a person can meet, with the words of ours for each.
const KNOWN: [(&str, Text<'static>); 16] = [
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
    ("Google Calendar is not connected", Text::CalendarNotConnected),
    ("Google Calendar is not connected yet", Text::CalendarNotYet),
    ("Google Calendar must be connected again", Text::CalendarReconnect),
    (
        "Google Calendar is not set up here; the operator can do that",
        Text::CalendarNotSetUp,
    ),
    ("Google Calendar cannot be reached now", Text::CalendarIsAway),
    (
        "Google Calendar asks to wait before it is asked again",
        Text::CalendarWait,
    ),
    (
        "the link to connect a calendar is only for its owner: ask me for it in a private chat",
        Text::CalendarPrivate,
    ),
    (
        "several events fit, ask which one by its day or time",
        Text::SeveralEvents,
    ),
    ("that is too far ahead", Text::TooFarAhead),
];

/// The reason in the user's language where it is known, else as it is.
pub(crate) fn said(language: Language, error: &ToolError) -> String {
    in_language(language, &error.to_string())
}

/// What has changed since a question was asked.
pub(crate) fn of_change(language: Language, why: &'static str) -> String {
    match language {
        Language::English => why.to_owned(),
        _ => said(language, &ToolError::Changed(why)),
    }
}

/// The reason in the user's language where it is known, else as it is.
pub(crate) fn in_language(language: Language, why: &str) -> String {
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
