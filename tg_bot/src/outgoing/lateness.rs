//! How late a reminder is, measured when it is delivered.

use chrono::{DateTime, TimeDelta, Utc};
use messages::{ReplyKind, ReplyV1};
use texts::{Language, Text, duration};

/// How late a reply is that is delivered at `now`, where that is worth a word: a reminder's more than a minute.
pub(super) fn of(reply: &ReplyV1, now: DateTime<Utc>) -> Option<TimeDelta> {
    let planned = reply
        .event_id
        .planned_for()
        .filter(|_| reply.kind == ReplyKind::Reminder)?;
    Some(now - planned).filter(|late| *late > TimeDelta::minutes(1))
}

/// The reply with a line that says so, in place of the one that the assistant wrote when it was late there already.
pub(super) fn told(reply: &ReplyV1, late: TimeDelta, language: Language) -> ReplyV1 {
    let line = |duration: &str| format!("\n{}", language.say(&Text::Late { duration }));
    let spoken = line(&duration(language, late));
    let mut text = reply.text.clone();
    // What stands before and behind the span itself, in this language.
    let around = line("\0");
    let known = around.split_once('\0').and_then(|(before, behind)| {
        let from = text.rfind(before)?;
        let rest = text.get(from + before.len()..)?;
        let end = rest
            .find(behind)
            .filter(|end| !rest.get(..*end).is_some_and(|span| span.contains('\n')))?;
        Some(from..from + before.len() + end + behind.len())
    });
    match known {
        Some(known) => text.replace_range(known, &spoken),
        None => {
            // Beside how many were missed, which stands last.
            let missed = text
                .rfind("\n(")
                .filter(|at| *at > 0 && text.ends_with(')') && reply.text.matches('\n').count() > 0);
            text.insert_str(missed.unwrap_or(text.len()), &spoken);
        }
    }
    ReplyV1 {
        text,
        ..reply.clone()
    }
}

#[cfg(test)]
mod tests {
    use messages::{Address, Channel, EventId};
    use uuid::Uuid;

    use super::*;

    fn reminder(kind: ReplyKind, text: &str) -> ReplyV1 {
        ReplyV1 {
            event_id: EventId::task(Uuid::from_u128(7), 1_795_176_000_000),
            user_id: Uuid::from_u128(1),
            to: Address {
                channel: Channel::Telegram,
                chat: "42".to_owned(),
            },
            kind,
            text: text.to_owned(),
            receipts: Vec::new(),
            buttons: Vec::new(),
            in_reply_to: None,
            toast: None,
        }
    }

    #[test]
    fn lateness_is_that_of_the_delivery() {
        let planned = DateTime::from_timestamp_millis(1_795_176_000_000).unwrap();
        for (text, late, expected) in [
            ("⏰ tea", 59, "⏰ tea"),
            ("⏰ tea", 120, "⏰ tea\n(late by 2 minutes)"),
            ("⏰ tea\n(late by 2 minutes)", 600, "⏰ tea\n(late by 10 minutes)"),
            (
                "⏰ tea\n(1 earlier one was missed while I was away)",
                120,
                "⏰ tea\n(late by 2 minutes)\n(1 earlier one was missed while I was away)",
            ),
            (
                "⏰ tea\n(late by 2 minutes)\n(1 earlier one was missed while I was away)",
                600,
                "⏰ tea\n(late by 10 minutes)\n(1 earlier one was missed while I was away)",
            ),
        ] {
            let reply = reminder(ReplyKind::Reminder, text);
            let said = |language| match of(&reply, planned + TimeDelta::seconds(late)) {
                Some(late) => told(&reply, late, language).text,
                None => reply.text.clone(),
            };
            assert_eq!(said(Language::English), expected);
        }
        let reply = reminder(ReplyKind::Reminder, "⏰ Tee\n(2 Minuten zu spät)");
        let late = told(&reply, TimeDelta::minutes(10), Language::German);
        assert_eq!(late.text, "⏰ Tee\n(10 Minuten zu spät)");
        let answer = reminder(ReplyKind::Answer, "done");
        assert_eq!(of(&answer, planned + TimeDelta::hours(1)), None);
    }
}
