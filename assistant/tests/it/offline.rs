//! The offline model: sentences and what they lead to.

use assistant::model::{Message, Model, ModelAnswer, ToolCall, offline::Offline};
use proptest::prelude::*;
use serde_json::{Value, json};
use tokio::sync::watch;

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
        several => panic!("one call at a time, not {several:?}"),
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

fn at(text: &str, time: &str) -> Value {
    json!({ "text": text, "at": { "time": time } })
}

fn on(text: &str, day: &str, time: &str) -> Value {
    json!({ "text": text, "at": { "day": day, "time": time } })
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
            "what's on tomorrow?",
            "calendar_agenda",
            json!({ "day": "tomorrow" }),
        ),
        (
            "What do I have on Friday?",
            "calendar_agenda",
            json!({ "day": "fri" }),
        ),
        (
            "show my calendar for next week",
            "calendar_agenda",
            json!({ "day": "next week" }),
        ),
        ("what's in my calendar", "calendar_agenda", json!({})),
        ("what's on?", "calendar_agenda", json!({})),
        ("anything on Friday?", "calendar_agenda", json!({ "day": "fri" })),
        (
            "what's happening tomorrow?",
            "calendar_agenda",
            json!({ "day": "tomorrow" }),
        ),
        (
            "what are my plans for next week?",
            "calendar_agenda",
            json!({ "day": "next week" }),
        ),
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
            "add lunch with Ann tomorrow at 12",
            "calendar_create",
            json!({ "title": "lunch with Ann", "day": "tomorrow", "time": "12:00" }),
        ),
        (
            "put dentist in my calendar on friday at 3 pm",
            "calendar_create",
            json!({ "title": "dentist", "day": "fri", "time": "15:00" }),
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
            json!({ "which": "stretch", "at": { "time": "10:00" } }),
        ),
    ])
    .await;
}

#[tokio::test]
async fn reminders_in_elapsed_time_are_understood() {
    let within = |text: &str, amount: Value| json!({ "text": text, "in": amount });
    check(&[
        (
            "remind me in 5 seconds to drink water",
            "reminder_create",
            within("drink water", json!({ "seconds": 5 })),
        ),
        (
            "remind me to drink water in 5 seconds",
            "reminder_create",
            within("drink water", json!({ "seconds": 5 })),
        ),
        (
            "Remind me in 90 minutes to call Anna Müller.",
            "reminder_create",
            within("call Anna Müller", json!({ "minutes": 90 })),
        ),
        (
            "please remind me to check the oven in 20 min",
            "reminder_create",
            within("check the oven", json!({ "minutes": 20 })),
        ),
        (
            "can you remind me in two hours to leave?",
            "reminder_create",
            within("leave?", json!({ "hours": 2 })),
        ),
        (
            "remind me in 2h to leave",
            "reminder_create",
            within("leave", json!({ "hours": 2 })),
        ),
        (
            "remind me in an hour and a half to leave",
            "reminder_create",
            within("leave", json!({ "minutes": 90 })),
        ),
        (
            "remind me in half an hour about the laundry",
            "reminder_create",
            within("the laundry", json!({ "minutes": 30 })),
        ),
        (
            "remind me in 1 hour and 15 minutes to leave",
            "reminder_create",
            within("leave", json!({ "hours": 1, "minutes": 15 })),
        ),
        (
            "in 10 minutes remind me to turn off the stove",
            "reminder_create",
            within("turn off the stove", json!({ "minutes": 10 })),
        ),
        (
            "remind me to stretch 10 minutes from now",
            "reminder_create",
            within("stretch", json!({ "minutes": 10 })),
        ),
        (
            "remind me in 2 weeks to renew the passport",
            "reminder_create",
            within("renew the passport", json!({ "days": 14 })),
        ),
        (
            "set a reminder in 3 days to pay rent",
            "reminder_create",
            within("pay rent", json!({ "days": 3 })),
        ),
        (
            "remind me to buy 2 tickets in 5 minutes",
            "reminder_create",
            within("buy 2 tickets", json!({ "minutes": 5 })),
        ),
    ])
    .await;
}

#[tokio::test]
async fn reminders_at_local_times_are_understood() {
    check(&[
        (
            "remind me at 9 to stretch",
            "reminder_create",
            at("stretch", "09:00"),
        ),
        (
            "remind me at 17:30 to stretch",
            "reminder_create",
            at("stretch", "17:30"),
        ),
        (
            "remind me at 5pm to call mom",
            "reminder_create",
            at("call mom", "17:00"),
        ),
        (
            "remind me at 5 pm to call mom",
            "reminder_create",
            at("call mom", "17:00"),
        ),
        (
            "remind me at 9 in the evening to read",
            "reminder_create",
            at("read", "21:00"),
        ),
        ("remind me at noon to eat", "reminder_create", at("eat", "12:00")),
        ("wake me up at 7", "reminder_create", at("wake up", "07:00")),
        (
            "remind me tomorrow at 9am to call the dentist",
            "reminder_create",
            on("call the dentist", "tomorrow", "09:00"),
        ),
        (
            "remind me to call the dentist tomorrow at 9am",
            "reminder_create",
            on("call the dentist", "tomorrow", "09:00"),
        ),
        (
            "remind me tomorrow to call the dentist at 9am",
            "reminder_create",
            on("call the dentist", "tomorrow", "09:00"),
        ),
        (
            "remind me on Friday at noon to eat fish",
            "reminder_create",
            on("eat fish", "fri", "12:00"),
        ),
        (
            "remind me on 24 November at 9:00 to pack",
            "reminder_create",
            on("pack", "11-24", "09:00"),
        ),
        (
            "remind me on November 24th at 9:00 to pack",
            "reminder_create",
            on("pack", "11-24", "09:00"),
        ),
        (
            "remind me on the 24th of november 2027 at 9 to pack",
            "reminder_create",
            on("pack", "2027-11-24", "09:00"),
        ),
        (
            "remind me on 2026-12-24 at 18:00 to light the candles",
            "reminder_create",
            on("light the candles", "2026-12-24", "18:00"),
        ),
        (
            "remind me on 24.12.2026 at 18.00 to light the candles",
            "reminder_create",
            on("light the candles", "2026-12-24", "18:00"),
        ),
        (
            "remind me tonight to take the bins out",
            "reminder_create",
            on("take the bins out", "today", "20:00"),
        ),
        (
            "remind me tomorrow morning to water the plants",
            "reminder_create",
            on("water the plants", "tomorrow", "09:00"),
        ),
        (
            "remind me yesterday at 9 to call",
            "reminder_create",
            on("call", "yesterday", "09:00"),
        ),
    ])
    .await;
}

#[tokio::test]
async fn recurring_reminders_are_understood() {
    let every = |text: &str, rule: Value| json!({ "text": text, "repeat": rule });
    let weekdays = json!(["mon", "tue", "wed", "thu", "fri"]);
    check(&[
        (
            "remind me every weekday at 9 to stretch",
            "reminder_create",
            every(
                "stretch",
                json!({ "unit": "weeks", "weekdays": weekdays, "times": ["09:00"] }),
            ),
        ),
        (
            "remind me to stretch every weekday at 9",
            "reminder_create",
            every(
                "stretch",
                json!({ "unit": "weeks", "weekdays": weekdays, "times": ["09:00"] }),
            ),
        ),
        (
            "every weekday at 9 remind me to stretch",
            "reminder_create",
            every(
                "stretch",
                json!({ "unit": "weeks", "weekdays": weekdays, "times": ["09:00"] }),
            ),
        ),
        (
            "remind me at 9 every weekday to stretch",
            "reminder_create",
            every(
                "stretch",
                json!({ "unit": "weeks", "weekdays": weekdays, "times": ["09:00"] }),
            ),
        ),
        (
            "remind me every day at 8:30 and 20:00 to take the pill",
            "reminder_create",
            every(
                "take the pill",
                json!({ "unit": "days", "times": ["08:30", "20:00"] }),
            ),
        ),
        (
            "remind me to take out the trash every tuesday evening at 7",
            "reminder_create",
            every(
                "take out the trash",
                json!({ "unit": "weeks", "weekdays": ["tue"], "times": ["19:00"] }),
            ),
        ),
        (
            "remind me every monday at 9 and 17 to check",
            "reminder_create",
            every(
                "check",
                json!({ "unit": "weeks", "weekdays": ["mon"], "times": ["09:00", "17:00"] }),
            ),
        ),
        (
            "remind me daily at 7 to run",
            "reminder_create",
            every("run", json!({ "unit": "days", "times": ["07:00"] })),
        ),
        (
            "remind me every morning to journal",
            "reminder_create",
            every("journal", json!({ "unit": "days", "times": ["09:00"] })),
        ),
        (
            "remind me every Monday at 10 to plan the week",
            "reminder_create",
            every(
                "plan the week",
                json!({ "unit": "weeks", "weekdays": ["mon"], "times": ["10:00"] }),
            ),
        ),
        (
            "remind me every monday and thursday at 18:00 to train",
            "reminder_create",
            every(
                "train",
                json!({ "unit": "weeks", "weekdays": ["mon", "thu"], "times": ["18:00"] }),
            ),
        ),
        (
            "remind me every 6 hours to drink",
            "reminder_create",
            every("drink", json!({ "unit": "hours", "every": 6 })),
        ),
        (
            "remind me every hour to blink",
            "reminder_create",
            every("blink", json!({ "unit": "hours" })),
        ),
        (
            "remind me every 3 days at 9 to water the cactus",
            "reminder_create",
            every(
                "water the cactus",
                json!({ "unit": "days", "every": 3, "times": ["09:00"] }),
            ),
        ),
        (
            "remind me every other week on friday at 9 to pay",
            "reminder_create",
            every(
                "pay",
                json!({ "unit": "weeks", "every": 2, "weekdays": ["fri"], "times": ["09:00"] }),
            ),
        ),
        (
            "remind me every month on the 1st at 9 to pay rent",
            "reminder_create",
            every(
                "pay rent",
                json!({ "unit": "months", "month_days": [1], "times": ["09:00"] }),
            ),
        ),
        (
            "remind me every month on the last day at 18:00 to do the books",
            "reminder_create",
            every(
                "do the books",
                json!({ "unit": "months", "month_days": [31], "times": ["18:00"] }),
            ),
        ),
        (
            "remind me every year on 24 december at 18:00 to call home",
            "reminder_create",
            every(
                "call home",
                json!({ "unit": "years", "month": 12, "month_days": [24], "times": ["18:00"] }),
            ),
        ),
    ])
    .await;
}

#[tokio::test]
async fn lists_cancellations_and_changes_are_understood() {
    let which = |which: &str| json!({ "which": which });
    let moved = |which: &str, at: Value| json!({ "which": which, "at": at });
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
        ("yes, cancel all", "reminder_cancel", which("all")),
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
            moved("stretch", json!({ "time": "10:00" })),
        ),
        (
            "change the stretch reminder to 10:30",
            "reminder_change",
            moved("stretch", json!({ "time": "10:30" })),
        ),
        (
            "postpone reminder 2 to friday at 9",
            "reminder_change",
            moved("2", json!({ "day": "fri", "time": "09:00" })),
        ),
        (
            "postpone the dentist to tomorrow at noon",
            "reminder_change",
            moved("dentist", json!({ "day": "tomorrow", "time": "12:00" })),
        ),
        (
            "snooze the tea one for 10 minutes",
            "reminder_change",
            json!({ "which": "tea", "in": { "minutes": 10 } }),
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
async fn what_is_missing_is_asked_back_and_the_answer_is_understood() {
    let question = outcome(&["remind me to stretch"]).await;
    assert!(question.starts_with("When shall I remind you?"), "{question}");
    assert_eq!(
        outcome(&["remind me to stretch", &question, "in 5 minutes"]).await,
        r#"reminder_create {"in":{"minutes":5},"text":"stretch"}"#
    );
    let question = outcome(&["remind me tomorrow to stretch"]).await;
    assert!(question.starts_with("At what time?"), "{question}");
    assert_eq!(
        outcome(&["remind me tomorrow to stretch", &question, "9"]).await,
        r#"reminder_create {"at":{"day":"tomorrow","time":"09:00"},"text":"stretch"}"#
    );
    let question = outcome(&["remind me in 1 minute"]).await;
    assert!(question.starts_with("What shall I remind you of?"), "{question}");
    assert_eq!(
        outcome(&["remind me in 1 minute", &question, "the tea"]).await,
        r#"reminder_create {"in":{"minutes":1},"text":"the tea"}"#
    );
    assert_eq!(
        outcome(&["remind me in 1 minute", &question, "list my reminders"]).await,
        "reminder_list {}"
    );
    let question = outcome(&["cancel all my reminders"]).await;
    assert!(question.starts_with("Cancel all your reminders?"), "{question}");
    assert_eq!(
        outcome(&["cancel all my reminders", &question, "yes"]).await,
        r#"reminder_cancel {"which":"all"}"#
    );
    assert_eq!(
        outcome(&["cancel all my reminders", &question, "no"]).await,
        "Nothing was cancelled."
    );
    assert!(
        outcome(&["remind me at 9"])
            .await
            .starts_with("What shall I remind you of?")
    );
    assert!(outcome(&["cancel"]).await.starts_with("Which one?"));
}

#[tokio::test]
async fn a_time_that_is_half_understood_is_asked_back_and_not_set_wrong() {
    for sentence in [
        "remind me every 2 hours between 9 and 5 to drink",
        "remind me 5 minutes before noon",
        "remind me at 9 until friday",
    ] {
        let answer = outcome(&[sentence]).await;
        assert!(
            answer.starts_with("I can't read that time."),
            "{sentence:?} gives {answer}"
        );
    }
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
            },
            Message::Tool {
                call_id: ids[0].to_owned(),
                content: json!({ "count": 2, "reminders": reminders }).to_string(),
            },
            Message::Assistant {
                text: "Your reminders: …".to_owned(),
                tool_calls: Vec::new(),
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
