//! The fake OpenAI.

mod async_openai;
mod faults;
mod requests;
mod streams;

use crate::http;
use fakes::openai::OpenAiServer;
use serde_json::{Value, json};

/// The smallest request.
fn hello(stream: bool) -> Value {
    json!({ "model": "gpt-x", "stream": stream, "messages": [{ "role": "user", "content": "hello" }] })
}

/// A request with the right key.
async fn ask(openai: &OpenAiServer, body: &Value) -> reqwest::Result<reqwest::Response> {
    http()
        .post(format!("{}/chat/completions", openai.url()))
        .bearer_auth("key")
        .json(body)
        .send()
        .await
}

/// The status and the JSON of an answer.
async fn answer(openai: &OpenAiServer, body: &Value) -> (u16, Value) {
    let response = ask(openai, body).await.unwrap();
    (response.status().as_u16(), response.json().await.unwrap())
}

/// The message of a refused request, which is the only violation.
async fn refusal(openai: &OpenAiServer, body: &Value) -> String {
    let (status, body) = answer(openai, body).await;
    assert_eq!(
        (status, &body["error"]["type"]),
        (400, &json!("invalid_request_error")),
        "{body}"
    );
    let message = body["error"]["message"].as_str().unwrap().to_owned();
    let violations = openai.take_violations();
    assert_eq!(violations.len(), 1, "{violations:?}");
    assert_eq!(violations[0].reason, message);
    message
}

/// The whole body of a stream, and its JSON frames; a frame that is no JSON becomes a string.
async fn stream(openai: &OpenAiServer, body: &Value) -> (String, Vec<Value>) {
    let text = ask(openai, body).await.unwrap().text().await.unwrap();
    let frames = text.lines().filter_map(|line| line.strip_prefix("data: "));
    let frames = frames.map(|frame| serde_json::from_str(frame).unwrap_or_else(|_| json!(frame)));
    let frames = frames.collect();
    (text, frames)
}

/// The text in the frames of a stream, joined.
fn content(frames: &[Value]) -> String {
    frames
        .iter()
        .filter_map(|frame| frame["choices"][0]["delta"]["content"].as_str())
        .collect()
}
