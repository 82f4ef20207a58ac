//! Who calls: put into the request's extensions by the guard, and taken from there by handlers.

use std::{net::IpAddr, sync::Arc};

use axum::{extract::FromRequestParts, http::request::Parts};
use rest_client::{ApiKey, ProblemKind, Scope};
use schemars::SchemaGenerator;

use super::{
    describe::{Described, Input},
    error::ApiError,
};

/// Who calls, and from where. An extractor: every request that reaches a handler has one.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    pub(crate) who: Who,
    /// The caller's address, behind the proxies that are trusted; `None` where the connection has none.
    pub(crate) address: Option<IpAddr>,
}

/// Whose key it is.
#[derive(Clone, Debug)]
pub(crate) enum Who {
    /// `SERVICE_KEY`: the services and the operator. It may do everything: whoever has it can read the
    /// settings, and with them the database.
    Service,
    /// An API key.
    Key(Arc<ApiKey>),
}

impl Caller {
    /// Whether the key has the scope.
    pub(crate) fn may(&self, scope: Scope) -> bool {
        match &self.who {
            Who::Service => true,
            Who::Key(key) => key.has(scope),
        }
    }
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        parts.extensions.get().cloned().ok_or_else(|| {
            tracing::error!("a request without a caller has passed the guard");
            ApiError::of(ProblemKind::Internal)
        })
    }
}

impl Input for Caller {
    fn describe(_: &mut Described, _: &mut SchemaGenerator) {}
}
