//! What a failed call means.

use async_openai::error::OpenAIError;
use reqwest::StatusCode;
use serde::Deserialize;

use super::{ModelError, endpoint::Refusal};

/// How much of a server's own words is kept for the operator, in characters.
const SHOWN: usize = 300;

/// The meaning of an error of the library's.
pub(super) fn meaning(error: OpenAIError) -> ModelError {
    match error {
        OpenAIError::Boxed(error) => match error.downcast::<Refusal>() {
            Ok(refusal) => refused(*refusal),
            Err(error) => unavailable(error.to_string()),
        },
        OpenAIError::Reqwest(error) if error.is_connect() => unavailable("no connection".to_owned()),
        OpenAIError::Reqwest(error) if error.is_timeout() => unavailable("no answer in time".to_owned()),
        OpenAIError::Reqwest(error) if error.is_body() || error.is_decode() => {
            ModelError::Broken("the answer was cut".to_owned())
        }
        OpenAIError::Reqwest(error) => unavailable(error.without_url().to_string()),
        // The text of these repeats what the server sent, and that may be what the user said.
        OpenAIError::JSONDeserialize(..) => {
            ModelError::Broken("the answer is not what the API promises".to_owned())
        }
        OpenAIError::StreamError(_) => ModelError::Broken("the stream was cut or is not one".to_owned()),
        OpenAIError::InvalidArgument(text) => ModelError::Refused(text),
        other => ModelError::Broken(shown(&other.to_string())),
    }
}

/// The meaning of an error that the server reports in the midst of its stream.
pub(super) fn in_stream(error: &serde_json::Value) -> ModelError {
    let text = error.get("message").and_then(|text| text.as_str());
    unavailable(shown(text.unwrap_or("an error in the stream")))
}

/// OpenAI's error object, as far as it matters.
#[derive(Default, Deserialize)]
struct Body {
    #[serde(default)]
    error: Error,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Error {
    message: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    // A string at OpenAI, a number elsewhere.
    code: Option<serde_json::Value>,
}

fn refused(refusal: Refusal) -> ModelError {
    let Refusal {
        status,
        retry_after,
        body,
    } = refusal;
    let error = serde_json::from_str::<Body>(&body).unwrap_or_default().error;
    let has_no_quota = [
        error.kind.as_deref(),
        error.code.as_ref().and_then(|code| code.as_str()),
    ]
    .contains(&Some("insufficient_quota"));
    let reason = match &error.message {
        Some(message) => format!("status {}: {}", status.as_u16(), shown(message)),
        None => format!("status {}", status.as_u16()),
    };
    match status {
        StatusCode::TOO_MANY_REQUESTS if has_no_quota => ModelError::Refused(reason),
        StatusCode::TOO_MANY_REQUESTS => ModelError::RateLimited { retry_after },
        StatusCode::REQUEST_TIMEOUT | StatusCode::CONFLICT => ModelError::Unavailable { reason, retry_after },
        _ if status.is_server_error() => ModelError::Unavailable { reason, retry_after },
        _ => ModelError::Refused(reason),
    }
}

fn unavailable(reason: String) -> ModelError {
    ModelError::Unavailable {
        reason,
        retry_after: None,
    }
}

fn shown(text: &str) -> String {
    text.chars().take(SHOWN).collect()
}
