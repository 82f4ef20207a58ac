//! Sentences about reminders: set, list, find, cancel, change, pause, resume.
//!
//! What is set or moved goes through a [`Draft`]: whatever a sentence leaves open is asked, one question at a time, and
//! nothing is set from a part of what was said.

use chrono::NaiveDate;
use schedule::Language;
use serde_json::{Value, json};

use super::{
    super::Message,
    Plan, Question, begin,
    draft::{Heard, Step, yes_or_no},
    numbers,
    sentence::Sentence,
};
use crate::tools::when::asked;

/// The question before several reminders are cancelled.
fn cancel_these(count: usize, lines: &str, language: Language) -> Question {
    let text = match (count, language) {
        (1, Language::English) => format!("Cancel this reminder?\n{lines}\n\nAnswer “yes” and I will."),
        (n, Language::English) => format!("Cancel these {n} reminders?\n{lines}\n\nAnswer “yes” and I will."),
        (1, Language::German) => {
            format!("Diese Erinnerung löschen?\n{lines}\n\nSag „ja“, dann mache ich es.")
        }
        (n, Language::German) => {
            format!("Diese {n} Erinnerungen löschen?\n{lines}\n\nSag „ja“, dann mache ich es.")
        }
        (1, Language::Spanish) => format!("¿Cancelo este recordatorio?\n{lines}\n\nDi “sí” y lo hago."),
        (n, Language::Spanish) => format!("¿Cancelo estos {n} recordatorios?\n{lines}\n\nDi “sí” y lo hago."),
        (1, Language::Russian) => format!("Отменить это напоминание?\n{lines}\n\nОтветьте «да», и я отменю."),
        (n, Language::Russian) => {
            format!("Отменить эти напоминания ({n})?\n{lines}\n\nОтветьте «да», и я отменю.")
        }
    };
    Question {
        text,
        choices: yes_or_no(language),
    }
}

/// What the question before several reminders are cancelled begins with.
fn asks_to_cancel(question: &str) -> bool {
    ["Cancel th", "Diese ", "¿Cancelo est", "Отменить эт"]
        .iter()
        .any(|beginning| question.starts_with(beginning))
}

/// Reads a sentence about reminders; `None` when it is about something else.
pub(super) fn plan(heard: &Heard<'_>) -> Option<Step> {
    let language = heard.language();
    let sentence = heard.sentence.bare();
    let words = sentence.plain();
    if is_list(&words) {
        return Some(call("reminder_list", json!({})).into());
    }
    match words.as_slice() {
        ["when" | "when's", rest @ ..] if is_find(rest, heard) => {
            return Some(call("reminder_list", json!({})).into());
        }
        ["don't" | "dont", "remind", "me", rest @ ..] | ["stop", "reminding", "me", rest @ ..] => {
            return Some(cancel(rest, language).into());
        }
        ["do", "not", "remind", "me", rest @ ..] => return Some(cancel(rest, language).into()),
        [
            "cancel" | "delete" | "remove" | "drop" | "stop" | "forget" | "clear",
            rest @ ..,
        ] => return Some(cancel(rest, language).into()),
        ["pause" | "suspend", rest @ ..] => return Some(pause(rest, true, language).into()),
        ["resume" | "unpause" | "continue" | "restart", rest @ ..] => {
            return Some(pause(rest, false, language).into());
        }
        ["undo" | "revert", ..] | ["take", "that" | "it", "back"] | ["put", "it", "back"] => {
            return Some(call("undo", json!({})).into());
        }
        ["skip", rest @ ..] => return Some(skip(rest, language).into()),
        ["rename", rest @ ..] => return Some(rename(&sentence, rest).into()),
        _ => {}
    }
    begin::begin(heard)
}

/// Reads a message as the answer to a question about cancelling; `asked` is what had been asked for.
pub(super) fn follow_up(
    heard: &Heard<'_>,
    question: &str,
    asked: &str,
    messages: &[Message],
) -> Option<Plan> {
    if !asks_to_cancel(question) {
        return None;
    }
    let bare = heard.sentence.bare();
    match bare.plain().first() {
        Some(&("yes" | "yep" | "yeah" | "sure" | "do" | "ok" | "okay" | "y")) => {
            let list = last_list(messages)?;
            let ids = ids_of(&chosen(&list, asked, heard.time));
            Some(Plan::Together(
                ids.into_iter()
                    .map(|id| call("reminder_cancel", json!({ "which": id })))
                    .collect(),
            ))
        }
        Some(&("no" | "nope" | "don't" | "stop" | "never" | "n" | "keep")) => {
            let text = heard.language().pick([
                "Nothing was cancelled.",
                "Es wurde nichts gelöscht.",
                "No se ha cancelado nada.",
                "Ничего не отменено.",
            ]);
            Some(Plan::Say(text.to_owned()))
        }
        _ => None,
    }
}

/// What is said of a list that was read for `asked`, where that was no wish to see all of them.
pub(super) fn of_list(list: &Value, asked: &str, time: &when::Context) -> Option<Question> {
    let language = asked::language(time);
    let sentence = Sentence::read(asked).bare();
    let words = sentence.plain();
    if let [
        "cancel" | "delete" | "remove" | "drop" | "clear" | "stop" | "forget",
        rest @ ..,
    ] = words.as_slice()
        && is_all(rest)
    {
        let chosen = chosen(list, asked, time);
        let lines = lines(&chosen);
        return Some(match chosen.len() {
            0 => Question::open(language.pick([
                "There is nothing to cancel.",
                "Es gibt nichts zu löschen.",
                "No hay nada que cancelar.",
                "Отменять нечего.",
            ])),
            n => cancel_these(n, &lines, language),
        });
    }
    if let ["when" | "when's", rest @ ..] = words.as_slice() {
        let about = about(rest);
        let found: Vec<&Value> = items(list)
            .iter()
            .filter(|item| shares_words(item, &about))
            .collect();
        return Some(if found.is_empty() {
            let about = super::answers::escaped(&about.join(" "));
            Question::open(language.pick([
                format!("I have no reminder about “{about}”."),
                format!("Ich habe keine Erinnerung an „{about}“."),
                format!("No tengo ningún recordatorio sobre “{about}”."),
                format!("Нет напоминания про «{about}»."),
            ]))
        } else {
            Question::open(lines(&found))
        });
    }
    None
}

/// The reminders of a list that "all", "all for tomorrow" means.
fn chosen<'l>(list: &'l Value, asked: &str, time: &when::Context) -> Vec<&'l Value> {
    let known = when::parse(asked, time).understood;
    let days = known
        .day
        .map(|day| (day, day))
        .or(known.days)
        .map(|(first, last)| {
            let all = first.iter_days().take_while(|day| *day <= last).take(62);
            all.map(|day| asked::language(time).date(day)).collect::<Vec<_>>()
        });
    items(list)
        .iter()
        .filter(|item| {
            let text = |name: &str| item[name].as_str().unwrap_or_default();
            let is_on = |day: &String| text("next").starts_with(day) || text("when").starts_with(day);
            days.as_ref().is_none_or(|days| days.iter().any(is_on))
        })
        .collect()
}

/// The lines of the reminders that come on some days. What repeats is there when its next time is.
pub(super) fn of_days(list: &Value, first: NaiveDate, last: NaiveDate, language: Language) -> String {
    let days: Vec<String> = first
        .iter_days()
        .take_while(|day| *day <= last)
        .take(62)
        .map(|day| language.date(day))
        .collect();
    let on_these = items(list).iter().filter(|item| {
        let coming = item["coming"].as_array().map(Vec::as_slice).unwrap_or_default();
        let shown = |value: &Value| {
            value
                .as_str()
                .is_some_and(|text| days.iter().any(|day| text.starts_with(day.as_str())))
        };
        shown(&item["when"]) || shown(&item["next"]) || coming.iter().any(shown)
    });
    lines(&on_these.collect::<Vec<_>>())
}

fn items(list: &Value) -> &[Value] {
    list["reminders"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default()
}

fn ids_of(items: &[&Value]) -> Vec<String> {
    items
        .iter()
        .filter_map(|item| Some(item["id"].as_str()?.to_owned()))
        .collect()
}

fn lines(items: &[&Value]) -> String {
    let lines = items.iter().map(|item| {
        let text = |name: &str| item[name].as_str().unwrap_or_default();
        let next = match text("next") {
            "" => String::new(),
            next => format!(" (next: {next})"),
        };
        format!(
            "- {}: {}{next}",
            text("when"),
            super::answers::escaped(text("text"))
        )
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// The list that was read last.
fn last_list(messages: &[Message]) -> Option<Value> {
    messages.iter().rev().find_map(|message| match message {
        Message::Tool { content, .. } => {
            let result: Value = serde_json::from_str(content).ok()?;
            result["reminders"].is_array().then_some(result)
        }
        Message::User(_) | Message::Assistant { .. } => None,
    })
}

/// "2" means the second of the list that the user saw last; what has no list before it is left to the tool.
pub(super) fn with_number_read(plan: Plan, messages: &[Message]) -> Plan {
    match plan {
        Plan::Call { tool, mut arguments } => {
            let number = arguments["which"]
                .as_str()
                .and_then(|which| which.parse::<usize>().ok());
            if let Some(place) = number.and_then(|number| number.checked_sub(1))
                && let Some(id) = last_list(messages).and_then(|seen| {
                    let id = seen["reminders"].get(place)?["id"].as_str()?;
                    Some(id.to_owned())
                })
            {
                arguments["which"] = id.into();
            }
            Plan::Call { tool, arguments }
        }
        Plan::Together(plans) => Plan::Together(
            plans
                .into_iter()
                .map(|plan| with_number_read(plan, messages))
                .collect(),
        ),
        Plan::Say(_) | Plan::SayWithFooter(_) | Plan::Ask { .. } | Plan::Question(_) => plan,
    }
}

fn is_list(words: &[&str]) -> bool {
    let mentions = |names: &[&str]| words.iter().any(|word| names.contains(word));
    let is_about = mentions(&["reminders", "reminder", "tasks", "alarms", "timers"]);
    match words {
        ["reminders" | "alarms"] | ["my", "reminders" | "alarms"] => true,
        ["list" | "show" | "see", ..] => is_about || words.len() == 1,
        ["what" | "which" | "do" | "are" | "how" | "give" | "tell", ..] => is_about,
        _ => false,
    }
}

/// "when is the dentist": about a reminder, unless a day or a place is asked for.
fn is_find(rest: &[&str], heard: &Heard<'_>) -> bool {
    let about = match rest {
        ["is" | "are" | "do" | "does" | "'s", about @ ..] => about,
        about => about,
    };
    let is_mine = matches!(about, ["the" | "my", ..] | ["i", ..] | [.., "reminder"]);
    let is_free = about
        .iter()
        .any(|word| matches!(*word, "free" | "time" | "day" | "date"));
    is_mine && !is_free && when::parse(heard.text, heard.time).is_nothing()
}

/// The words that say which one is looked for.
fn about(rest: &[&str]) -> Vec<String> {
    let empty = [
        "is", "are", "the", "my", "a", "an", "i", "do", "does", "have", "to", "reminder", "next", "due",
        "again", "it", "must", "should", "need", "with", "for", "of", "will", "you", "remind", "me", "about",
        "supposed",
    ];
    rest.iter()
        .filter(|word| !word.is_empty() && !empty.contains(*word))
        .map(|word| (*word).to_owned())
        .collect()
}

fn shares_words(item: &Value, about: &[String]) -> bool {
    let text = Sentence::read(item["text"].as_str().unwrap_or_default());
    let words = text.plain();
    !about.is_empty() && about.iter().all(|word| words.contains(&word.as_str()))
}

fn call(tool: &'static str, arguments: Value) -> Plan {
    Plan::Call { tool, arguments }
}

/// The words that tell which reminder is meant: a number in the list, "last", or words of its text.
pub(super) fn which(words: &[&str]) -> String {
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
                | "alarm"
                | "der"
                | "die"
                | "das"
                | "den"
                | "el"
                | "la"
                | "los"
        )
        && (!rest.is_empty() || !matches!(*first, "that" | "this"))
    {
        words = rest;
    }
    while let [rest @ .., last] = words
        && matches!(
            *last,
            "one" | "reminder" | "reminders" | "task" | "anymore" | "more" | "any" | "again" | "alarm"
        )
        && !rest.is_empty()
    {
        words = rest;
    }
    match words {
        ["it" | "that" | "this" | "last" | "latest" | "newest"] => "last".to_owned(),
        [word] => {
            let place = numbers::ordinal(word).or_else(|| numbers::number(word.trim_start_matches('#')));
            place.map_or_else(|| (*word).to_owned(), |n| n.to_string())
        }
        _ => words.join(" "),
    }
}

/// Nothing says which reminder is meant.
pub(super) fn which_one(language: Language) -> &'static str {
    language.pick([
        "Which one? Say a word of its text, or its number in “list my reminders”.",
        "Welche? Sag ein Wort aus ihrem Text oder ihre Nummer in „meine Erinnerungen“.",
        "¿Cuál? Di una palabra de su texto o su número en “mis recordatorios”.",
        "Какое? Назовите слово из текста или номер в списке «мои напоминания».",
    ])
}

fn is_all(words: &[&str]) -> bool {
    matches!(
        words,
        ["all" | "everything" | "them", ..] | ["every", "reminder", ..] | ["my" | "the", "reminders", ..]
    )
}

/// "1 and 2", "1, 2 and 4": places in the list.
fn places(words: &[&str]) -> Option<Vec<String>> {
    let numbers: Option<Vec<String>> = words
        .iter()
        .filter(|word| {
            !matches!(
                **word,
                "and" | "," | "number" | "numbers" | "reminder" | "reminders" | ""
            )
        })
        .map(|word| numbers::digits(word.trim_start_matches('#')).map(|n| n.to_string()))
        .collect();
    numbers.filter(|numbers| numbers.len() > 1)
}

fn cancel(words: &[&str], language: Language) -> Plan {
    if is_all(words) {
        // The list says what exactly would go; then it is asked.
        return call("reminder_list", json!({}));
    }
    if let Some(places) = places(words) {
        return Plan::Together(
            places
                .into_iter()
                .map(|place| call("reminder_cancel", json!({ "which": place })))
                .collect(),
        );
    }
    match which(words) {
        which if which.is_empty() || which == "them" => Plan::Say(which_one(language).to_owned()),
        which => call("reminder_cancel", json!({ "which": which })),
    }
}

fn pause(words: &[&str], paused: bool, language: Language) -> Plan {
    match which(words) {
        which if which.is_empty() => Plan::Say(which_one(language).to_owned()),
        which => call("reminder_change", json!({ "which": which, "paused": paused })),
    }
}

/// "skip the next stretch", "skip tomorrow's pill".
fn skip(words: &[&str], language: Language) -> Plan {
    let mut named = words;
    while let [
        "the" | "my" | "next" | "one" | "time" | "of" | "tomorrow's" | "today's" | "nächste" | "nächsten"
        | "próximo" | "próxima" | "el" | "la" | "die" | "den" | "das" | "следующее" | "следующую"
        | "следующий",
        rest @ ..,
    ] = named
    {
        named = rest;
    }
    let which = match which(named) {
        // "skip the next one": of the one that was spoken of last.
        which if which.is_empty() => "last".to_owned(),
        which => which,
    };
    if words.is_empty() {
        return Plan::Say(which_one(language).to_owned());
    }
    call("reminder_change", json!({ "which": which, "skip_next": true }))
}

/// "rename the stretch one to do yoga".
fn rename(sentence: &Sentence, rest: &[&str]) -> Plan {
    let front = sentence.len() - rest.len();
    let Some(to) = rest.iter().position(|word| matches!(*word, "to" | "as")) else {
        return Plan::Say("To what? For example: “rename the stretch one to do yoga”.".to_owned());
    };
    let text = sentence.written(front + to + 1, sentence.len());
    call(
        "reminder_change",
        json!({ "which": which(&rest[..to]), "text": text }),
    )
}
