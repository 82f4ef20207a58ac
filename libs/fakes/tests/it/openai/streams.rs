//! Streamed and whole answers, and chunks that end anywhere.

use super::{answer, ask, content, hello, stream};
use fakes::openai::{OpenAiServer, Step, ToolCall};
use serde_json::{Value, json};
use std::collections::BTreeMap;

const TEXT: &str = "Grüße 😀, 日本語 and a quote: \"x\\y\"\nline";

/// The arguments of each streamed call by its name, put together from their pieces.
fn arguments(frames: &[Value]) -> BTreeMap<String, String> {
    let mut calls: BTreeMap<u64, (String, String)> = BTreeMap::new();
    let deltas = frames
        .iter()
        .filter_map(|frame| frame["choices"][0]["delta"]["tool_calls"].as_array())
        .flatten();
    for delta in deltas {
        let call = calls.entry(delta["index"].as_u64().unwrap()).or_default();
        call.0
            .push_str(delta["function"]["name"].as_str().unwrap_or_default());
        call.1
            .push_str(delta["function"]["arguments"].as_str().unwrap_or_default());
    }
    calls.into_values().collect()
}

#[tokio::test]
async fn a_stream_ends_with_finish_usage_and_done() {
    let openai = OpenAiServer::start().await;
    openai.answers(TEXT);
    let mut body = hello(true);
    body["stream_options"] = json!({ "include_usage": true });
    let (text, frames) = stream(&openai, &body).await;
    assert_eq!(content(&frames), TEXT);
    assert!(text.ends_with("data: [DONE]\n\n"), "{text}");
    let count = frames.len();
    assert_eq!(frames[0]["choices"][0]["delta"]["role"], "assistant");
    assert_eq!(frames[count - 3]["choices"][0]["finish_reason"], "stop");
    assert_eq!(frames[count - 2]["choices"], json!([]));
    assert!(frames[count - 2]["usage"]["total_tokens"].as_u64().unwrap() > 0);
    assert!(
        frames[..count - 2]
            .iter()
            .all(|frame| frame["usage"].is_null() && frame["created"].is_i64())
    );
}

#[tokio::test]
async fn chunks_end_inside_characters_lines_and_arguments_and_nothing_is_lost() {
    let openai = OpenAiServer::start().await;
    let note = json!({ "text": TEXT });
    let mut cut_inside_a_character = false;
    for seed in 0..20 {
        let calls = [
            ToolCall::new("note", &note),
            ToolCall::new("get_time", &json!({ "zone": "Asia/Tokyo" })),
        ];
        openai.script([Step::tool_calls(calls).saying(TEXT).split_anywhere(seed)]);
        let mut response = ask(&openai, &hello(true)).await.unwrap();
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.unwrap() {
            cut_inside_a_character |= std::str::from_utf8(&chunk).is_err();
            bytes.extend_from_slice(&chunk);
        }
        let text = String::from_utf8(bytes).unwrap();
        let frames = text.lines().filter_map(|line| line.strip_prefix("data: "));
        let frames: Vec<Value> = frames
            .filter_map(|frame| serde_json::from_str(frame).ok())
            .collect();
        assert_eq!(content(&frames), TEXT);
        let arguments = arguments(&frames);
        assert_eq!(serde_json::from_str::<Value>(&arguments["note"]).unwrap(), note);
        assert_eq!(arguments["get_time"], r#"{"zone":"Asia/Tokyo"}"#);
    }
    assert!(cut_inside_a_character);
}

#[tokio::test]
async fn tool_calls_come_whole_or_streamed_with_ids_of_their_own() {
    let openai = OpenAiServer::start().await;
    openai.calls_tool("get_time", json!({ "zone": "UTC" }));
    openai.calls_tool("get_time", json!({ "zone": "UTC" }));
    let (_, first) = answer(&openai, &hello(false)).await;
    let (_, second) = answer(&openai, &hello(false)).await;
    let call = &first["choices"][0]["message"]["tool_calls"][0];
    assert_eq!(
        call["function"],
        json!({ "name": "get_time", "arguments": r#"{"zone":"UTC"}"# })
    );
    assert_eq!(first["choices"][0]["finish_reason"], "tool_calls");
    assert_ne!(call["id"], second["choices"][0]["message"]["tool_calls"][0]["id"]);
}

#[tokio::test]
async fn a_handler_answers_when_the_script_is_empty() {
    let openai = OpenAiServer::start().await;
    openai.answers_with(|request| match request.last_role() {
        "user" => Step::tool_call("get_time", json!({})),
        _ => Step::text("it is noon"),
    });
    openai.answers("from the script");
    let texts = [
        answer(&openai, &hello(false)).await.1["choices"][0]["message"]["content"].clone(),
        answer(&openai, &hello(false)).await.1["choices"][0]["message"]["content"].clone(),
    ];
    assert_eq!(texts, [json!("from the script"), Value::Null]);
}
