//! Sentences about reminders: set, list, cancel, change, pause, resume.

use serde_json::{Map, Value, json};

use super::{
    super::Message,
    Plan, chat, clock,
    moments::{self, Moment},
    numbers,
    sentence::Sentence,
};

/// The questions that a next message may answer; [`follow_up`] knows them again by their beginnings.
const WHEN: &str = "When shall I remind you?";
const WHAT: &str = "What shall I remind you of?";
const WHAT_TIME: &str = "At what time?";
const CANCEL_ALL: &str = "Cancel all your reminders?";

/// Reads a sentence about reminders.
pub(super) fn plan(sentence: &Sentence) -> Option<Plan> {
    let sentence = sentence.bare();
    let words = sentence.plain();
    if is_list(&words) {
        return Some(call("reminder_list", json!({})));
    }
    match words.as_slice() {
        ["don't" | "dont", "remind", "me", rest @ ..] | ["stop", "reminding", "me", rest @ ..] => {
            return Some(cancel(rest));
        }
        ["do", "not", "remind", "me", rest @ ..] => return Some(cancel(rest)),
        [
            "cancel" | "delete" | "remove" | "drop" | "stop" | "forget",
            rest @ ..,
        ] => return Some(cancel(rest)),
        ["yes", "cancel", rest @ ..] => return Some(cancel_confirmed(rest)),
        ["pause" | "suspend", rest @ ..] => return Some(pause(rest, true)),
        ["resume" | "unpause" | "continue", rest @ ..] => return Some(pause(rest, false)),
        [
            "change" | "move" | "postpone" | "reschedule" | "shift" | "snooze" | "rename",
            rest @ ..,
        ] => {
            return Some(change(&sentence, rest, words[0] == "rename"));
        }
        _ => {}
    }
    remind(&sentence, &words)
}

/// Reads a message as the answer to a question of ours; `asked` is what had been asked for.
pub(super) fn follow_up(sentence: &Sentence, question: &str, asked: &str) -> Option<Plan> {
    let bare = sentence.bare();
    let words = bare.plain();
    if question.starts_with(CANCEL_ALL) {
        return match words.first() {
            Some(&("yes" | "yep" | "yeah" | "sure" | "do")) => {
                Some(call("reminder_cancel", json!({ "which": "all" })))
            }
            Some(&("no" | "nope" | "don't" | "stop")) => Some(Plan::Say("Nothing was cancelled.".to_owned())),
            _ => None,
        };
    }
    if question.starts_with(WHAT) {
        let is_another_request =
            chat::plan(sentence).is_some() || plan(sentence).is_some() || clock::plan(sentence).is_some();
        let text = sentence.written(0, sentence.len());
        return if is_another_request {
            None
        } else {
            plan(&Sentence::read(&format!("{asked} to {text}")))
        };
    }
    if question.starts_with(WHEN) || question.starts_with(WHAT_TIME) {
        let moment = moments::whole(&words)?;
        let time = if question.starts_with(WHAT_TIME) && moment.is_time_alone() {
            format!("at {}", moment.times().join(" and "))
        } else {
            words.join(" ")
        };
        return plan(&Sentence::read(&format!("{asked} {time}")));
    }
    None
}

/// "2" means the second of the list that the user saw last; what has no list before it is left to the tool.
pub(super) fn with_number_read(plan: Plan, messages: &[Message]) -> Plan {
    let Plan::Call { tool, mut arguments } = plan else {
        return plan;
    };
    let number = arguments["which"]
        .as_str()
        .and_then(|which| which.parse::<usize>().ok());
    let seen = messages.iter().rev().find_map(|message| match message {
        Message::Tool { content, .. } => {
            let result: Value = serde_json::from_str(content).ok()?;
            result["reminders"].is_array().then_some(result)
        }
        Message::User(_) | Message::Assistant { .. } => None,
    });
    if let (Some(number), Some(seen)) = (number, seen)
        && let Some(id) = number
            .checked_sub(1)
            .and_then(|place| seen["reminders"][place]["id"].as_str())
    {
        arguments["which"] = id.into();
    }
    Plan::Call { tool, arguments }
}

fn is_list(words: &[&str]) -> bool {
    let mentions = |names: &[&str]| words.iter().any(|word| names.contains(word));
    let is_about = mentions(&["reminders", "reminder", "tasks"]);
    match words {
        ["reminders"] | ["my", "reminders"] => true,
        ["list" | "show" | "see", ..] => is_about || words.len() == 1,
        ["what" | "which" | "do" | "are" | "how" | "give" | "tell", ..] => is_about,
        _ => false,
    }
}

fn call(tool: &'static str, arguments: Value) -> Plan {
    Plan::Call { tool, arguments }
}

/// "remind me … to …", with the time in front, behind, or before the whole.
fn remind(sentence: &Sentence, words: &[&str]) -> Option<Plan> {
    let (start, from) = words
        .iter()
        .enumerate()
        .find_map(|(start, _)| match words.get(start..)? {
            ["remind", "me", ..] => Some((start, start + 2)),
            ["wake", "me", "up", ..] => Some((start, start + 3)),
            [
                "set" | "create" | "add" | "make",
                "a" | "an",
                "reminder" | "alarm",
                ..,
            ] => Some((start, start + 3)),
            ["set" | "create" | "add", "reminder", ..] => Some((start, start + 2)),
            _ => None,
        })?;
    let before = match start {
        0 => None,
        // "every weekday at 9 remind me to stretch"
        _ => Some(moments::whole(&words[..start])?),
    };
    let rest = &words[from..];
    let (moment, text) = split(sentence, from, rest, before);
    let text = match words.get(start..from) {
        Some(["wake", ..]) if text.is_empty() => "wake up".to_owned(),
        Some([.., "alarm"]) if text.is_empty() => "alarm".to_owned(),
        _ => text,
    };
    if is_unread_time(&text) {
        let answer = "I can't read that time. Say it, for example, as “in 20 minutes”, “tomorrow at 9” or “every weekday at 9”.";
        return Some(Plan::Say(answer.to_owned()));
    }
    Some(match (text.is_empty(), moment) {
        (true, _) => Plan::Say(format!("{WHAT} For example: “remind me at 17:30 to call Anna”.")),
        (false, None) => Plan::Say(format!(
            "{WHEN} For example: “in 20 minutes”, “tomorrow at 9” or “every weekday at 9”."
        )),
        (false, Some(moment)) => match moment.arguments() {
            Some(mut arguments) => {
                arguments.insert("text".to_owned(), text.into());
                call("reminder_create", arguments.into())
            }
            None => Plan::Say(format!("{WHAT_TIME} For example: “at 9” or “at 17:30”.")),
        },
    })
}

/// Whether what is left as the text is the rest of a time that the rules do not know: better asked than set wrong.
fn is_unread_time(text: &str) -> bool {
    let text = text.to_lowercase();
    let first = text.split_whitespace().next().unwrap_or_default();
    let last = text.split_whitespace().last().unwrap_or_default();
    matches!(
        first,
        "between" | "from" | "until" | "till" | "except" | "starting" | "before" | "after" | "but"
    ) || matches!(
        last,
        "before" | "after" | "every" | "until" | "till" | "in" | "at" | "on"
    )
}

/// What is to be said and when, from the words behind "remind me".
fn split(
    sentence: &Sentence,
    from: usize,
    rest: &[&str],
    before: Option<Moment>,
) -> (Option<Moment>, String) {
    let written = |start: usize, end: usize| {
        let skipped = match rest.get(start) {
            Some(&("to" | "that" | "about" | "of" | "and")) => 1,
            _ => 0,
        };
        sentence.written(from + start + skipped, from + end)
    };
    let end = rest.len();
    if before.is_some() {
        return (before, written(0, end));
    }
    if let Some((moment, taken)) = moments::leading(rest) {
        if moment.arguments().is_none()
            && let Some((other, start)) = moments::trailing(&rest[taken..])
            && other.is_time_alone()
        {
            let text = written(taken, taken + start);
            return (Some(moment.with_times_of(&other)), text);
        }
        return (Some(moment), written(taken, end));
    }
    match moments::trailing(rest) {
        Some((moment, start)) => (Some(moment), written(0, start)),
        None => (None, written(0, end)),
    }
}

/// The words that tell which reminder is meant: a number in the list, or words of its text.
fn which(words: &[&str]) -> String {
    let mut words = words;
    while let [first, rest @ ..] = words
        && matches!(
            *first,
            "the"
                | "my"
                | "a"
                | "that"
                | "this"
                | "reminder"
                | "reminders"
                | "number"
                | "task"
                | "to"
                | "about"
                | "of"
                | "me"
                | "for"
        )
    {
        words = rest;
    }
    while let [rest @ .., last] = words
        && matches!(
            *last,
            "one" | "reminder" | "reminders" | "task" | "anymore" | "more" | "any"
        )
    {
        words = rest;
    }
    match words {
        [word] => {
            let place = numbers::ordinal(word).or_else(|| numbers::number(word.trim_start_matches('#')));
            place.map_or_else(|| (*word).to_owned(), |n| n.to_string())
        }
        _ => words.join(" "),
    }
}

const WHICH: &str = "Which one? Say a word of its text, or its number in “list my reminders”.";

fn is_all(words: &[&str]) -> bool {
    matches!(
        words,
        ["all" | "everything" | "them", ..] | ["every", "reminder", ..]
    )
}

fn cancel(words: &[&str]) -> Plan {
    if is_all(words) {
        return Plan::Say(format!("{CANCEL_ALL} Answer “yes” and I will."));
    }
    match which(words) {
        which if which.is_empty() || matches!(which.as_str(), "it" | "them") => Plan::Say(WHICH.to_owned()),
        which => call("reminder_cancel", json!({ "which": which })),
    }
}

fn cancel_confirmed(words: &[&str]) -> Plan {
    if is_all(words) {
        return call("reminder_cancel", json!({ "which": "all" }));
    }
    cancel(words)
}

fn pause(words: &[&str], paused: bool) -> Plan {
    match which(words) {
        which if which.is_empty() => Plan::Say(WHICH.to_owned()),
        which => call("reminder_change", json!({ "which": which, "paused": paused })),
    }
}

/// "move the stretch one to 10", "rename the stretch one to do yoga".
fn change(sentence: &Sentence, rest: &[&str], is_rename: bool) -> Plan {
    let front = sentence.len() - rest.len();
    if is_rename {
        let Some(to) = rest.iter().position(|word| matches!(*word, "to" | "as")) else {
            return Plan::Say("To what? For example: “rename the stretch one to do yoga”.".to_owned());
        };
        let text = sentence.written(front + to + 1, sentence.len());
        return call(
            "reminder_change",
            json!({ "which": which(&rest[..to]), "text": text }),
        );
    }
    // The last "to" (or "until") behind which a time stands, or a time at the end.
    let found = (0..rest.len())
        .rev()
        .filter(|place| matches!(rest[*place], "to" | "until" | "till" | "for"))
        .find_map(|place| {
            let behind = rest.get(place + 1..)?;
            // "snooze it for 10 minutes"
            let elapsed = || moments::whole(&[&["in"], behind].concat());
            let moment = moments::whole(behind).or_else(|| (rest[place] == "for").then(elapsed).flatten())?;
            Some((place, moment))
        })
        .or_else(|| moments::trailing(rest).map(|(moment, start)| (start, moment)));
    let Some((place, moment)) = found else {
        return Plan::Say(
            "To what time? For example: “move the stretch one to 10:30” or “… to tomorrow at 9”.".to_owned(),
        );
    };
    let which = which(&rest[..place]);
    if which.is_empty() {
        return Plan::Say(WHICH.to_owned());
    }
    let Some(mut arguments) = moment.arguments() else {
        return Plan::Say(
            "To what time of day? For example: “move the stretch one to friday at 9”.".to_owned(),
        );
    };
    let mut all = Map::from_iter([("which".to_owned(), Value::from(which))]);
    all.append(&mut arguments);
    call("reminder_change", all.into())
}
