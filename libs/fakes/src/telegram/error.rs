//! A refused call, in the Bot API's shape.

use serde_json::{Value, json};

/// An unsuccessful response of the Bot API.
#[derive(Clone, Debug)]
pub(crate) struct ApiError {
    pub(crate) code: u16,
    pub(crate) description: String,
    pub(crate) retry_after: Option<u64>,
    pub(crate) migrate_to: Option<i64>,
    /// Whether the client is to blame; a blocked bot, a second poller and a flood limit are no faults of form.
    pub(crate) is_violation: bool,
}

impl ApiError {
    /// 400, and a violation.
    pub(crate) fn bad(reason: &str) -> Self {
        Self {
            code: 400,
            description: format!("Bad Request: {reason}"),
            retry_after: None,
            migrate_to: None,
            is_violation: true,
        }
    }

    /// 400: the group became a supergroup with this id.
    pub(crate) fn migrated(to: i64) -> Self {
        Self {
            migrate_to: Some(to),
            is_violation: false,
            ..Self::bad("group chat was upgraded to a supergroup chat")
        }
    }

    /// 401: the token is not this bot's.
    pub(crate) fn unauthorized() -> Self {
        Self {
            code: 401,
            description: "Unauthorized".to_owned(),
            retry_after: None,
            migrate_to: None,
            is_violation: true,
        }
    }

    /// 403: the user does not want the bot.
    pub(crate) fn forbidden(reason: &str) -> Self {
        Self {
            code: 403,
            description: format!("Forbidden: {reason}"),
            retry_after: None,
            migrate_to: None,
            is_violation: false,
        }
    }

    /// 404: no such method.
    pub(crate) fn not_found() -> Self {
        Self {
            code: 404,
            description: "Not Found".to_owned(),
            retry_after: None,
            migrate_to: None,
            is_violation: true,
        }
    }

    /// 409: somebody else receives the updates.
    pub(crate) fn conflict(reason: &str) -> Self {
        Self {
            code: 409,
            description: format!("Conflict: {reason}"),
            retry_after: None,
            migrate_to: None,
            is_violation: false,
        }
    }

    /// 429, with the seconds to wait.
    pub(crate) fn too_many(retry_after: u64) -> Self {
        let description = format!("Too Many Requests: retry after {retry_after}");
        Self {
            code: 429,
            description,
            retry_after: Some(retry_after),
            migrate_to: None,
            is_violation: false,
        }
    }

    /// A status that a test asked for.
    pub(crate) fn injected(code: u16) -> Self {
        let description = match code {
            500 => "Internal Server Error".to_owned(),
            502 => "Bad Gateway".to_owned(),
            504 => "Gateway Timeout".to_owned(),
            _ => format!("Injected failure {code}"),
        };
        Self {
            code,
            description,
            retry_after: None,
            migrate_to: None,
            is_violation: false,
        }
    }

    /// The response body.
    pub(crate) fn body(&self) -> Value {
        let mut body = json!({ "ok": false, "error_code": self.code, "description": self.description });
        if let Some(seconds) = self.retry_after {
            body["parameters"] = json!({ "retry_after": seconds });
        }
        if let Some(chat) = self.migrate_to {
            body["parameters"] = json!({ "migrate_to_chat_id": chat });
        }
        body
    }
}
