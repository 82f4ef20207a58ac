//! How servers write their errors.

use serde_json::{Value, json};

/// A shape of errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Errors {
    /// `{"error": {"message", "type", "param", "code"}}`
    OpenAi,
    /// `{"detail": [{"type", "loc", "msg", "input"}]}`, which quotes what was sent.
    Detail,
    /// `{"type": "error", "error": {"type", "message"}}`
    Typed,
    /// `[{"error": {"code", "message", "status"}}]`
    List,
    /// `{"object": "error", "message", "type", "code"}`
    Object,
    /// `{"error": "…"}`
    Bare,
    /// Words alone.
    Text,
    /// A page of HTML.
    Page,
    /// `{"error": {"code", "message"}}` with status 200.
    InAnswer,
    /// An empty body.
    Nothing,
}

/// An error, whatever its shape.
pub(crate) struct Failure<'f> {
    pub(crate) status: u16,
    pub(crate) code: Option<&'f str>,
    pub(crate) message: &'f str,
    pub(crate) place: Value,
    pub(crate) sent: &'f Value,
}

impl Errors {
    /// Status, content type and body.
    pub(crate) fn write(self, failure: &Failure<'_>) -> (u16, &'static str, String) {
        let Failure {
            status,
            code,
            message,
            place,
            sent,
        } = failure;
        let json = |value: Value| (*status, "application/json", value.to_string());
        match self {
            Self::OpenAi => json(json!({ "error": {
                "message": message, "type": "invalid_request_error", "param": null, "code": code,
            } })),
            Self::Detail => json(json!({ "object": "error", "message": { "detail": [{
                "type": code, "loc": place, "msg": message, "input": sent["messages"],
            }] }, "type": "invalid_request_error", "param": null, "code": null })),
            Self::Typed => json(json!({ "type": "error", "error": {
                "type": code.unwrap_or("invalid_request_error"), "message": message,
            }, "request_id": "req_1" })),
            Self::List => json(json!([{ "error": {
                "code": status, "message": message, "status": code.unwrap_or("INVALID_ARGUMENT"),
            } }])),
            Self::Object => json(json!({
                "object": "error", "message": message, "type": "BadRequestError", "param": null, "code": status,
            })),
            Self::Bare => json(json!({ "error": message })),
            Self::Text => (*status, "text/plain", (*message).to_owned()),
            Self::Page => (
                *status,
                "text/html",
                format!(
                    "<!DOCTYPE html><html><head><title>{status}</title></head><body><h1>{message}</h1></body></html>"
                ),
            ),
            Self::InAnswer => (
                200,
                "application/json",
                json!({ "error": { "code": status, "message": message }, "user_id": "user_1" }).to_string(),
            ),
            Self::Nothing => (*status, "text/plain", String::new()),
        }
    }
}
