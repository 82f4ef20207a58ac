//! A question in each language, for a person to read.

use chrono::{DateTime, NaiveDate};
use messages::{Address, Channel};

use super::*;

fn reminder(text: &str) -> NewScheduledTask {
    NewScheduledTask {
        from_outside: true,
        action: TaskAction::Remind,
        text: text.to_owned(),
        schedule: Schedule::Once {
            at: DateTime::from_timestamp(1_795_420_800, 0).unwrap(),
        },
        time_zone: None,
        to: Address {
            channel: Channel::Telegram,
            chat: "42".to_owned(),
        },
        idempotency_key: None,
    }
}

fn event() -> NewEvent {
    let day = NaiveDate::from_ymd_opt(2026, 11, 24).unwrap();
    NewEvent {
        idempotency_key: "key".to_owned(),
        title: "Lunch".to_owned(),
        time: calendar_client::NewTime::AllDay {
            first: day,
            last: day,
        },
        location: None,
        description: None,
        attendees: vec!["ann@example.org".to_owned()],
        reminders: None,
        recurrence: vec!["RRULE:FREQ=WEEKLY".to_owned()],
    }
}

#[test]
fn a_question_is_asked_in_the_users_language() {
    let mut all = String::new();
    for language in Language::ALL {
        for deed in [
            Deed::SetReminder { new: reminder("tea") },
            Deed::CreateEvent {
                calendar: "primary".to_owned(),
                new: event(),
            },
            Deed::Disconnect { account: None },
        ] {
            all.push_str(&of(&deed, Tz::Europe__Berlin, language).unwrap());
            all.push_str("\n\n");
        }
    }
    insta::assert_snapshot!(all);
}
