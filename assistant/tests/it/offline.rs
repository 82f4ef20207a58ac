//! The offline model: sentences and what they lead to.

use assistant::model::{Message, Model, ModelAnswer, ToolCall, offline::Offline};
use proptest::prelude::*;
use serde_json::{Value, json};
use tokio::sync::watch;

mod dialogues;

use crate::support::{conversation, request};

async fn ask(messages: Vec<Message>) -> ModelAnswer {
    let (live, _) = watch::channel(String::new());
    Offline
        .answer(&request(messages), &live)
        .await
        .expect("the offline model always answers")
}

/// What a sentence leads to: `tool {arguments}`, or the text.
async fn outcome(texts: &[&str]) -> String {
    let answer = ask(conversation(texts)).await;
    match answer.tool_calls.as_slice() {
        [] => answer.text,
        [call] => {
            let arguments: Value = serde_json::from_str(&call.arguments).expect("arguments are JSON");
            format!("{} {arguments}", call.name)
        }
        several => several
            .iter()
            .map(|call| format!("{} {}", call.name, call.arguments))
            .collect::<Vec<_>>()
            .join(" + "),
    }
}

async fn check(rows: &[(&str, &str, Value)]) {
    let mut wrong = Vec::new();
    for (sentence, tool, arguments) in rows {
        let expected = format!("{tool} {arguments}");
        let got = outcome(&[sentence]).await;
        if got != expected {
            wrong.push(format!("{sentence:?}\n   gives {got}\n   not   {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn what_is_on_is_in_the_calendar_and_among_the_reminders() {
    for (said, day) in [
        ("what's on tomorrow?", r#"{"day":"tomorrow"}"#),
        ("What do I have on Friday?", r#"{"day":"fri"}"#),
        ("what's on?", "{}"),
        ("anything on Friday?", r#"{"day":"fri"}"#),
        ("what's happening tomorrow?", r#"{"day":"tomorrow"}"#),
        ("what are my plans for next week?", r#"{"day":"next week"}"#),
    ] {
        let both = format!("calendar_agenda {day} + reminder_list {{}}");
        assert_eq!(outcome(&[said]).await, both, "{said}");
    }
}

#[tokio::test]
async fn the_calendar_is_understood() {
    check(&[
        (
            "connect my calendar",
            "calendar_account",
            json!({ "do": "connect" }),
        ),
        (
            "please disconnect my calendar",
            "calendar_account",
            json!({ "do": "disconnect" }),
        ),
        (
            "is my calendar connected?",
            "calendar_account",
            json!({ "do": "status" }),
        ),
        (
            "show my calendar for next week",
            "calendar_agenda",
            json!({ "day": "next week" }),
        ),
        ("what's in my calendar", "calendar_agenda", json!({})),
        (
            "connect my google calender",
            "calendar_account",
            json!({ "do": "connect" }),
        ),
        (
            "move my 3 pm to Friday",
            "calendar_change",
            json!({ "which": "15:00", "new_day": "fri" }),
        ),
        (
            "move my dentist appointment to tomorrow at 9",
            "calendar_change",
            json!({ "which": "dentist", "new_day": "tomorrow", "new_time": "09:00" }),
        ),
        (
            "cancel my dentist appointment",
            "calendar_delete",
            json!({ "which": "dentist" }),
        ),
        ("cancel my 3 pm", "calendar_delete", json!({ "which": "15:00" })),
        (
            "when am I free tomorrow?",
            "calendar_free",
            json!({ "day": "tomorrow" }),
        ),
        (
            "find me an hour next week",
            "calendar_free",
            json!({ "minutes": 60, "day": "next week" }),
        ),
        // Reminders stay reminders.
        (
            "cancel the stretch one",
            "reminder_cancel",
            json!({ "which": "stretch" }),
        ),
        (
            "move the stretch one to 10",
            "reminder_change",
            json!({ "which": "stretch", "either": ["10:00", "22:00"] }),
        ),
    ])
    .await;
}

#[tokio::test]
async fn lists_cancellations_and_changes_are_understood() {
    let which = |which: &str| json!({ "which": which });
    check(&[
        ("list my reminders", "reminder_list", json!({})),
        ("show reminders", "reminder_list", json!({})),
        ("What reminders do I have?", "reminder_list", json!({})),
        ("my reminders", "reminder_list", json!({})),
        ("cancel the stretch one", "reminder_cancel", which("stretch")),
        (
            "Cancel the drink water reminder please",
            "reminder_cancel",
            which("drink water"),
        ),
        ("delete reminder 2", "reminder_cancel", which("2")),
        ("remove #3", "reminder_cancel", which("3")),
        ("cancel the second one", "reminder_cancel", which("2")),
        (
            "don't remind me to stretch any more",
            "reminder_cancel",
            which("stretch"),
        ),
        (
            "pause the stretch one",
            "reminder_change",
            json!({ "which": "stretch", "paused": true }),
        ),
        (
            "resume stretch",
            "reminder_change",
            json!({ "which": "stretch", "paused": false }),
        ),
        (
            "move the stretch one to 10",
            "reminder_change",
            json!({ "which": "stretch", "either": ["10:00", "22:00"] }),
        ),
        (
            "change the stretch reminder to 10:30",
            "reminder_change",
            json!({ "which": "stretch", "either": ["10:30", "22:30"] }),
        ),
        (
            "rename the stretch one to do Yoga",
            "reminder_change",
            json!({ "which": "stretch", "text": "do Yoga" }),
        ),
    ])
    .await;
}

#[tokio::test]
async fn questions_about_time_and_days_are_understood() {
    check(&[
        ("what time is it?", "time", json!({})),
        ("What's the time", "time", json!({})),
        ("what time is it in Tokyo?", "time", json!({ "place": "Tokyo" })),
        (
            "what is the time in New York right now?",
            "time",
            json!({ "place": "New York" }),
        ),
        ("time in Berlin", "time", json!({ "place": "Berlin" })),
        ("what day is it?", "time", json!({ "day": "today" })),
        ("what's the date today?", "time", json!({ "day": "today" })),
        ("what day is tomorrow?", "time", json!({ "day": "tomorrow" })),
        ("what day is 24 December?", "time", json!({ "day": "12-24" })),
        (
            "how many days until 24 december?",
            "time",
            json!({ "day": "12-24" }),
        ),
        (
            "what date is it in 10 days?",
            "time",
            json!({ "day": "today", "plus_days": 10 }),
        ),
    ])
    .await;
}

#[tokio::test]
async fn what_cannot_be_cancelled_is_asked_about() {
    assert!(outcome(&["cancel"]).await.starts_with("Which one?"));
    assert!(
        outcome(&["remind me at 9"])
            .await
            .starts_with("What shall I remind you of?")
    );
}

#[tokio::test]
async fn greetings_help_and_nonsense_say_what_it_can_do_and_what_it_is() {
    for sentence in [
        "hello",
        "Hi!",
        "/start",
        "help",
        "what can you do?",
        "",
        "   ",
        "🎉",
        "asdf qwer",
        "?!",
        "\0",
    ] {
        let answer = outcome(&[sentence]).await;
        assert!(
            answer.contains("remind me in 20 minutes"),
            "{sentence:?} gives {answer}"
        );
        assert!(
            answer.contains("offline model") && answer.contains("OPENAI_API_KEY"),
            "{sentence:?} gives {answer}"
        );
    }
    assert_eq!(outcome(&["thanks!"]).await, "You're welcome.");
    let long = outcome(&[&"word ".repeat(20_000)]).await;
    assert!(
        long.starts_with("That is long (100000 characters)") && long.len() < 600,
        "{long}"
    );
}

#[tokio::test]
async fn answers_are_composed_from_what_the_tools_returned() {
    let answered = async |tool: &str, result: Value| {
        let call = ToolCall {
            id: "c".to_owned(),
            name: tool.to_owned(),
            arguments: "{}".to_owned(),
        };
        let messages = vec![
            Message::User("…".to_owned()),
            Message::Assistant {
                text: String::new(),
                tool_calls: vec![call],
                provider: None,
            },
            Message::Tool {
                call_id: "c".to_owned(),
                content: result.to_string(),
            },
        ];
        ask(messages).await.text
    };
    assert_eq!(
        answered("time", json!({ "now": "Fri 20 Nov 2026, 20:03 Asia/Tokyo" })).await,
        "It is Fri 20 Nov 2026, 20:03 Asia/Tokyo."
    );
    assert_eq!(
        answered("reminder_list", json!({ "count": 2, "reminders": [
            { "id": "1a", "when": "every weekday at 09:00", "text": "do *it*", "next": "Mon 23 Nov 2026, 09:00 Europe/Berlin" },
            { "id": "2b", "when": "Tue 24 Nov 2026, 09:00 Europe/Berlin", "text": "pack" },
        ] })).await,
        "Your reminders:\n1. every weekday at 09:00 — do \\*it\\* (next: Mon 23 Nov 2026, 09:00 Europe/Berlin)\n2. Tue 24 Nov 2026, 09:00 Europe/Berlin — pack"
    );
    assert_eq!(
        answered("reminder_list", json!({ "count": 0, "reminders": [] })).await,
        "You have no reminders."
    );
    assert_eq!(
        answered("reminder_create", json!({ "stored": "…" })).await,
        "Done, I'll remind you."
    );
    assert_eq!(
        answered(
            "reminder_create",
            json!({ "error": "Fri 20 Nov 2026, 09:00 is in the past" })
        )
        .await,
        "Fri 20 Nov 2026, 09:00 is in the past."
    );
}

#[tokio::test]
async fn a_number_means_a_place_in_the_list_that_was_seen_last() {
    let listed = |ids: [&str; 2]| {
        let call = ToolCall {
            id: ids[0].to_owned(),
            name: "reminder_list".to_owned(),
            arguments: "{}".to_owned(),
        };
        let reminders = ids.map(|id| json!({ "id": id, "when": "…", "text": "…" }));
        [
            Message::User("list".to_owned()),
            Message::Assistant {
                text: String::new(),
                tool_calls: vec![call],
                provider: None,
            },
            Message::Tool {
                call_id: ids[0].to_owned(),
                content: json!({ "count": 2, "reminders": reminders }).to_string(),
            },
            Message::Assistant {
                text: "Your reminders: …".to_owned(),
                tool_calls: Vec::new(),
                provider: None,
            },
        ]
    };
    let cancel = async |number: &str| {
        let said = Message::User(format!("cancel reminder {number}"));
        let messages = listed(["aa", "bb"])
            .into_iter()
            .chain(listed(["bb", "cc"]))
            .chain([said]);
        ask(messages.collect()).await.tool_calls.remove(0).arguments
    };
    assert_eq!(cancel("2").await, r#"{"which":"cc"}"#);
    assert_eq!(cancel("7").await, r#"{"which":"7"}"#);
}

#[tokio::test]
async fn a_tool_that_is_switched_off_is_said_to_be() {
    let (live, _) = watch::channel(String::new());
    let mut request = request(conversation(&["list my reminders"]));
    request.tools = [].into();
    let answer = Offline.answer(&request, &live).await.expect("an answer");
    assert_eq!(answer.text, "Reminders are switched off for this assistant.");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn no_sentence_makes_it_fall_over(
        words in prop::collection::vec(
            prop_oneof![
                "[a-z]{1,8}",
                "\\PC{0,6}",
                prop::sample::select(vec![
                    "remind", "me", "to", "every", "other", "in", "at", "on", "the", "next", "5", "9am", "half", "past",
                    "and", "weekday", "monday", "24", "november", "of", "month", "last", "day", "cancel", "move", "all",
                    "what", "time", "is", "it", "-", "24.12.", "--", "99:99", "pm", "a", "an", "hour", "half", "from", "now",
                ]).prop_map(str::to_owned),
            ],
            0..24,
        ),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        let answer = runtime.block_on(ask(conversation(&[&words.join(" ")])));
        prop_assert!(!answer.text.is_empty() || !answer.tool_calls.is_empty());
    }
}
