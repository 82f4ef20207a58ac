//! Pending actions: what is done when its user presses a button, and was not done before.

use chrono::{DateTime, Utc};
use messages::EventId;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::limits;

/// Where an action stands. Once decided, it stays so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PendingState {
    /// Nobody has decided.
    Open,
    /// It is to be done, and it is done by whoever decided.
    Confirmed,
    /// It is not to be done.
    Dismissed,
}

/// An action that one press decides about, once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PendingAction {
    /// The action's id.
    pub id: Uuid,
    /// Who decides; nobody else can.
    pub user_id: Uuid,
    /// The conversation in which it was offered.
    pub conversation: String,
    /// What does it.
    #[schemars(example = &"calendar_delete")]
    pub tool: String,
    /// What exactly is to be done, as it was resolved when it was offered.
    pub args: Map<String, Value>,
    /// What the user was told that it is.
    #[schemars(example = &"Delete Tue 24 Nov 2026, 15:00–16:00 Europe/Berlin: Dentist")]
    pub summary: String,
    /// Where it stands.
    pub state: PendingState,
    /// The event that decided.
    pub decided_by: Option<EventId>,
    /// Until when it can be decided.
    pub expires_at: DateTime<Utc>,
    /// When it was offered.
    pub created_at: DateTime<Utc>,
}

/// Offers an action.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPendingAction {
    /// The conversation, 1 to 200 characters.
    #[schemars(length(min = 1, max = limits::SHORT), regex(pattern = limits::NOT_BLANK), example = &"telegram:42")]
    pub conversation: String,
    /// What does it, 1 to 64 letters, digits, `_` and `-`.
    #[schemars(regex(pattern = limits::SYMBOL), example = &"calendar_delete")]
    pub tool: String,
    /// What exactly is to be done.
    pub args: Map<String, Value>,
    /// What the user is told that it is, up to 4,000 characters.
    #[schemars(length(max = limits::DESCRIPTION))]
    pub summary: String,
    /// The same key again answers with the action that it made; 1 to 200 characters.
    #[schemars(length(min = 1, max = limits::SHORT), regex(pattern = limits::NOT_BLANK), example = &"tg:1:42:calendar_delete:0")]
    pub idempotency_key: String,
    /// The event that has decided on it already, for what needs no press: it is kept so that the event, handled
    /// again, does the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided_by: Option<EventId>,
    /// For how many seconds it can be decided, 1 to 604,800.
    #[schemars(range(min = 1, max = 604_800))]
    pub valid_seconds: u32,
}

/// Decides about an action. The first decision stands; the answer tells which it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Decision {
    /// Whether it is to be done.
    pub confirmed: bool,
    /// The event that decides: the press.
    pub event_id: EventId,
}

/// Which of a user's actions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PendingActionQuery {
    /// The one that was offered with this key.
    #[schemars(length(min = 1, max = limits::SHORT), regex(pattern = limits::NOT_BLANK))]
    pub idempotency_key: String,
}
