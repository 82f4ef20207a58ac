//! Sentences about the calendar: connect it, what is on, add, move, cancel, when am I free.

use serde_json::{Map, Value, json};

use super::{
    Plan,
    draft::Heard,
    moments::{self, Moment},
};

/// What the tools of this kind begin with.
pub(super) const PREFIX: &str = "calendar_";

/// Reads a sentence about the calendar.
pub(super) fn plan(heard: &Heard<'_>) -> Option<Plan> {
    let sentence = heard.sentence.bare();
    let words = sentence.plain();
    account(&words)
        .or_else(|| free(&words))
        .or_else(|| agenda(&words))
        .or_else(|| whats_on(heard))
        .or_else(|| delete(&words))
        .or_else(|| change(&words))
}

fn call(tool: &'static str, arguments: Value) -> Plan {
    Plan::Call { tool, arguments }
}

fn has(words: &[&str], name: &str) -> bool {
    words.contains(&name)
}

fn account(words: &[&str]) -> Option<Plan> {
    if !["calendar", "calendars", "calender"]
        .iter()
        .any(|name| has(words, name))
    {
        return None;
    }
    let what = match words {
        ["connect" | "link" | "reconnect", ..] => "connect",
        ["disconnect" | "unlink", ..] => "disconnect",
        ["is", .., "connected"] => "status",
        _ => return None,
    };
    Some(call("calendar_account", json!({ "do": what })))
}

/// Whether all that is on is asked about, and not the calendar alone.
pub(super) fn is_whats_on(words: &[&str]) -> bool {
    matches!(
        words,
        ["what's" | "whats", "on" | "happening" | "planned", ..]
            | ["what", "is", "on" | "happening" | "planned", ..]
            | ["anything", "on" | "planned", ..]
            | ["what's" | "whats", "my", "schedule", ..]
            | ["what", "are", "my", "plans", ..]
            | ["what", "do", "i", "have", ..]
            | ["do", "i", "have", "anything" | "something", ..]
    ) && !words
        .iter()
        .any(|word| matches!(*word, "calendar" | "calender" | "agenda"))
}

/// "what's on tomorrow": the calendar, and the reminders.
fn whats_on(heard: &Heard<'_>) -> Option<Plan> {
    let sentence = heard.sentence.bare();
    if !is_whats_on(&sentence.plain()) {
        return None;
    }
    let known = when::parse(heard.text, heard.time).understood;
    let mut arguments = Map::new();
    if let Some((first, last)) = known.days {
        arguments.insert("day".to_owned(), first.to_string().into());
        arguments.insert("days".to_owned(), ((last - first).num_days() + 1).into());
    } else if let Some(day) = known.day {
        arguments.insert("day".to_owned(), day.to_string().into());
    }
    Some(with_reminders(call("calendar_agenda", arguments.into())))
}

fn with_reminders(agenda: Plan) -> Plan {
    Plan::Together(vec![agenda, call("reminder_list", json!({}))])
}

/// "what's on tomorrow", "what do I have on friday", "show my calendar for next week".
fn agenda(words: &[&str]) -> Option<Plan> {
    let rest = match words {
        ["what's" | "whats", "on" | "up", "in", "my", "calendar", rest @ ..]
        | ["what", "is", "in" | "on", "my", "calendar", rest @ ..]
        | ["what's" | "whats", "in" | "on", "my", "calendar", rest @ ..]
        | ["what's" | "whats", "my", "agenda", rest @ ..]
        | [
            "show" | "list" | "read",
            "me",
            "my",
            "calendar" | "agenda",
            rest @ ..,
        ]
        | ["show" | "list" | "read", "my", "calendar" | "agenda", rest @ ..]
        | ["my" | "the", "agenda" | "calendar", rest @ ..]
        | ["agenda" | "calendar", rest @ ..] => rest,
        ["what's" | "whats", "on"] | ["what", "is", "on"] => &[],
        ["what's" | "whats", "on" | "happening" | "planned", rest @ ..]
        | ["what", "is", "on" | "happening" | "planned", rest @ ..]
        | ["anything", rest @ ..]
        | ["what's" | "whats", "my", "schedule", rest @ ..]
        | ["what", "are", "my", "plans", rest @ ..]
        | ["what", "do", "i", "have", rest @ ..]
        | [
            "do",
            "i",
            "have",
            "anything" | "something" | "meetings",
            rest @ ..,
        ] if day(rest).is_some() => rest,
        _ => return None,
    };
    let mut arguments = Map::new();
    if !rest.is_empty() {
        arguments.insert("day".to_owned(), day(rest)?.into());
    }
    let agenda = call("calendar_agenda", arguments.into());
    Some(if is_whats_on(words) {
        with_reminders(agenda)
    } else {
        agenda
    })
}

/// "when am I free tomorrow", "find me an hour next week".
fn free(words: &[&str]) -> Option<Plan> {
    let (minutes, rest) = match words {
        ["when", "am", "i", "free", rest @ ..] | ["am", "i", "free", rest @ ..] => (None, rest),
        ["find", "me", "an" | "one" | "1", "hour", rest @ ..] => (Some(60), rest),
        ["find", "me", "half", "an", "hour", rest @ ..] => (Some(30), rest),
        ["find", "me", n, "minutes" | "min", rest @ ..] => (Some(n.parse::<u32>().ok()?), rest),
        ["find", "me", n, "hours", rest @ ..] => (Some(n.parse::<u32>().ok()?.checked_mul(60)?), rest),
        _ => return None,
    };
    let mut arguments = Map::new();
    if let Some(minutes) = minutes {
        arguments.insert("minutes".to_owned(), minutes.into());
    }
    let (others, rest) = match rest {
        ["with", other, rest @ ..] => (Some(*other), rest),
        _ => (None, rest),
    };
    if !rest.is_empty() {
        arguments.insert("day".to_owned(), day(rest)?.into());
    }
    if let Some(other) = others {
        arguments.insert("with".to_owned(), json!([other]));
    }
    Some(call("calendar_free", arguments.into()))
}

/// "cancel my dentist appointment", "cancel my 3 pm".
fn delete(words: &[&str]) -> Option<Plan> {
    let ["cancel" | "delete" | "remove" | "drop", rest @ ..] = words else {
        return None;
    };
    let (which, on) = event(rest)?;
    Some(call("calendar_delete", with_day(which, on).into()))
}

/// "move my 3 pm to friday", "move the dentist appointment to tomorrow at 9".
fn change(words: &[&str]) -> Option<Plan> {
    let ["move" | "change" | "postpone" | "reschedule" | "shift", rest @ ..] = words else {
        return None;
    };
    let (place, moment) = (0..rest.len())
        .rev()
        .filter(|place| matches!(rest[*place], "to" | "until" | "till"))
        .find_map(|place| Some((place, moments::whole(&rest[place + 1..])?)))?;
    let (which, on) = event(&rest[..place])?;
    let mut arguments = with_day(which, on);
    if let Some(day) = moment.day() {
        arguments.insert("new_day".to_owned(), day.into());
    }
    if let Some(time) = moment.times().first() {
        arguments.insert("new_time".to_owned(), time.clone().into());
    }
    (arguments.contains_key("new_day") || arguments.contains_key("new_time"))
        .then(|| call("calendar_change", arguments.into()))
}

/// The event that words mean, and its day: those that name an appointment, or the time at which one begins.
fn event(words: &[&str]) -> Option<(String, Option<String>)> {
    let mut words = words;
    while let ["my" | "the" | "a" | "that", rest @ ..] = words {
        words = rest;
    }
    // "my 3 pm", "my 3 pm tomorrow", "the meeting on friday"
    let day_behind = |moment: &Moment| moment.day().map(str::to_owned);
    if let Some(moment) = moments::whole(words)
        && words
            .iter()
            .any(|word| word.ends_with("am") || word.ends_with("pm") || word.contains(':'))
        && let Some(time) = moment.times().first()
    {
        return Some((time.clone(), day_behind(&moment)));
    }
    let (name, on) = match moments::trailing(words) {
        Some((moment, start)) if start > 0 => (&words[..start], day_behind(&moment)),
        _ => (words, None),
    };
    let name = match name {
        [name @ .., "appointment" | "meeting" | "event"] if !name.is_empty() => name,
        ["appointment" | "meeting" | "event", "with", ..] => name,
        [name @ .., "in" | "from", "my", "calendar"] if !name.is_empty() => name,
        _ => return None,
    };
    Some((name.join(" "), on))
}

fn with_day(which: String, on: Option<String>) -> Map<String, Value> {
    let mut arguments = Map::from_iter([("which".to_owned(), Value::from(which))]);
    if let Some(on) = on {
        arguments.insert("on".to_owned(), on.into());
    }
    arguments
}

/// A day or a week at the end of a question.
fn day(words: &[&str]) -> Option<String> {
    let words = match words {
        ["on" | "for", rest @ ..] if !rest.is_empty() => rest,
        _ => words,
    };
    match words {
        ["this", "week"] => Some("this week".to_owned()),
        ["next", "week"] => Some("next week".to_owned()),
        ["this", "weekend"] | ["the", "weekend"] | ["at", "the", "weekend"] => Some("weekend".to_owned()),
        _ => moments::whole(words)?.day().map(str::to_owned),
    }
}
