//! How late a reminder is, measured when it is delivered.

use std::borrow::Cow;

use chrono::{DateTime, TimeDelta, Utc};
use messages::{ReplyKind, ReplyV1};

/// What begins the line that says how late; the assistant writes such a line too, when it is late there already.
const LINE: &str = "\n(late by ";

/// The reply as it is delivered at `now`: a reminder that comes more than a minute after its time says so.
pub(super) fn told(reply: &ReplyV1, now: DateTime<Utc>) -> Cow<'_, ReplyV1> {
    let Some(planned) = reply
        .event_id
        .planned_for()
        .filter(|_| reply.kind == ReplyKind::Reminder)
    else {
        return Cow::Borrowed(reply);
    };
    let late = now - planned;
    if late <= TimeDelta::minutes(1) {
        return Cow::Borrowed(reply);
    }
    let mut text = reply.text.clone();
    let line = format!("{LINE}{})", schedule::format_late(late));
    let known = text.rfind(LINE).and_then(|from| {
        let length = text.get(from..)?.find(')')?;
        Some(from..from + length + 1)
    });
    match known {
        Some(known) => text.replace_range(known, &line),
        // Beside how many were missed, which stands last.
        None => {
            let missed = text
                .rfind("\n(")
                .filter(|at| text.ends_with("while I was away)") && *at > 0);
            text.insert_str(missed.unwrap_or(text.len()), &line);
        }
    }
    Cow::Owned(ReplyV1 {
        text,
        ..reply.clone()
    })
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
            assert_eq!(told(&reply, planned + TimeDelta::seconds(late)).text, expected);
        }
        let answer = reminder(ReplyKind::Answer, "done");
        assert_eq!(told(&answer, planned + TimeDelta::hours(1)).text, "done");
    }
}
