//! Every way in which an answer goes wrong.

use super::{answer, ask, content, hello, stream};
use crate::LIMIT;
use fakes::openai::{OpenAiServer, Step};
use serde_json::json;
use std::time::{Duration, Instant};

#[tokio::test]
async fn errors_have_openais_shape_or_a_proxys_page() {
    let openai = OpenAiServer::start().await;
    openai.script([
        Step::rate_limited(7),
        Step::server_error(),
        Step::unavailable_page(),
    ]);
    let response = ask(&openai, &hello(true)).await.unwrap();
    assert_eq!(
        (response.status().as_u16(), &response.headers()["retry-after"]),
        (429, &"7".parse().unwrap())
    );
    let (status, body) = answer(&openai, &hello(true)).await;
    assert_eq!((status, &body["error"]["code"]), (500, &json!("server_error")));
    let response = ask(&openai, &hello(true)).await.unwrap();
    assert_eq!(
        (response.status().as_u16(), &response.headers()["content-type"]),
        (503, &"text/html".parse().unwrap())
    );
}

#[tokio::test]
async fn a_cut_stream_delivers_its_beginning_and_then_fails() {
    let openai = OpenAiServer::start().await;
    openai.script([Step::text("abcdefgh").cut_after(2)]);
    let mut response = ask(&openai, &hello(true)).await.unwrap();
    let mut text = String::new();
    let failure = loop {
        match response.chunk().await {
            Ok(Some(chunk)) => text.push_str(std::str::from_utf8(&chunk).unwrap()),
            Ok(None) => break None,
            Err(error) => break Some(error),
        }
    };
    assert!(failure.is_some(), "the stream ended in order: {text}");
    assert!(text.contains("\"abcd\"") && !text.contains("efgh"), "{text}");
    openai.script([Step::text("x").cut_after(0)]);
    assert!(ask(&openai, &hello(false)).await.is_err());
}

#[tokio::test]
async fn streams_can_be_empty_unfinished_malformed_or_doubled() {
    let openai = OpenAiServer::start().await;
    let text = || Step::text("abcd");
    openai.script([Step::empty_stream()]);
    assert_eq!(stream(&openai, &hello(true)).await.0, "");
    openai.script([text().without_finish().without_done()]);
    let (raw, frames) = stream(&openai, &hello(true)).await;
    assert_eq!(
        (content(&frames).as_str(), raw.contains("[DONE]")),
        ("abcd", false)
    );
    assert!(
        frames
            .iter()
            .all(|frame| frame["choices"][0]["finish_reason"].is_null())
    );
    openai.script([text().malformed_frame_at(1)]);
    let (_, frames) = stream(&openai, &hello(true)).await;
    assert!(frames[1].is_string() && frames[0].is_object() && frames[2].is_object());
    openai.script([text().error_frame_at(2)]);
    let (raw, frames) = stream(&openai, &hello(true)).await;
    assert_eq!(
        (frames.len(), &frames[2]["error"]["type"], raw.contains("[DONE]")),
        (3, &json!("server_error"), false)
    );
    openai.script([text().duplicated()]);
    assert_eq!(content(&stream(&openai, &hello(true)).await.1), "abcdabcd");
    openai.script([text().without_choices()]);
    assert!(
        stream(&openai, &hello(true))
            .await
            .1
            .iter()
            .all(|frame| frame["choices"][0].is_null())
    );
}

#[tokio::test]
async fn answers_can_differ_from_openais_as_compatible_servers_do() {
    let openai = OpenAiServer::start().await;
    openai.script([
        Step::text("a").without_created(),
        Step::text("a").content_type("text/plain"),
        Step::tool_call_with_text("get_time", "{\"zone\": "),
        Step::text("cut off").finishing_with("length"),
        Step::text("a").malformed_frame_at(0),
    ]);
    assert!(answer(&openai, &hello(false)).await.1["created"].is_null());
    let response = ask(&openai, &hello(false)).await.unwrap();
    assert_eq!(response.headers()["content-type"], "text/plain");
    let (_, body) = answer(&openai, &hello(false)).await;
    assert_eq!(
        body["choices"][0]["message"]["tool_calls"][0]["function"]["arguments"],
        "{\"zone\": "
    );
    assert_eq!(
        answer(&openai, &hello(false)).await.1["choices"][0]["finish_reason"],
        "length"
    );
    assert!(
        ask(&openai, &hello(false))
            .await
            .unwrap()
            .json::<serde_json::Value>()
            .await
            .is_err()
    );
}

#[tokio::test]
async fn answers_can_be_slow_or_never_come() {
    let openai = OpenAiServer::start().await;
    let wait = Duration::from_millis(100);
    openai.script([Step::text("a").after(wait), Step::text("abcd").every(wait / 4)]);
    for body in [hello(false), hello(true)] {
        let started = Instant::now();
        ask(&openai, &body).await.unwrap().text().await.unwrap();
        assert!(started.elapsed() >= wait);
    }
    openai.script([Step::hang(), Step::text("abcd").hang_after(2)]);
    let body = hello(false);
    tokio::select! {
        answered = ask(&openai, &body) => assert!(answered.is_err(), "a request that hangs was answered"),
        arrived = openai.wait_for_requests(3, LIMIT) => assert!(arrived),
    }
    let mut response = ask(&openai, &hello(true)).await.unwrap();
    let mut text = String::new();
    while !text.contains("abcd") {
        text.push_str(std::str::from_utf8(&response.chunk().await.unwrap().unwrap()).unwrap());
    }
    assert!(tokio::time::timeout(wait, response.chunk()).await.is_err());
}
