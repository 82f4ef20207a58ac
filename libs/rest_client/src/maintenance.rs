//! Maintenance: dropping what has been kept for long enough.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::limits;

/// Asks for a cleanup.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CleanUp {
    /// After how many days dead letters are purged from the bus; 0 keeps them. What makes the second try of a dead
    /// letter harmless is not dropped before it.
    #[schemars(range(max = limits::LONGEST_KEPT_DAYS))]
    pub dead_letters_days: u32,
}

/// What a cleanup has removed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CleanedUp {
    /// How many rows of each table.
    pub removed: BTreeMap<String, u64>,
    /// Whether nothing is left to remove; if not, ask again.
    pub complete: bool,
}

/// What the erasure of a user has removed, and what remains.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Erasure {
    /// Whether there was such a user; the same call again finds none.
    pub found: bool,
    /// How many rows of each table were erased.
    pub erased: BTreeMap<String, u64>,
    /// What is kept, and why.
    pub kept: Vec<Kept>,
}

/// Something that an erasure leaves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Kept {
    /// What.
    pub what: String,
    /// Why, and until when.
    pub why: String,
}
