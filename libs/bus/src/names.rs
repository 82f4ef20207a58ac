//! The names of topics and groups, checked before they become part of a key.

use std::sync::Arc;

use messages::Topic;

use crate::BusError;

/// One group of consumers of one topic.
#[derive(Clone, Debug)]
pub(crate) struct GroupName {
    pub(crate) topic: Arc<str>,
    pub(crate) group: Arc<str>,
}

impl GroupName {
    pub(crate) fn new(topic: &Topic, group: &str) -> Result<Self, BusError> {
        Ok(Self {
            topic: checked(topic.as_str())?.into(),
            group: checked(group)?.into(),
        })
    }
}

/// The name, if it has only the characters that names may have.
pub(crate) fn checked(name: &str) -> Result<&str, BusError> {
    let allowed = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, b'.' | b'_' | b'-');
    if name.is_empty() || name.len() > 200 || !name.bytes().all(allowed) {
        return Err(BusError::InvalidName {
            name: name.to_owned(),
        });
    }
    Ok(name)
}
