//! Cursors of sorted lists: the order, and the sort key and id of the item behind which the next page begins.
//!
//! They say nothing to their holders, who hand them back as they are.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde::{Serialize, de::DeserializeOwned};
use uuid::Uuid;

/// The cursor behind an item.
pub(crate) fn encode<S: Serialize, K: Serialize>(sort: S, key: &K, id: Uuid) -> String {
    // Sort keys are names and instants, which always have their JSON.
    let json = serde_json::to_vec(&(sort, key, id)).unwrap_or_default();
    BASE64_URL_SAFE_NO_PAD.encode(json)
}

/// What a cursor of this order says; `None` when it is no cursor, or one of another order.
pub(crate) fn decode<S, K>(text: &str, sort: &S) -> Option<(K, Uuid)>
where
    S: DeserializeOwned + PartialEq,
    K: DeserializeOwned,
{
    let json = BASE64_URL_SAFE_NO_PAD.decode(text).ok()?;
    let (made_in, key, id): (S, K, Uuid) = serde_json::from_slice(&json).ok()?;
    (made_in == *sort).then_some((key, id))
}
