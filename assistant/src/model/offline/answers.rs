//! Answers composed from what the tools returned.

use serde_json::Value;

use super::{Message, ToolCall, asks, reminders, weather};
pub(super) use crate::context::escaped;

/// What to say about the calls of a round.
pub(super) fn compose(results: &[(&ToolCall, &str)], messages: &[Message], time: &when::Context) -> String {
    if let [(call, result)] = results
        && call.name == "reminder_list"
        && let Some(Message::User(said)) = messages
            .iter()
            .rev()
            .find(|message| matches!(message, Message::User(_)))
        && let Ok(list) = serde_json::from_str(result)
        && let Some(answer) = reminders::of_list(&list, said, time)
    {
        return answer;
    }
    let mut answers: Vec<String> = results
        .iter()
        .map(|(call, result)| answer(call, result))
        .collect();
    // "Done." once, however many were done.
    answers.dedup();
    answers.join("\n\n")
}

fn answer(call: &ToolCall, result: &str) -> String {
    let result: Value = serde_json::from_str(result).unwrap_or_default();
    if result["places"].is_array() {
        return "Which one is it?".to_owned();
    }
    if result["waiting_for_user"].is_string() {
        return "I need your word for that.".to_owned();
    }
    if let Some(error) = result["error"].as_str() {
        if call.name.starts_with("reminder_") && error.starts_with("there is no reminder") {
            // The words alone do not tell an event from a reminder.
            let arguments: Value = serde_json::from_str(&call.arguments).unwrap_or_default();
            let which = arguments["which"].as_str().unwrap_or("…");
            return format!(
                "{}\n\nIf it is in your calendar, say “the {} event”.",
                sentence(error),
                escaped(which)
            );
        }
        return match agenda(&result) {
            list if list.is_empty() => sentence(error),
            list => format!("{}:\n{list}", sentence(error).trim_end_matches('.')),
        };
    }
    match call.name.as_str() {
        // The receipt below says what was stored.
        "reminder_create" => "Done, I'll remind you.".to_owned(),
        "reminder_change" => "Done, it is changed.".to_owned(),
        "reminder_cancel" => "Done.".to_owned(),
        "timezone_set" => "Done, that is your time zone now.".to_owned(),
        "reminder_list" => list(&result),
        "calendar_agenda" => agenda(&result),
        "calendar_free" => free(&result),
        "calendar_account" if result["status"].is_string() => {
            sentence(&escaped(result["status"].as_str().unwrap_or_default()))
        }
        "time" => time(&result),
        "weather" => weather::answer(&result),
        name if name.starts_with("ask_") => asks::answer(&result),
        _ => "Done.".to_owned(),
    }
}

fn list(result: &Value) -> String {
    let reminders = result["reminders"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default();
    if reminders.is_empty() {
        return "You have no reminders.".to_owned();
    }
    let mut lines = vec!["Your reminders:".to_owned()];
    for (number, reminder) in (1..).zip(reminders) {
        let text = |name: &str| reminder[name].as_str().unwrap_or_default();
        let mut line = format!("{number}. {} — {}", text("when"), escaped(text("text")));
        if reminder["paused"] == true {
            line.push_str(" (paused)");
        } else if !text("next").is_empty() {
            line.push_str(&format!(" (next: {})", text("next")));
        }
        lines.push(line);
    }
    let count = result["count"].as_u64().unwrap_or_default();
    let listed = u64::try_from(reminders.len()).unwrap_or_default();
    if count > listed {
        lines.push(format!("… and {} more.", count - listed));
    }
    lines.join("\n")
}

fn agenda(result: &Value) -> String {
    let text = result["from_outside"].as_str().unwrap_or_default();
    let lines: Vec<String> = text
        .lines()
        .map(|line| match line.strip_prefix("- ") {
            Some(entry) => format!("- {}", escaped(entry)),
            // Each day begins a list of its own.
            None => format!("\n{}\n", escaped(line)),
        })
        .collect();
    lines.join("\n").trim().to_owned()
}

fn free(result: &Value) -> String {
    let slots = result["free"].as_array().map(Vec::as_slice).unwrap_or_default();
    if slots.is_empty() {
        return "I found no free time then.".to_owned();
    }
    let lines = slots
        .iter()
        .filter_map(Value::as_str)
        .map(|slot| format!("\n- {slot}"));
    let zone = result["zone"].as_str().unwrap_or_default();
    format!("You are free ({zone}):\n{}", lines.collect::<String>())
}

fn time(result: &Value) -> String {
    let text = |name: &str| result[name].as_str().unwrap_or_default();
    if text("day").is_empty() {
        return format!("It is {}.", text("now"));
    }
    match result["days_from_today"].as_i64() {
        Some(0) => format!("Today is {}.", text("day")),
        Some(1) => format!("Tomorrow is {}.", text("day")),
        Some(-1) => format!("Yesterday was {}.", text("day")),
        Some(days) if days < 0 => format!("{} was {} days ago.", text("day"), days.unsigned_abs()),
        Some(days) => format!("{} is in {days} days.", text("day")),
        None => format!("{}.", text("day")),
    }
}

/// The tools say what is wrong in half sentences.
pub(super) fn sentence(error: &str) -> String {
    let mut characters = error.chars();
    let first: String = characters
        .next()
        .into_iter()
        .flat_map(char::to_uppercase)
        .collect();
    let end = if error.ends_with(['.', '!', '?']) || error.contains('\n') {
        ""
    } else {
        "."
    };
    format!("{first}{}{end}", characters.as_str())
}
