//! How a patch tells "leave it" from "clear it": a field that is absent, and one that is null.

use serde::{Deserialize, Deserializer};

/// Reads a field that is present, `null` included; with `#[serde(default)]` an absent one stays `None`.
pub(crate) fn present<'de, D, T>(deserializer: D) -> Result<Option<Option<T>>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    Option::deserialize(deserializer).map(Some)
}
