//! The fake Telegram.

mod entities;
mod faults;
mod messages;
mod people;
mod teloxide;
mod updates;

use crate::http;
use fakes::telegram::TelegramServer;
use serde_json::Value;

/// A call with JSON; the HTTP status and the body.
async fn call(telegram: &TelegramServer, method: &str, parameters: Value) -> (u16, Value) {
    try_call(telegram, method, parameters).await.unwrap()
}

/// Like [`call`], for calls that may get no answer.
async fn try_call(
    telegram: &TelegramServer,
    method: &str,
    parameters: Value,
) -> reqwest::Result<(u16, Value)> {
    let url = format!("{}/bot{}/{method}", telegram.url(), telegram.token());
    let response = http().post(url).json(&parameters).send().await?;
    Ok((response.status().as_u16(), response.json().await?))
}

/// The description of a refused call, whose only violation it is.
async fn refusal(telegram: &TelegramServer, method: &str, parameters: Value) -> String {
    let (status, body) = call(telegram, method, parameters).await;
    assert_eq!(status, 400, "{body}");
    let description = body["description"].as_str().unwrap().to_owned();
    let violations = telegram.take_violations();
    assert_eq!(violations.len(), 1, "{violations:?}");
    assert_eq!(violations[0].reason, description);
    description
}
