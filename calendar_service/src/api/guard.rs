//! What every request of another service passes: the key.

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use calendar_client::ProblemKind;
use service_kit::ops;

use super::{App, error::ApiError};

/// Refuses a request without the service key, whatever it asks for.
pub(crate) async fn require_key(State(app): State<App>, request: Request, next: Next) -> Response {
    if ops::has_key(request.headers(), &app.service_key) {
        next.run(request).await
    } else {
        ApiError::of(ProblemKind::Unauthorized).into_response()
    }
}
