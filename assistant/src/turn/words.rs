//! What the core itself says: to the user when a turn stops, to the model when a call is no good.

use std::{borrow::Cow, fmt, time::Duration};

use serde_json::json;

use super::ToolResult;
use crate::model::ModelError;

/// What stands below an answer that changed nothing, and in one that was stopped before it did.
pub(super) const NOTHING_CHANGED: &str = "Nothing was changed.";

/// How the names of tools end that change something.
const CHANGES: [&str; 5] = ["_create", "_change", "_cancel", "_delete", "_add"];

/// Why a call that was to change something did not.
pub(super) fn failed_change(name: &str, result: &ToolResult) -> Option<String> {
    let is_change = CHANGES.iter().any(|end| name.ends_with(end));
    if !is_change || !result.receipts.is_empty() || !result.questions.is_empty() {
        return None;
    }
    let content: serde_json::Value = serde_json::from_str(&result.content).ok()?;
    let why = content.get("error")?.as_str()?;
    // What is asked says by itself that nothing is set yet.
    (!why.starts_with("ask the user: ")).then(|| why.to_owned())
}

/// Why a turn ended without an answer of the model's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stop {
    /// The model failed.
    Model(ModelError),
    /// It was asked as often as it may be.
    ModelCalls(u32),
    /// It wanted more tool calls than it may make.
    ToolCalls(u32),
    /// The tokens are spent.
    Tokens,
    /// The time is up.
    Time(Duration),
    /// It made the same calls again and again.
    Circle,
}

/// For the operator: the log, and the stored turn.
impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Model(error) => error.fmt(f),
            Self::ModelCalls(limit) => write!(f, "the limit of {limit} model calls was reached"),
            Self::ToolCalls(limit) => write!(f, "the limit of {limit} tool calls was reached"),
            Self::Tokens => f.write_str("the token limit was reached"),
            Self::Time(limit) => write!(f, "the time limit of {} was reached", seconds(*limit)),
            Self::Circle => f.write_str("the model repeated its tool calls"),
        }
    }
}

/// What the user is told: what happened, what it did to their things, and what they can do.
pub(super) fn stopped(stop: &Stop, changed_something: bool) -> String {
    let (what, advice) = match stop {
        Stop::Model(ModelError::Unavailable { .. }) => (
            "I can't reach the language model at the moment.".to_owned(),
            "Please try again in a few minutes.".to_owned(),
        ),
        Stop::Model(ModelError::RateLimited { retry_after }) => (
            "The language model is getting too many requests at the moment.".to_owned(),
            format!("Please try again in {}.", wait(*retry_after)),
        ),
        Stop::Model(ModelError::Refused(_)) => (
            "The language model refused to work for me.".to_owned(),
            "Whoever runs this assistant needs to look at it: the reason is in its log.".to_owned(),
        ),
        Stop::Model(ModelError::TooLong(_)) => (
            "This conversation is longer than what the language model can read.".to_owned(),
            "Please start a new one, or send a shorter message.".to_owned(),
        ),
        Stop::Model(ModelError::Broken(_)) => (
            "The language model's answer got lost on the way.".to_owned(),
            "Please try again.".to_owned(),
        ),
        Stop::Model(ModelError::Deadline(limit)) => (
            format!("The language model did not answer within {}.", seconds(*limit)),
            "Please try again in a few minutes.".to_owned(),
        ),
        Stop::Time(limit) => (
            format!(
                "I could not finish this within the {} that I have for an answer.",
                seconds(*limit)
            ),
            "Please try again, or ask for a smaller part of it.".to_owned(),
        ),
        Stop::ModelCalls(limit) => (
            format!("I could not finish this within the {limit} steps that I may take for one message."),
            "Please ask for it in smaller parts.".to_owned(),
        ),
        Stop::ToolCalls(limit) => (
            format!("This needs more than the {limit} tool calls that I may make for one message."),
            "Please ask for it in smaller parts.".to_owned(),
        ),
        Stop::Tokens => (
            "This grew larger than what I may read and write for one message.".to_owned(),
            "Please ask for it in smaller parts.".to_owned(),
        ),
        Stop::Circle => (
            "I was going in circles, so I stopped.".to_owned(),
            "Please say it in another way.".to_owned(),
        ),
    };
    let changed = if changed_something {
        "What I did before that is listed below."
    } else {
        NOTHING_CHANGED
    };
    format!("{what} {changed} {advice}")
}

pub(super) fn unknown_tool(name: &str, tools: &[Cow<'static, str>]) -> String {
    let error = match tools {
        [] => format!("there is no tool {name:?}, and no other: answer without tools"),
        _ => format!("there is no tool {name:?}; the tools are: {}", tools.join(", ")),
    };
    json!({ "error": error }).to_string()
}

pub(super) fn repeated(result: Option<&str>) -> String {
    match result {
        Some(result) => json!({
            "note": "this call was already made with the same arguments and was not made again; answer the user",
            "result": result,
        }),
        None => json!({
            "note": "the same call stands earlier in this round and is made once; see its result",
        }),
    }
    .to_string()
}

fn wait(retry_after: Option<Duration>) -> String {
    match retry_after.map(|wait| wait.as_secs()) {
        None | Some(0..=60) => "a minute".to_owned(),
        Some(seconds) => format!("{} minutes", seconds.div_ceil(60)),
    }
}

fn seconds(duration: Duration) -> String {
    let seconds = duration.as_secs_f32();
    if duration.as_secs() == 1 && duration.subsec_nanos() == 0 {
        "1 second".to_owned()
    } else {
        format!("{seconds} seconds")
    }
}
