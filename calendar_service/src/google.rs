//! Google Calendar v3 over HTTP: one call a function, with a token, a time limit, bounded retries and typed errors.
//!
//! The types are google-calendar3's. Its hub is not used: it sends no `If-Match`, has no time limit, and hides the
//! status and `Retry-After` of an error.

mod calls;
mod error;
mod fields;
mod request;
mod view;

pub(crate) use calls::ListQuery;
pub(crate) use error::GoogleError;
pub(crate) use fields::{Fields, bare, reminder_fields, time_fields};
pub(crate) use view::{calendar_view, event_view, google_time, original_start, usable};

use std::time::Duration;

use service_kit::{OperatorError, http};
use url::Url;

use crate::tokens::Tokens;

/// How long one try may take.
const TRY_LIMIT: Duration = Duration::from_secs(10);

/// A client of the Calendar API for all users. Clones share its connections.
#[derive(Clone)]
pub(crate) struct Google {
    http: reqwest::Client,
    base: Url,
    tokens: Tokens,
}

impl Google {
    /// A client of the API at `base`.
    ///
    /// # Errors
    /// The TLS stack cannot be set up.
    pub(crate) fn new(base: Url, tokens: Tokens) -> Result<Self, OperatorError> {
        Ok(Self {
            http: http::client(TRY_LIMIT)?,
            base,
            tokens,
        })
    }
}
