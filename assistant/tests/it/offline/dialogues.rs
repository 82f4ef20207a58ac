//! Conversations with the offline model, as they read: `dialogues.txt`.
//!
//! `>` is what the user says, `<` what is answered, `=` what is done. All take place on Friday, 20 November 2026, at
//! 12:03 in Berlin.

use assistant::model::{Message, Model, offline::Offline};
use schedule::Schedule;
use serde_json::Value;
use tokio::sync::watch;

use crate::support::request;

/// A call as the file writes it.
fn shown(name: &str, arguments: &Value) -> String {
    let schedule = || -> Option<String> {
        let schedule: Schedule = serde_json::from_value(arguments.get("schedule")?.clone()).ok()?;
        assert_eq!(schedule.validate(), Ok(()), "{arguments}");
        Some(schedule.describe(chrono_tz::Europe::Berlin))
    };
    let zone = arguments["zone"]
        .as_str()
        .map(|zone| format!(" [{zone}]"))
        .unwrap_or_default();
    match (name, schedule()) {
        ("reminder_create", Some(when)) => {
            format!(
                "set “{}” {when}{zone}",
                arguments["text"].as_str().unwrap_or_default()
            )
        }
        ("reminder_change", Some(when)) => {
            format!(
                "move “{}” to {when}",
                arguments["which"].as_str().unwrap_or_default()
            )
        }
        _ => format!("{name} {arguments}"),
    }
}

/// The conversation as it really goes, with the same things said.
async fn played(said: &[&str]) -> String {
    let mut messages = Vec::new();
    let mut lines = String::new();
    for text in said {
        messages.push(Message::User((*text).to_owned()));
        lines.push_str(&format!("> {text}\n"));
        let (live, _) = watch::channel(String::new());
        let answer = Offline
            .answer(&request(messages.clone()), &live)
            .await
            .expect("the offline model always answers");
        for call in &answer.tool_calls {
            let arguments: Value = serde_json::from_str(&call.arguments).expect("arguments are JSON");
            lines.push_str(&format!("= {}\n", shown(&call.name, &arguments)));
        }
        // The first paragraph: examples and the footer are tested elsewhere.
        let first = answer
            .text
            .split("\n\n")
            .next()
            .unwrap_or_default()
            .replace('\n', " / ");
        if !first.is_empty() {
            lines.push_str(&format!("< {first}\n"));
        }
        let text = if answer.text.is_empty() {
            "Done.".to_owned()
        } else {
            answer.text
        };
        messages.push(Message::said(text));
    }
    lines
}

#[tokio::test]
async fn conversations_go_as_they_are_written() {
    let wanted = include_str!("dialogues.txt");
    let mut wrong = String::new();
    let mut count = 0;
    for block in wanted.split("\n\n").map(str::trim) {
        let lines: Vec<&str> = block.lines().filter(|line| !line.starts_with('#')).collect();
        if lines.is_empty() {
            continue;
        }
        count += 1;
        let said: Vec<&str> = lines.iter().filter_map(|line| line.strip_prefix("> ")).collect();
        let got = played(&said).await;
        if got.trim() != lines.join("\n") {
            wrong.push_str(&format!("{}\n-- but goes:\n{got}\n", lines.join("\n")));
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
    assert!(count >= 60, "{count} conversations");
}
