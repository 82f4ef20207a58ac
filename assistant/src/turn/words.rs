//! What the core itself says: to the user when a turn stops, to the model when a call is no good.

use std::{borrow::Cow, fmt, time::Duration};

use rest_client::{BudgetOf, BudgetPeriod};
use serde_json::json;
use texts::{Language, Text};

use super::ToolResult;
use crate::model::ModelError;

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
    /// The user wants no answer any more.
    ByUser,
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
            Self::ByUser => f.write_str("the user stopped it"),
        }
    }
}

/// What the user is told: what happened, what it did to their things, and what they can do.
///
/// `has_changed`: `None` when that is not known, since an earlier try may have.
pub(super) fn stopped(language: Language, stop: &Stop, has_changed: Option<bool>) -> String {
    let changed = match has_changed {
        Some(true) => Some(Text::ChangedBelow),
        Some(false) => Some(Text::NothingChanged),
        None => None,
    };
    let changed = changed.map(|changed| language.say(&changed));
    let limit_of = |limit: Duration| {
        let count = i64::try_from(limit.as_millis().div_ceil(1_000)).unwrap_or(i64::MAX);
        language.say(&Text::Seconds { count })
    };
    let say = |what: &Text<'_>, advice: &Text<'_>| {
        let said = [
            Some(language.say(what)),
            changed.clone(),
            Some(language.say(advice)),
        ];
        said.into_iter().flatten().collect::<Vec<_>>().join(" ")
    };
    match stop {
        Stop::Model(ModelError::Unavailable { .. }) => say(&Text::ModelAway, &Text::TryInMinutes),
        Stop::Model(ModelError::RateLimited { retry_after }) => {
            let seconds = retry_after.map_or(60, |wait| wait.as_secs());
            let count = i64::try_from(seconds.div_ceil(60).max(1)).unwrap_or(i64::MAX);
            let duration = &language.say(&Text::Minutes { count });
            say(&Text::ModelBusy, &Text::TryIn { duration })
        }
        Stop::Model(ModelError::Refused(_)) => say(&Text::ModelRefused, &Text::OperatorLooks),
        Stop::Model(ModelError::TooLong(_)) => say(&Text::ModelTooLong, &Text::StartNew),
        Stop::Model(ModelError::Broken(_)) => say(&Text::ModelBroken, &Text::TryAgain),
        Stop::Model(ModelError::Deadline(limit)) => {
            let limit = &limit_of(*limit);
            say(&Text::ModelSilent { limit }, &Text::TryInMinutes)
        }
        Stop::Model(ModelError::Budget { of, period, resets }) => {
            let spent = match (of, period) {
                (BudgetOf::User, BudgetPeriod::Day) => Text::BudgetSpentDay,
                (BudgetOf::User, BudgetPeriod::Month) => Text::BudgetSpentMonth,
                (BudgetOf::Installation, BudgetPeriod::Day) => Text::BudgetSpentDayOfAll,
                (BudgetOf::Installation, BudgetPeriod::Month) => Text::BudgetSpentMonthOfAll,
            };
            say(&spent, &Text::BudgetResets { resets })
        }
        Stop::Time(limit) => {
            let limit = &limit_of(*limit);
            say(&Text::OutOfTime { limit }, &Text::AskSmaller)
        }
        Stop::ModelCalls(limit) => say(&Text::OutOfSteps { limit: *limit }, &Text::AskInParts),
        Stop::ToolCalls(limit) => say(&Text::OutOfCalls { limit: *limit }, &Text::AskInParts),
        Stop::Tokens => say(&Text::OutOfTokens, &Text::AskInParts),
        Stop::Circle => say(&Text::Circle, &Text::SayOtherwise),
        Stop::ByUser => {
            let changed = changed.or_else(|| Some(language.say(&Text::MayHaveChanged)));
            let said = [Some(language.say(&Text::Stopped)), changed];
            said.into_iter().flatten().collect::<Vec<_>>().join(" ")
        }
    }
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

fn seconds(duration: Duration) -> String {
    let seconds = duration.as_secs_f32();
    if duration.as_secs() == 1 && duration.subsec_nanos() == 0 {
        "1 second".to_owned()
    } else {
        format!("{seconds} seconds")
    }
}
