//! Usage: what turns have cost, by day and model.

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Budget;

/// Which days, both included. At most 92; the last 30 when both are absent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct UsageQuery {
    /// The first day, in UTC; 29 days before the last one when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<NaiveDate>,
    /// The last day, in UTC; today when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<NaiveDate>,
}

/// What the turns of one day have cost with one model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Usage {
    /// The day, in UTC, on which the turns were stored.
    pub day: NaiveDate,
    /// The model; empty where a turn named none.
    pub model: String,
    /// How many turns asked a model.
    pub turns: i64,
    /// How often a model was asked.
    pub model_calls: i64,
    /// Tokens the model read.
    pub prompt_tokens: i64,
    /// Tokens the model wrote.
    pub completion_tokens: i64,
    /// What that cost, in millionths of a US dollar; models without a known price cost nothing here.
    #[serde(default)]
    pub cost_micros: i64,
}

/// What was used in a range of days.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct UsageReport {
    /// The first day, in UTC.
    pub from: NaiveDate,
    /// The last day, in UTC.
    pub to: NaiveDate,
    /// By day and model, in this order; days without use are left out.
    pub items: Vec<Usage>,
    /// What may be spent now, and how much of it is gone: the user's own limits, or those of the installation.
    #[serde(default)]
    pub budgets: Vec<Budget>,
}
