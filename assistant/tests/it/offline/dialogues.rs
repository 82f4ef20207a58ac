//! Conversations with the offline model, as they read: `dialogues.txt`.
//!
//! `>` is what the user says, `<` what is answered, `=` what is done, `[…]` the buttons below a question. All take place
//! on Friday, 20 November 2026, at 12:03 in Berlin, and in English, where no line such as
//! `# locale=de zone=Europe/Vienna now=2026-03-28T20:00:00Z` above says otherwise.

use assistant::model::{Message, Model, ModelRequest, offline::Offline};
use chrono_tz::Tz;
use schedule::Schedule;
use serde_json::Value;
use tokio::sync::watch;

use crate::support::request;

/// A call as the file writes it.
fn shown(name: &str, arguments: &Value, zone: Tz) -> String {
    let schedule = || -> Option<String> {
        let schedule: Schedule = serde_json::from_value(arguments.get("schedule")?.clone()).ok()?;
        assert_eq!(schedule.validate(), Ok(()), "{arguments}");
        Some(schedule.describe(zone))
    };
    let own_zone = arguments["zone"]
        .as_str()
        .map(|zone| format!(" [{zone}]"))
        .unwrap_or_default();
    match (name, schedule()) {
        ("reminder_create", Some(when)) => {
            format!(
                "set “{}” {when}{own_zone}",
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
async fn played(said: &[&str], time: &when::Context) -> String {
    let mut messages = Vec::new();
    let mut lines = String::new();
    for text in said {
        messages.push(Message::User((*text).to_owned()));
        lines.push_str(&format!("> {text}\n"));
        let (live, _) = watch::channel(String::new());
        let request = ModelRequest {
            time: time.clone(),
            now: time.now,
            ..request(messages.clone())
        };
        let answer = Offline
            .answer(&request, &live)
            .await
            .expect("the offline model always answers");
        for call in &answer.tool_calls {
            let arguments: Value = serde_json::from_str(&call.arguments).expect("arguments are JSON");
            lines.push_str(&format!("= {}\n", shown(&call.name, &arguments, time.zone)));
        }
        if !answer.tool_calls.is_empty() {
            let done = answer.tool_calls.iter().map(|call| Message::Tool {
                call_id: call.id.clone(),
                content: "{}".to_owned(),
            });
            let done: Vec<Message> = done.collect();
            messages.push(Message::Assistant {
                text: String::new(),
                tool_calls: answer.tool_calls.clone(),
                provider: None,
            });
            messages.extend(done);
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
        if !answer.choices.is_empty() {
            lines.push_str(&format!("[{}]\n", answer.choices.join("] [")));
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

/// What a line of settings says; what it does not say is as above.
fn context(line: &str) -> when::Context {
    let field = |name: &str, usual: &str| {
        line.split_whitespace()
            .find_map(|field| field.strip_prefix(name)?.strip_prefix('='))
            .unwrap_or(usual)
            .to_owned()
    };
    assistant::tools::when::context(
        field("now", "2026-11-20T11:03:00Z").parse().expect("an instant"),
        field("zone", "Europe/Berlin").parse().expect("a zone"),
        &field("locale", "en"),
    )
}

#[tokio::test]
async fn conversations_go_as_they_are_written() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/offline/dialogues.txt");
    let wanted = std::fs::read_to_string(file).expect("the conversations");
    let mut wrong = String::new();
    let mut count = 0;
    let mut time = context("");
    for block in wanted.split("\n\n").map(str::trim) {
        for line in block.lines().filter(|line| line.contains("locale=")) {
            time = context(line);
        }
        let lines: Vec<&str> = block.lines().filter(|line| !line.starts_with('#')).collect();
        if lines.is_empty() {
            continue;
        }
        count += 1;
        let said: Vec<&str> = lines.iter().filter_map(|line| line.strip_prefix("> ")).collect();
        let got = played(&said, &time).await;
        if got.trim() != lines.join("\n") {
            wrong.push_str(&format!("{}\n-- but goes:\n{got}\n", lines.join("\n")));
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
    assert!(count >= 200, "{count} conversations");
}
