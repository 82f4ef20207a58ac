//! Why Google did not do what it was asked, by meaning.

use std::time::Duration;

use serde::Deserialize;

use crate::tokens::AccountError;

/// Why Google did not do it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum GoogleError {
    /// There is no token to ask with.
    #[error("the account cannot be used")]
    Account(#[from] AccountError),
    /// 401: the token has run out or was revoked.
    #[error("Google refused the access token")]
    Unauthorized,
    /// 403: the user may not do this; why, in words.
    #[error("{0}")]
    Forbidden(&'static str),
    /// 403 or 429: asked too often.
    #[error("Google limits how often it is asked")]
    RateLimited {
        /// What Google says about when to come back.
        retry_after: Option<Duration>,
    },
    /// 403: the operator has not switched the Calendar API on.
    #[error("the Calendar API is switched off in the operator's Google project")]
    ApiSwitchedOff,
    /// 404.
    #[error("Google knows no such calendar or event")]
    NotFound,
    /// 409: the id exists.
    #[error("the event exists already")]
    Exists,
    /// 410: deleted.
    #[error("the event was deleted")]
    Gone,
    /// 412: the etag is another.
    #[error("the event was changed meanwhile")]
    Changed,
    /// 400: what Google finds wrong.
    #[error("Google refused the request: {0}")]
    Invalid(String),
    /// Not reached, 5xx, or an answer that cannot be read.
    #[error("Google cannot be reached or cannot serve now")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// An error's body, as far as it is looked at.
#[derive(Debug, Default, Deserialize)]
struct Body {
    #[serde(default)]
    error: Details,
}

#[derive(Debug, Default, Deserialize)]
struct Details {
    #[serde(default)]
    message: String,
    #[serde(default)]
    errors: Vec<Reason>,
    #[serde(default)]
    details: Vec<Reason>,
}

#[derive(Debug, Default, Deserialize)]
struct Reason {
    #[serde(default)]
    reason: String,
}

impl GoogleError {
    /// The error for an answer that is not a success.
    /// See <https://developers.google.com/workspace/calendar/api/guides/errors>.
    pub(super) fn from_answer(status: u16, retry_after: Option<Duration>, body: &[u8]) -> Self {
        let Details {
            message,
            errors,
            details,
        } = serde_json::from_slice::<Body>(body).unwrap_or_default().error;
        let has = |wanted: &str| errors.iter().chain(&details).any(|error| error.reason == wanted);
        match status {
            400 | 413 | 422 => Self::Invalid(one_line(&message)),
            401 => Self::Unauthorized,
            403 if [
                "rateLimitExceeded",
                "userRateLimitExceeded",
                "quotaExceeded",
                "dailyLimitExceeded",
                "calendarUsageLimitsExceeded",
            ]
            .into_iter()
            .any(has) =>
            {
                Self::RateLimited { retry_after }
            }
            403 if has("accessNotConfigured") || has("SERVICE_DISABLED") => Self::ApiSwitchedOff,
            // The user took the calendar's tick away on the consent page.
            403 if has("insufficientPermissions") || has("ACCESS_TOKEN_SCOPE_INSUFFICIENT") => {
                Self::Account(AccountError::ReconnectNeeded)
            }
            403 if has("forbiddenForNonOrganizer") => {
                Self::Forbidden("only its organizer can change this event")
            }
            403 if has("requiredAccessLevel") => {
                Self::Forbidden("the user may read this calendar, but not change it")
            }
            403 => Self::Forbidden("the user may not do this with this calendar"),
            404 => Self::NotFound,
            409 => Self::Exists,
            410 => Self::Gone,
            412 => Self::Changed,
            429 => Self::RateLimited { retry_after },
            _ => Self::Unavailable(format!("status {status}").into()),
        }
    }
}

/// Google's words, short and on one line: they may repeat what the user wrote.
fn one_line(message: &str) -> String {
    let words: Vec<&str> = message.split_whitespace().collect();
    match words.join(" ") {
        text if text.is_empty() => "it does not say why".to_owned(),
        text => text.chars().take(200).collect(),
    }
}

#[cfg(test)]
mod tests {
    //! A table of answers.

    use serde_json::json;

    use super::*;

    #[test]
    fn each_answer_has_its_meaning() {
        let meaning = |status: u16, reason: &str| {
            let body = json!({"error": {"code": status, "message": "Words\nof Google", "errors": [{"reason": reason}]}});
            let error =
                GoogleError::from_answer(status, Some(Duration::from_secs(3)), body.to_string().as_bytes());
            format!("{error:?}")
        };
        for (status, reason, expected) in [
            (400, "invalid", "Invalid(\"Words of Google\")"),
            (401, "authError", "Unauthorized"),
            (403, "rateLimitExceeded", "RateLimited { retry_after: Some(3s) }"),
            (
                403,
                "userRateLimitExceeded",
                "RateLimited { retry_after: Some(3s) }",
            ),
            (403, "quotaExceeded", "RateLimited { retry_after: Some(3s) }"),
            (
                403,
                "requiredAccessLevel",
                "Forbidden(\"the user may read this calendar, but not change it\")",
            ),
            (
                403,
                "forbiddenForNonOrganizer",
                "Forbidden(\"only its organizer can change this event\")",
            ),
            (
                403,
                "forbidden",
                "Forbidden(\"the user may not do this with this calendar\")",
            ),
            (403, "accessNotConfigured", "ApiSwitchedOff"),
            (403, "insufficientPermissions", "Account(ReconnectNeeded)"),
            (404, "notFound", "NotFound"),
            (409, "duplicate", "Exists"),
            (410, "deleted", "Gone"),
            (412, "conditionNotMet", "Changed"),
            (429, "rateLimitExceeded", "RateLimited { retry_after: Some(3s) }"),
            (500, "backendError", "Unavailable(\"status 500\")"),
            (503, "backendError", "Unavailable(\"status 503\")"),
        ] {
            assert_eq!(meaning(status, reason), expected, "{status} {reason}");
        }
        let page = GoogleError::from_answer(502, None, b"<html>");
        assert!(matches!(page, GoogleError::Unavailable(_)));
    }
}
