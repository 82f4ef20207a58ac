//! Budgets: how much models may cost per day and month, and what is held back for calls that are under way.

use chrono::{DateTime, Utc};
use messages::EventId;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::limits;

/// Whose budget it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BudgetOf {
    /// One user's.
    User,
    /// That of all users together.
    Installation,
}

/// For how long it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BudgetPeriod {
    /// A day, in UTC.
    Day,
    /// A month, in UTC.
    Month,
}

/// What it counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BudgetUnit {
    /// Millionths of a US dollar.
    Micros,
    /// Tokens, read and written.
    Tokens,
}

/// A limit, and how much of it is gone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Budget {
    /// Whose it is.
    pub of: BudgetOf,
    /// For how long it is.
    pub period: BudgetPeriod,
    /// What it counts.
    pub unit: BudgetUnit,
    /// How much may be spent in the period.
    pub limit: i64,
    /// What was spent in it.
    pub spent: i64,
    /// What is held back for calls that are under way.
    pub held: i64,
    /// When the next period begins.
    pub resets_at: DateTime<Utc>,
    /// Whether the user was told in this period that little is left.
    pub told: bool,
}

impl Budget {
    /// Whether four fifths are gone, once this much more is spent.
    pub fn is_near(&self, more: i64) -> bool {
        let spent = i128::from(self.spent) + i128::from(more);
        self.limit > 0 && spent * 5 >= i128::from(self.limit) * 4
    }
}

/// Holds back what a call of a model costs at most. The same id again is the same call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewHold {
    /// The call's id, which follows from the event, so that a call that is made again is held back once.
    #[schemars(length(min = 1, max = limits::HOLD_ID), regex(pattern = limits::NOT_BLANK), example = &"telegram:7:1#0")]
    pub id: String,
    /// The event; what is held back for it is given back when its turn is stored.
    pub event_id: EventId,
    /// The most tokens that it may read and write.
    #[schemars(range(min = 0, max = limits::MOST_SPENT))]
    pub tokens: i64,
    /// What they cost, in millionths of a US dollar; 0 for a model without a price.
    #[schemars(range(min = 0, max = limits::MOST_SPENT))]
    pub micros: i64,
    /// What earlier calls of the event have really cost; up to 50.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = limits::ENDED_CALLS))]
    pub ended: Vec<EndedCall>,
}

/// What a call has really cost.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EndedCall {
    /// The call's id.
    #[schemars(length(min = 1, max = limits::HOLD_ID), regex(pattern = limits::NOT_BLANK), example = &"telegram:7:1#0")]
    pub id: String,
    /// The tokens that it read and wrote.
    #[schemars(range(min = 0, max = limits::MOST_SPENT))]
    pub tokens: i64,
    /// What they cost, in millionths of a US dollar.
    #[schemars(range(min = 0, max = limits::MOST_SPENT))]
    pub micros: i64,
}

/// Whether a call may be made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Held {
    /// The budget that it would cross; `null` when it may be made.
    pub refused: Option<Budget>,
    /// All limits of the user and of the installation, without this call.
    pub budgets: Vec<Budget>,
}

/// Whether a user's calls are limited.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Budgeted {
    /// Whether there is a limit in money.
    pub money: bool,
    /// Whether there is a limit in tokens.
    pub tokens: bool,
}

impl Budgeted {
    /// Whether there is any.
    pub fn is_limited(self) -> bool {
        self.money || self.tokens
    }
}

/// What the model calls of a turn have cost, beside their tokens.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct TurnCost {
    /// In millionths of a US dollar, without those of sub-assistants.
    #[schemars(range(min = 0, max = limits::MOST_SPENT))]
    pub micros: i64,
    /// Whether something was held back for the event, which is to be given back.
    pub held: bool,
    /// The periods of which the user is told in this turn that little is left.
    #[schemars(length(max = 2))]
    pub told: Vec<BudgetPeriod>,
}

impl TurnCost {
    /// Whether there is nothing to say.
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }
}

/// Counts what models have cost a user outside of a turn, as for a summary.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSpending {
    /// The event that was held back for.
    pub event_id: EventId,
    /// The model that answered, up to 200 characters.
    #[schemars(length(min = 1, max = limits::SHORT), regex(pattern = limits::NOT_BLANK), example = &"gpt-4o-mini")]
    pub model: String,
    /// Tokens the model read.
    pub prompt_tokens: u32,
    /// Tokens the model wrote.
    pub completion_tokens: u32,
    /// How often the model was asked.
    pub model_calls: u32,
    /// In millionths of a US dollar.
    #[schemars(range(min = 0, max = limits::MOST_SPENT))]
    pub cost_micros: i64,
}

/// Dollars as people write them, such as `2.50` or `$2.50`, in millionths.
///
/// # Errors
/// What is wrong with it, for whoever wrote it.
pub fn micros_of(dollars: &str) -> Result<i64, String> {
    let wrong = || "use dollars, such as 2.50".to_owned();
    let text = dollars.trim();
    let text = text.strip_prefix('$').unwrap_or(text);
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let are_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if (whole.is_empty() && part.is_empty()) || !are_digits(whole) || !are_digits(part) || part.len() > 6 {
        return Err(wrong());
    }
    let whole: i64 = if whole.is_empty() {
        0
    } else {
        whole.parse().map_err(|_| wrong())?
    };
    let part: i64 = format!("{part:0<6}").parse().map_err(|_| wrong())?;
    whole
        .checked_mul(1_000_000)
        .and_then(|micros| micros.checked_add(part))
        .filter(|micros| *micros <= limits::MOST_SPENT)
        .ok_or_else(wrong)
}

/// Millionths as people read them: `$2.50`, and as many digits as it takes: `$0.0004`.
pub fn dollars_of(micros: i64) -> String {
    let (sign, amount) = (if micros < 0 { "-" } else { "" }, micros.unsigned_abs());
    let part = format!("{:06}", amount % 1_000_000);
    let (cents, rest) = part.split_at(2);
    format!(
        "{sign}${}.{cents}{}",
        amount / 1_000_000,
        rest.trim_end_matches('0')
    )
}
