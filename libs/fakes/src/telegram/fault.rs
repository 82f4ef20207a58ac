//! Failures that a test asks for: the next calls of a method go wrong in a chosen way.

use std::collections::VecDeque;
use std::time::Duration;

/// How a call goes wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// This HTTP status in the Bot API's error shape; nothing takes effect.
    Status(u16),
    /// 400 with this description; nothing takes effect.
    Refused(&'static str),
    /// 502 with an HTML page, as a proxy in front of Telegram answers.
    BadGatewayPage,
    /// 404 with an HTML page, as a captive portal or a proxy that lost its way answers.
    NotFoundPage,
    /// 429 that asks to wait this many seconds.
    RetryAfter(u64),
    /// No answer, ever; nothing takes effect.
    Hang,
    /// The connection is reset before anything takes effect.
    CloseBefore,
    /// The call takes effect, and then the connection is reset: accepted, but nobody was told.
    CloseAfter,
    /// The call works, this much later.
    Slow(Duration),
}

/// The faults that wait for their calls.
#[derive(Default)]
pub(crate) struct Faults(VecDeque<(String, Fault)>);

impl Faults {
    pub(crate) fn add(&mut self, method: &str, fault: &Fault, times: usize) {
        for _ in 0..times {
            self.0.push_back((method.to_ascii_lowercase(), fault.clone()));
        }
    }

    /// The next fault for this method, in lower case.
    pub(crate) fn take(&mut self, method: &str) -> Option<Fault> {
        let index = self.0.iter().position(|(name, _)| name == method)?;
        self.0.remove(index).map(|(_, fault)| fault)
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }
}
