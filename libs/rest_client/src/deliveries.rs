//! Deliveries: which parts of a reply a channel has sent.

use chrono::{DateTime, Utc};
use messages::{Address, EventId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::limits;

/// How a delivery ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryStatus {
    /// The channel took it.
    Sent,
    /// The channel refused it for good.
    Failed,
}

/// One part of a reply, as the channel took it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Delivery {
    /// The delivery's id.
    pub id: Uuid,
    /// Whom it was for.
    pub user_id: Uuid,
    /// The reply (`{event}:{n}`).
    pub reply_id: EventId,
    /// Which part of it, from 0.
    pub part: u32,
    /// Where it went.
    pub to: Address,
    /// The channel's id of the message.
    #[schemars(example = &"1001")]
    pub external_message_id: Option<String>,
    /// How it ended.
    pub status: DeliveryStatus,
    /// Why it failed.
    pub error: Option<String>,
    /// When it was recorded.
    pub created_at: DateTime<Utc>,
}

/// Records a delivery. One that was sent stays as it is; one that failed may become sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewDelivery {
    /// Where it went; the chat has 1 to 200 characters.
    pub to: Address,
    /// The channel's id of the message, up to 200 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = limits::SHORT), regex(pattern = limits::NOT_BLANK), example = &"1001")]
    pub external_message_id: Option<String>,
    /// How it ended.
    pub status: DeliveryStatus,
    /// Why it failed, up to 4,000 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = limits::ERROR))]
    pub error: Option<String>,
}
