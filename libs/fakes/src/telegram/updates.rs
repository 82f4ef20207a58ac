//! getUpdates: long polling, confirmation by offset, and one poller at a time.

use super::error::ApiError;
use super::params::Params;
use super::state::{Shared, State};
use serde_json::Value;
use std::time::Duration;
use tokio::time::Instant;

/// Bot API, getUpdates: the most updates in one answer, and the default.
const MAX_LIMIT: i64 = 100;
/// Telegram holds a poll no longer than this.
const MAX_TIMEOUT_SECONDS: i64 = 50;

/// Every kind of update that can be asked for (Bot API, Update).
pub(crate) const KINDS: [&str; 24] = [
    "message",
    "edited_message",
    "channel_post",
    "edited_channel_post",
    "business_connection",
    "business_message",
    "edited_business_message",
    "deleted_business_messages",
    "message_reaction",
    "message_reaction_count",
    "inline_query",
    "chosen_inline_result",
    "callback_query",
    "shipping_query",
    "pre_checkout_query",
    "purchased_paid_media",
    "poll",
    "poll_answer",
    "my_chat_member",
    "chat_member",
    "chat_join_request",
    "chat_boost",
    "removed_chat_boost",
    "managed_bot",
];

/// Answers pending updates, or waits up to `timeout` seconds for one.
pub(crate) async fn get_updates(shared: &Shared, params: &Params) -> Result<Value, ApiError> {
    let offset = params.integer("offset")?.unwrap_or(0);
    let limit = params.integer("limit")?.unwrap_or(MAX_LIMIT);
    let timeout = params.integer("timeout")?.unwrap_or(0);
    let mut changed = shared.changed.subscribe();
    let mine = shared.change(|state| {
        if state.webhook.is_some() {
            return Err(ApiError::conflict(
                "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first",
            ));
        }
        if !(1..=MAX_LIMIT).contains(&limit) {
            state.violations.record("getUpdates", format!("limit {limit} is not between 1 and {MAX_LIMIT}"));
        }
        if !(0..=MAX_TIMEOUT_SECONDS).contains(&timeout) {
            state.violations.record("getUpdates", format!("timeout {timeout} is not between 0 and {MAX_TIMEOUT_SECONDS}"));
        }
        remember_allowed(state, params)?;
        confirm(state, offset);
        state.poller += 1;
        Ok(state.poller)
    })?;
    let limit = usize::try_from(limit.clamp(1, MAX_LIMIT)).unwrap_or(1);
    let seconds = u64::try_from(timeout.clamp(0, MAX_TIMEOUT_SECONDS)).unwrap_or(0);
    let deadline = Instant::now() + Duration::from_secs(seconds);
    loop {
        {
            let state = shared.lock();
            if state.poller != mine {
                return Err(ApiError::conflict(
                    "terminated by other getUpdates request; make sure that only one bot instance is running",
                ));
            }
            if !state.updates.is_empty() || Instant::now() >= deadline {
                let updates = state.updates.iter().take(limit).map(|(_, update)| update.clone());
                return Ok(Value::Array(updates.collect()));
            }
        }
        // Either there is news, or the time is over: the loop's head tells which.
        let _ = tokio::time::timeout_at(deadline, changed.changed()).await;
    }
}

/// Forgets for ever what the offset confirms; a negative one keeps only that many of the newest.
fn confirm(state: &mut State, offset: i64) {
    if offset < 0 {
        let keep = usize::try_from(offset.unsigned_abs()).unwrap_or(usize::MAX);
        let surplus = state.updates.len().saturating_sub(keep);
        state.updates.drain(..surplus);
    } else {
        state.updates.retain(|(id, _)| *id >= offset);
    }
}

/// The list holds until another one is given; updates made before it are not affected.
pub(crate) fn remember_allowed(state: &mut State, params: &Params) -> Result<(), ApiError> {
    let Some(list) = params.structure("allowed_updates")? else {
        return Ok(());
    };
    let kinds = list
        .as_array()
        .ok_or_else(|| ApiError::bad("can't parse allowed updates: expected an Array"))?;
    state.allowed_updates.clear();
    for kind in kinds {
        let kind = kind.as_str().unwrap_or_default();
        if !KINDS.contains(&kind) {
            state
                .violations
                .record("allowed_updates", format!("unknown kind of update \"{kind}\""));
        }
        state.allowed_updates.insert(kind.to_owned());
    }
    Ok(())
}
