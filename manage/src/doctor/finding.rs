//! What a check found.

use serde::Serialize;
use service_kit::OperatorError;

use crate::say::Mark;

/// One line of the doctor's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Finding {
    /// Which check.
    pub(super) check: &'static str,
    /// How it is.
    pub(super) state: Mark,
    /// What was found.
    pub(super) text: String,
    /// How to put it right, where there is something to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) fix: Option<String>,
}

impl Finding {
    /// As it should be.
    pub(super) fn good(check: &'static str, text: impl Into<String>) -> Self {
        Self {
            check,
            state: Mark::Good,
            text: text.into(),
            fix: None,
        }
    }

    /// To be looked at.
    pub(super) fn doubtful(check: &'static str, text: impl Into<String>, fix: impl Into<String>) -> Self {
        Self {
            check,
            state: Mark::Doubtful,
            text: text.into(),
            fix: Some(fix.into()),
        }
    }

    /// Wrong.
    pub(super) fn bad(check: &'static str, text: impl Into<String>, fix: impl Into<String>) -> Self {
        Self {
            state: Mark::Bad,
            ..Self::doubtful(check, text, fix)
        }
    }

    /// Wrong, as somebody else has put it.
    pub(super) fn of(check: &'static str, error: &OperatorError) -> Self {
        Self::bad(check, error.problem(), error.advice())
    }

    /// What was found and how to put it right.
    pub(super) fn words(&self) -> String {
        match &self.fix {
            Some(fix) => format!("{}; {fix}", self.text),
            None => self.text.clone(),
        }
    }
}
