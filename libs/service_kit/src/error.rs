//! The error that ends a process: one line, for the operator, that says what to do.

use std::{error::Error, fmt};

/// Why a service cannot start or go on, in the operator's words.
///
/// It prints as one line: what failed, the causes below it, and what to do about it.
#[derive(Debug)]
pub struct OperatorError {
    what: String,
    advice: String,
    source: Option<Box<dyn Error + Send + Sync>>,
}

impl OperatorError {
    /// `what` failed, as half a sentence ("cannot listen on 127.0.0.1:80"); `advice` says what to do
    /// ("set REST_LISTEN to a free port").
    pub fn new(what: impl Into<String>, advice: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            advice: advice.into(),
            source: None,
        }
    }

    /// Adds the error below, whose text is printed between what failed and what to do.
    #[must_use]
    pub fn because(mut self, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// What failed, without causes and advice.
    pub fn what(&self) -> &str {
        &self.what
    }

    /// What to do about it.
    pub fn advice(&self) -> &str {
        &self.advice
    }

    /// What failed and why, in one line without the advice.
    pub fn problem(&self) -> String {
        let mut line = self.what.clone();
        let mut cause: Option<&dyn Error> = self.source.as_ref().map(|source| source.as_ref() as &dyn Error);
        while let Some(error) = cause {
            let text = error.to_string();
            // Some errors print their source themselves; saying it twice helps nobody.
            if !text.is_empty() && !line.contains(&text) {
                line.push_str(": ");
                line.push_str(&text);
            }
            cause = error.source();
        }
        let parts = line.lines().map(str::trim).filter(|part| !part.is_empty());
        parts.collect::<Vec<_>>().join(" ")
    }
}

impl fmt::Display for OperatorError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}; {}", self.problem(), self.advice)
    }
}

// The causes are part of the line above, so they are not offered again as a source.
impl Error for OperatorError {}
