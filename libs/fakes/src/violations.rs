//! What a client did that the real service would refuse: noted here, and a failure of the test that leaves it unread.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

/// A request that the real service would refuse, or would accept only by dropping part of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The method or path that was called.
    pub call: String,
    /// What was wrong, in the words of the real service where it has some.
    pub reason: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.call, self.reason)
    }
}

/// The shared list of violations of one server.
#[derive(Clone, Default)]
pub(crate) struct Violations(Arc<Mutex<Vec<Violation>>>);

impl Violations {
    pub(crate) fn record(&self, call: &str, reason: impl Into<String>) {
        let violation = Violation {
            call: call.to_owned(),
            reason: reason.into(),
        };
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(violation);
    }

    pub(crate) fn list(&self) -> Vec<Violation> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn take(&self) -> Vec<Violation> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Fails the test when a violation is left, unless the thread is failing already.
    pub(crate) fn assert_clean(&self, server: &str) {
        let left = self.take();
        if !left.is_empty() && !std::thread::panicking() {
            let list: Vec<String> = left.iter().map(|violation| format!("  {violation}")).collect();
            fail(&format!(
                "{server} was sent what the real service refuses:\n{}",
                list.join("\n")
            ));
        }
    }
}

/// Ends the test that uses a fake wrongly, or whose product never did what the test waits for.
#[expect(
    clippy::panic,
    reason = "a test fails by panicking; this is the one place where the fakes do it"
)]
#[track_caller]
pub(crate) fn fail(message: &str) -> ! {
    panic!("{message}")
}
