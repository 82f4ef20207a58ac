//! Time zones by name.

/// The name is not a time zone.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{name:?} is not a time zone{hint}")]
pub struct ZoneError {
    /// What was written.
    pub name: String,
    /// Names that come close, the closest first; may be empty.
    pub suggestions: Vec<&'static str>,
    /// The suggestions as the end of a sentence.
    hint: String,
}
