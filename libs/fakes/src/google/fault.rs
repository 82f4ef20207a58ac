//! Failures that a test asks for: the next requests of a kind go wrong in a chosen way.

use super::error::{ApiError, Reply};
use serde_json::json;
use std::collections::VecDeque;
use std::time::Duration;

/// How a request goes wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// This HTTP status in the shape of the endpoint's errors; nothing takes effect.
    Status(u16),
    /// 429 or 503 with a `Retry-After` of this many seconds; nothing takes effect.
    RetryAfter(u16, u64),
    /// 403 `rateLimitExceeded`: the project asked too often. Of the Calendar API.
    RateLimitExceeded,
    /// 403 `userRateLimitExceeded`: the user asked too often. Of the Calendar API.
    UserRateLimitExceeded,
    /// 403 `quotaExceeded`: the account wrote too much. Of the Calendar API.
    QuotaExceeded,
    /// 502 with an HTML page, as a proxy in front of Google answers.
    BadGatewayPage,
    /// 200 with a body that breaks off; the request took effect.
    BrokenJson,
    /// No answer, ever; nothing takes effect.
    Hang,
    /// The connection is reset before anything takes effect.
    CloseBefore,
    /// The request takes effect, and then the connection is reset: done, but nobody was told.
    CloseAfter,
    /// The request works, this much later.
    Slow(Duration),
}

impl Fault {
    /// What is answered in place of the request's own answer, where that is the fault.
    pub(crate) fn reply(&self, is_oauth: bool) -> Option<Reply> {
        let (error, retry_after) = match self {
            Self::Status(code) => (ApiError::injected(*code), None),
            Self::RetryAfter(code, seconds) => (ApiError::injected(*code), Some(*seconds)),
            Self::RateLimitExceeded => (ApiError::rate_limited(403, "rateLimitExceeded"), None),
            Self::UserRateLimitExceeded => (ApiError::rate_limited(403, "userRateLimitExceeded"), None),
            Self::QuotaExceeded => (ApiError::rate_limited(403, "quotaExceeded"), None),
            Self::BadGatewayPage => {
                let page =
                    "<!DOCTYPE html>\n<html lang=en>\n<title>Error 502 (Server Error)!!1</title>\n</html>\n";
                return Some(Reply::page(502, page.to_owned()));
            }
            Self::BrokenJson | Self::Hang | Self::CloseBefore | Self::CloseAfter | Self::Slow(_) => {
                return None;
            }
        };
        let body = if is_oauth {
            let name = if error.code == 429 {
                "rate_limit_exceeded"
            } else {
                "internal_failure"
            };
            json!({ "error": name, "error_description": error.message })
        } else {
            error.body()
        };
        Some(Reply {
            retry_after,
            ..Reply::json(error.code, &body)
        })
    }
}

/// The faults that wait for their requests.
#[derive(Default)]
pub(crate) struct Faults(VecDeque<(String, Fault)>);

impl Faults {
    pub(crate) fn add(&mut self, kind: &str, fault: &Fault, times: usize) {
        for _ in 0..times {
            self.0.push_back((kind.to_owned(), fault.clone()));
        }
    }

    /// The next fault for a request of this kind.
    pub(crate) fn take(&mut self, kind: &str) -> Option<Fault> {
        let index = self
            .0
            .iter()
            .position(|(wanted, _)| wanted == kind || wanted == "*")?;
        self.0.remove(index).map(|(_, fault)| fault)
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }
}
