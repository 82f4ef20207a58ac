//! The id that ties together everything one input caused, across processes.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A trace id of 16 bytes, as in the W3C Trace Context recommendation (§3.2.2.3): 32 lower-case hex digits,
/// not all zero.
///
/// It travels in the envelope on the bus and in the `traceparent` header over HTTP.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TraceId(u128);

/// The text is not a trace id.
#[derive(Debug, thiserror::Error)]
#[error("a trace id is 32 lower-case hex digits, not all zero")]
pub struct InvalidTraceId;

impl TraceId {
    /// A new random trace id.
    pub fn random() -> Self {
        Self(Uuid::new_v4().as_u128())
    }

    /// The value of a `traceparent` header that continues this trace.
    ///
    /// The parent id is the low half of the trace id: this product records no spans of its own.
    pub fn to_traceparent(self) -> String {
        let parent = u64::try_from(self.0 & u128::from(u64::MAX)).unwrap_or(1).max(1);
        format!("00-{self}-{parent:016x}-01")
    }

    /// Reads the trace id of a `traceparent` header; any version whose first fields are laid out like
    /// version 00 is accepted, as the recommendation asks (§4.3).
    pub fn from_traceparent(header: &str) -> Result<Self, InvalidTraceId> {
        let mut fields = header.split('-');
        let version = fields.next().ok_or(InvalidTraceId)?;
        if version.len() != 2 || version == "ff" || !is_lower_hex(version) {
            return Err(InvalidTraceId);
        }
        fields.next().ok_or(InvalidTraceId)?.parse()
    }
}

fn is_lower_hex(text: &str) -> bool {
    text.bytes()
        .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

impl fmt::Display for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl FromStr for TraceId {
    type Err = InvalidTraceId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.len() != 32 || !is_lower_hex(text) {
            return Err(InvalidTraceId);
        }
        match u128::from_str_radix(text, 16) {
            Ok(0) | Err(_) => Err(InvalidTraceId),
            Ok(id) => Ok(Self(id)),
        }
    }
}

impl TryFrom<String> for TraceId {
    type Error = InvalidTraceId;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<TraceId> for String {
    fn from(id: TraceId) -> Self {
        id.to_string()
    }
}
