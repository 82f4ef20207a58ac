//! The offline model: rules instead of a language model, so that the product runs with no key at all.
//!
//! It reads plain English sentences about the built-in tools, calls the same tools as any model, and answers
//! from their results. To teach it a sentence: a line in the tables of the module that knows the subject, and a
//! row in `tests/it/offline.rs`.

use async_trait::async_trait;
use tokio::sync::watch;

use super::{Message, Model, ModelAnswer, ModelError, ModelRequest, ToolCall, ToolSpec};
use crate::{
    context::{UNSEEN, is_for_sub},
    tools::when::asked,
};

mod about;
mod answers;
mod asks;
mod begin;
mod calendar;
mod chat;
mod clock;
mod draft;
mod events;
mod memory;
mod moments;
mod moving;
mod numbers;
mod reminders;
mod sentence;
mod timezone;
mod tongue;
mod typos;
mod weather;

use draft::{Heard, Step};
use sentence::Sentence;

/// The offline model.
#[derive(Clone, Copy, Debug, Default)]
pub struct Offline;

/// What to do about a sentence.
#[derive(Clone, Debug, PartialEq)]
enum Plan {
    /// Answer at once.
    Say(String),
    /// Ask at once, with likely answers.
    Question(Question),
    /// Answer at once, and say what is answering.
    SayWithFooter(String),
    /// Call a tool and answer from its result.
    Call {
        tool: &'static str,
        arguments: serde_json::Value,
    },
    /// Hand it to a sub-assistant.
    Ask {
        tool: String,
        arguments: serde_json::Value,
    },
    /// All of these, side by side.
    Together(Vec<Plan>),
}

/// A question, and likely answers to it.
#[derive(Clone, Debug, Default, PartialEq)]
struct Question {
    text: String,
    choices: Vec<String>,
}

impl Question {
    /// One that has no likely answers.
    fn open(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            choices: Vec::new(),
        }
    }
}

/// How the model says what it is.
const FOOTER: &str =
    "— offline model: it knows a few plain sentences. Set OPENAI_API_KEY to connect a real one.";

/// Longer texts are nothing that the rules could read, in characters.
const LONGEST: usize = 4000;

#[async_trait]
impl Model for Offline {
    fn name(&self) -> &str {
        "offline"
    }

    fn is_language_model(&self) -> bool {
        false
    }

    async fn answer(
        &self,
        request: &ModelRequest,
        _live: &watch::Sender<String>,
    ) -> Result<ModelAnswer, ModelError> {
        let request = &in_english(request);
        Ok(match finished_calls(&request.messages) {
            Some(results) => asking(answers::compose(&results, &request.messages, &request.time)),
            None => {
                let plan = understand(request);
                act(reminders::with_number_read(plan, &request.messages), request)
            }
        })
    }
}

/// The request with the user's commands in English, see [`tongue`].
fn in_english(request: &ModelRequest) -> ModelRequest {
    let mut request = request.clone();
    for message in &mut request.messages {
        if let Message::User(said) = message {
            // What came with it is for models that can speak of it.
            if said.contains(UNSEEN) {
                let own: Vec<&str> = said.lines().filter(|line| !line.starts_with(UNSEEN)).collect();
                *said = own.join("\n").trim_end().to_owned();
            }
            *said = tongue::in_english(said, &request.time);
        }
    }
    request
}

fn act(plan: Plan, request: &ModelRequest) -> ModelAnswer {
    match plan {
        // The asking assistant's user knows what answers, and reads no examples.
        Plan::SayWithFooter(_) if is_for_sub(&request.instructions) => {
            text(asks::cannot(last_said(&request.messages), &request.tools))
        }
        Plan::Say(answer) => text(answer),
        Plan::Question(question) => asking(question),
        Plan::SayWithFooter(answer) => text(format!("{answer}\n\n{FOOTER}")),
        Plan::Call { tool, .. } if !request.tools.iter().any(|known| known.name == tool) => {
            let what = match tool {
                "time" | "timezone_set" => "The clock is",
                "weather" => "The weather is",
                "remember" | "memories" | "forget" => "Memory is",
                name if name.starts_with(calendar::PREFIX) => "The calendar is",
                _ => "Reminders are",
            };
            text(format!("{what} switched off for this assistant."))
        }
        Plan::Call { tool, arguments } => call(tool.to_owned(), &arguments),
        Plan::Ask { tool, arguments } => call(tool, &arguments),
        Plan::Together(plans) => {
            let mut answer = ModelAnswer::default();
            // What is on without a calendar is what reminders say.
            let is_known = |plan: &Plan| match plan {
                Plan::Call { tool, .. } => request.tools.iter().any(|known| known.name == *tool),
                _ => true,
            };
            let is_any_known = plans.iter().any(is_known);
            let plans = plans.into_iter().filter(|plan| !is_any_known || is_known(plan));
            for part in plans.map(|plan| act(plan, request)) {
                answer.text.push_str(&part.text);
                answer.tool_calls.extend(part.tool_calls);
            }
            for (n, call) in (1..).zip(&mut answer.tool_calls) {
                call.id = format!("offline{n:02}");
            }
            answer
        }
    }
}

fn call(tool: String, arguments: &serde_json::Value) -> ModelAnswer {
    ModelAnswer {
        tool_calls: vec![ToolCall {
            id: "offline01".to_owned(),
            name: tool,
            arguments: arguments.to_string(),
        }],
        ..ModelAnswer::default()
    }
}

fn last_said(messages: &[Message]) -> &str {
    match messages.last() {
        Some(Message::User(text)) => text,
        _ => "",
    }
}

fn asking(question: Question) -> ModelAnswer {
    ModelAnswer {
        text: question.text,
        choices: question.choices,
        ..ModelAnswer::default()
    }
}

fn text(text: String) -> ModelAnswer {
    ModelAnswer {
        text,
        ..ModelAnswer::default()
    }
}

/// The calls of the last round with their results, when the tools have just answered.
fn finished_calls(messages: &[Message]) -> Option<Vec<(&ToolCall, &str)>> {
    let begun = messages
        .iter()
        .rposition(|message| !matches!(message, Message::Tool { .. }))?;
    let Message::Assistant { tool_calls, .. } = messages.get(begun)? else {
        return None;
    };
    let results: Vec<_> = messages[begun + 1..]
        .iter()
        .filter_map(|message| match message {
            Message::Tool { call_id, content } => {
                let call = tool_calls.iter().find(|call| call.id == *call_id)?;
                Some((call, content.as_str()))
            }
            Message::User(_) | Message::Assistant { .. } => None,
        })
        .collect();
    (!results.is_empty()).then_some(results)
}

fn understand(request: &ModelRequest) -> Plan {
    let (messages, tools) = (&request.messages, &request.tools);
    let spoken = spoken(messages);
    let mut before = spoken.iter().rev().copied();
    let said = match before.next() {
        Some((true, text)) => text,
        _ => "",
    };
    if said.chars().nth(LONGEST).is_some() {
        return chat::too_long(said.chars().count(), asked::language(&request.time));
    }
    let said = match about::read(said) {
        about::Meant::Words(words) => words,
        about::Meant::Plan(plan) => return plan,
    };
    let sentence = Sentence::read(&said);
    let heard = Heard {
        text: &said,
        sentence: &sentence,
        time: &request.time,
        now: request.now,
        is_about_reminders: is_about_reminders(messages),
    };
    // The question that this may answer, and what was asked before it.
    let question = before
        .next()
        .filter(|(is_user, _)| !is_user)
        .map(|(_, text)| text);
    let asked = before
        .next()
        .filter(|(is_user, _)| *is_user)
        .map(|(_, text)| text);
    if let (Some(question), Some(asked)) = (question, asked)
        && let Some(plan) = reminders::follow_up(&heard, question, asked, messages)
            .or_else(|| weather::follow_up(&sentence, question, asked, messages, heard.language().into()))
    {
        return plan;
    }
    let is_new = |heard: &Heard<'_>| is_request(heard, messages, tools);
    let answered = draft::replay(&exchanges(messages), &heard, |heard| {
        begin::begin_event(heard)
            .or_else(|| reminders::plan(heard))
            .or_else(|| begin::offer(heard))
    });
    if let Some(step) = answered.filter(|_| !is_new(&heard)) {
        return step.into_plan();
    }
    let earlier = spoken.iter().rev().skip(1).filter(|(is_user, _)| *is_user);
    together(&sentence, messages, tools, heard.language().into())
        .or_else(|| moving::same_length(&heard, earlier.map(|(_, said)| *said)))
        .or_else(|| asks::plan(&sentence, tools))
        .or_else(|| chat::plan(&sentence, heard.language()))
        .or_else(|| timezone::plan(&sentence))
        .or_else(|| memory::plan(&heard))
        .or_else(|| calendar::plan(&heard))
        .or_else(|| begin::begin_event(&heard).map(Step::into_plan))
        .or_else(|| reminders::plan(&heard).map(Step::into_plan))
        .or_else(|| weather::plan(&sentence, messages, heard.language().into()))
        .or_else(|| clock::plan(&sentence))
        .or_else(|| begin::offer(&heard).map(Step::into_plan))
        .unwrap_or_else(|| chat::unknown(&sentence, heard.language()))
}

/// In how many exchanges a reminder counts as spoken of.
const JUST_NOW: usize = 3;

/// Whether reminders were spoken of in the last exchanges, or one came by itself.
fn is_about_reminders(messages: &[Message]) -> bool {
    let is_said = |message: &Message| matches!(message, Message::User(_));
    let begun = messages
        .iter()
        .enumerate()
        .rev()
        .filter(|(_, message)| is_said(message));
    let from = begun.map(|(at, _)| at).nth(JUST_NOW).unwrap_or(0);
    let recent = messages.get(from..).unwrap_or_default();
    let is_call = |message: &Message| match message {
        Message::Assistant { tool_calls, .. } => tool_calls
            .iter()
            .any(|call| call.name.starts_with("reminder_") || call.name == "undo"),
        Message::User(_) | Message::Tool { .. } => false,
    };
    let is_word =
        |message: &Message| matches!(message, Message::Assistant { tool_calls, .. } if tool_calls.is_empty());
    recent.iter().any(is_call)
        || recent.first().is_some_and(is_word)
        || recent.windows(2).any(|two| two.iter().all(is_word))
}

/// Whether a message asks for something by itself, and so answers no question.
fn is_request(heard: &Heard<'_>, messages: &[Message], tools: &[ToolSpec]) -> bool {
    let words = heard.sentence.bare();
    let words = words.plain();
    // "no", "yes" and "cancel" alone answer.
    words.len() > 1
        && (begin::is_set(heard)
            || asks::plan(heard.sentence, tools).is_some()
            || weather::plan(heard.sentence, messages, heard.language().into())
                .is_some_and(|plan| !matches!(plan, Plan::Say(_)))
            || matches!(
                words.first(),
                Some(&("remind" | "list" | "show" | "what" | "what's" | "set" | "help"))
            ))
}

/// How far back the beginning of a draft may lie, in exchanges.
const LONGEST_DIALOGUE: usize = 8;

/// What was said, and by whom (`true`: the user). Reminders that came after an answer are no part of it.
fn spoken(messages: &[Message]) -> Vec<(bool, &str)> {
    let mut spoken: Vec<(bool, &str)> = Vec::new();
    for message in messages {
        match message {
            Message::User(text) => spoken.push((true, text)),
            Message::Assistant { text, .. }
                if !text.is_empty() && spoken.last().is_none_or(|(is_user, _)| *is_user) =>
            {
                spoken.push((false, text));
            }
            Message::Assistant { .. } | Message::Tool { .. } => {}
        }
    }
    spoken
}

/// What the user said and what was answered, before what is said now; the oldest first.
fn exchanges(messages: &[Message]) -> Vec<(&str, &str)> {
    let spoken = spoken(messages);
    let Some(((true, _), before)) = spoken.split_last() else {
        return Vec::new();
    };
    let mut pairs = Vec::new();
    let mut rest = before;
    while let [head @ .., (true, said), (false, answered)] = rest
        && pairs.len() < LONGEST_DIALOGUE
    {
        pairs.push((*said, *answered));
        rest = head;
    }
    pairs.reverse();
    pairs
}

/// "ask the cook for a soup and what's the weather in Bergen?": two things at once, where both are understood.
fn together(
    sentence: &Sentence,
    messages: &[Message],
    tools: &[ToolSpec],
    language: texts::Language,
) -> Option<Plan> {
    let words = sentence.plain();
    let part = |from, to| {
        let part = sentence.part(from, to);
        asks::plan(&part, tools)
            .or_else(|| weather::plan(&part, messages, language))
            .filter(|plan| !matches!(plan, Plan::Say(_)))
    };
    let and = words.iter().enumerate().filter(|(_, word)| **word == "and");
    and.map(|(at, _)| at)
        .find_map(|at| Some(Plan::Together(vec![part(0, at)?, part(at + 1, words.len())?])))
}
