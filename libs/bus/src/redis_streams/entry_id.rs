//! The id of a stream entry.

use std::{fmt, str::FromStr};

/// `{milliseconds}-{sequence}`, in the order of the stream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct EntryId(pub(crate) u64, pub(crate) u64);

/// The text is not the id of a stream entry.
#[derive(Debug)]
pub(crate) struct InvalidEntryId;

impl fmt::Display for EntryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.0, self.1)
    }
}

impl FromStr for EntryId {
    type Err = InvalidEntryId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (ms, sequence) = text.split_once('-').ok_or(InvalidEntryId)?;
        let number = |digits: &str| digits.parse().map_err(|_| InvalidEntryId);
        Ok(Self(number(ms)?, number(sequence)?))
    }
}

impl EntryId {
    /// The same for what Redis itself said; an id that is none sorts first and is found by nobody.
    pub(crate) fn from_redis(text: &str) -> Self {
        text.parse().unwrap_or_default()
    }
}
