//! A refused call of the Calendar API, in Google's JSON shape, and what the HTTP side writes.

use serde_json::{Value, json};

/// An unsuccessful answer of the Calendar API.
#[derive(Clone, Debug)]
pub(crate) struct ApiError {
    pub(crate) code: u16,
    domain: &'static str,
    pub(crate) reason: &'static str,
    pub(crate) message: String,
    /// `parameter` or `header`, and its name.
    location: Option<(&'static str, String)>,
    /// The method that the token's scopes don't cover.
    uncovered: Option<&'static str>,
    /// Whether the client is to blame; an expired token, a deleted event or a quota are no faults of form.
    pub(crate) is_violation: bool,
}

impl ApiError {
    fn new(code: u16, domain: &'static str, reason: &'static str, message: impl Into<String>) -> Self {
        Self {
            code,
            domain,
            reason,
            message: message.into(),
            location: None,
            uncovered: None,
            is_violation: false,
        }
    }

    fn about(mut self, kind: &'static str, name: impl Into<String>) -> Self {
        self.location = Some((kind, name.into()));
        self
    }

    fn violation(mut self) -> Self {
        self.is_violation = true;
        self
    }

    /// 400, and a violation.
    pub(crate) fn bad(reason: &'static str, message: impl Into<String>) -> Self {
        Self::new(400, "global", reason, message).violation()
    }

    /// 400 because of a query parameter, and a violation.
    pub(crate) fn parameter(name: &str, reason: &'static str, message: impl Into<String>) -> Self {
        Self::bad(reason, message).about("parameter", name)
    }

    /// 400: the end is before the start, and a violation.
    pub(crate) fn empty_range() -> Self {
        Self::new(
            400,
            "calendar",
            "timeRangeEmpty",
            "The specified time range is empty.",
        )
        .about("parameter", "timeMax")
        .violation()
    }

    /// 401: the token is expired or revoked; one that was never given out is a violation.
    pub(crate) fn unauthorized(was_issued: bool) -> Self {
        let message = "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project.";
        let mut error = Self::new(401, "global", "authError", message).about("header", "Authorization");
        error.is_violation = !was_issued;
        error
    }

    /// 403: the token's scopes don't cover the method; a violation when the app never asked for one that does.
    pub(crate) fn insufficient_scope(method: &'static str, was_asked_for: bool) -> Self {
        let mut error = Self::new(
            403,
            "global",
            "insufficientPermissions",
            "Request had insufficient authentication scopes.",
        );
        error.uncovered = Some(method);
        error.is_violation = !was_asked_for;
        error
    }

    /// 403: the user may read the calendar, but not do this.
    pub(crate) fn read_only() -> Self {
        Self::new(
            403,
            "calendar",
            "requiredAccessLevel",
            "You need to have writer access to this calendar.",
        )
    }

    /// 403: too many requests, by the project or by the user.
    pub(crate) fn rate_limited(code: u16, reason: &'static str) -> Self {
        let message = match reason {
            "userRateLimitExceeded" => "User Rate Limit Exceeded",
            "quotaExceeded" => "Calendar usage limits exceeded.",
            _ => "Rate Limit Exceeded",
        };
        Self::new(code, "usageLimits", reason, message)
    }

    /// 404: there is no such calendar or event, or the user may not see it.
    pub(crate) fn not_found() -> Self {
        Self::new(404, "global", "notFound", "Not Found")
    }

    /// 409: the id is taken, be it by a deleted event.
    pub(crate) fn duplicate() -> Self {
        Self::new(
            409,
            "global",
            "duplicate",
            "The requested identifier already exists.",
        )
    }

    /// 410: the event was deleted before.
    pub(crate) fn deleted() -> Self {
        Self::new(410, "global", "deleted", "Resource has been deleted")
    }

    /// 410: the sync token is too old.
    pub(crate) fn full_sync_required() -> Self {
        Self::new(
            410,
            "calendar",
            "fullSyncRequired",
            "Sync token is no longer valid, a full sync is required.",
        )
        .about("parameter", "syncToken")
    }

    /// 410: `updatedMin` lies before what Google remembers of deleted events.
    pub(crate) fn updated_min_too_long_ago() -> Self {
        Self::new(
            410,
            "calendar",
            "updatedMinTooLongAgo",
            "The requested minimum modification time lies too far in the past.",
        )
        .about("parameter", "updatedMin")
    }

    /// 412: the etag is not the present one.
    pub(crate) fn precondition_failed() -> Self {
        Self::new(412, "global", "conditionNotMet", "Precondition Failed").about("header", "If-Match")
    }

    /// A status that a test asked for.
    pub(crate) fn injected(code: u16) -> Self {
        match code {
            401 => Self::unauthorized(true),
            404 => Self::not_found(),
            410 => Self::deleted(),
            412 => Self::precondition_failed(),
            429 => Self::rate_limited(429, "rateLimitExceeded"),
            503 => Self::new(
                503,
                "global",
                "backendError",
                "The service is currently unavailable.",
            ),
            _ => Self::new(code, "global", "backendError", "Backend Error"),
        }
    }

    /// 501: Google does this, the fake does not; a violation, so that no test passes on a guess.
    pub(crate) fn not_done(what: &str) -> Self {
        Self::new(
            501,
            "global",
            "notImplemented",
            format!("The fake does not do this: {what}."),
        )
        .violation()
    }

    /// 404 for an address that is none of the API's, and a violation.
    pub(crate) fn unknown_address() -> Self {
        Self::not_found().violation()
    }

    /// The response body.
    pub(crate) fn body(&self) -> Value {
        // The long text of a 401 stands outside, the short one inside.
        let short = if self.reason == "authError" {
            "Invalid Credentials"
        } else {
            &self.message
        };
        let mut inner = json!({ "message": short, "domain": self.domain, "reason": self.reason });
        if let Some((kind, name)) = &self.location {
            inner["locationType"] = json!(kind);
            inner["location"] = json!(name);
        }
        let mut error = json!({ "code": self.code, "message": self.message, "errors": [inner] });
        if self.code == 401 {
            error["status"] = json!("UNAUTHENTICATED");
        }
        if let Some(method) = self.uncovered {
            error["status"] = json!("PERMISSION_DENIED");
            error["details"] = json!([{
                "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                "reason": "ACCESS_TOKEN_SCOPE_INSUFFICIENT",
                "domain": "googleapis.com",
                "metadata": {
                    "service": "calendar-json.googleapis.com",
                    "method": format!("calendar.v3.{method}"),
                },
            }]);
        }
        json!({ "error": error })
    }
}

/// What goes back over HTTP.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) content_type: &'static str,
    pub(crate) body: String,
    pub(crate) location: Option<String>,
    pub(crate) retry_after: Option<u64>,
    pub(crate) etag: Option<String>,
}

impl Reply {
    /// JSON, with the `ETag` of the resource when it has one.
    pub(crate) fn json(status: u16, body: &Value) -> Self {
        Self {
            status,
            content_type: "application/json; charset=UTF-8",
            body: body.to_string(),
            location: None,
            retry_after: None,
            etag: body["etag"].as_str().map(str::to_owned),
        }
    }

    /// A page for people.
    pub(crate) fn page(status: u16, body: String) -> Self {
        Self {
            content_type: "text/html; charset=utf-8",
            body,
            ..Self::empty(status)
        }
    }

    /// A status alone.
    pub(crate) fn empty(status: u16) -> Self {
        Self {
            status,
            content_type: "",
            body: String::new(),
            location: None,
            retry_after: None,
            etag: None,
        }
    }

    /// Sends a browser elsewhere.
    pub(crate) fn redirect(location: String) -> Self {
        Self {
            location: Some(location),
            ..Self::empty(302)
        }
    }
}
