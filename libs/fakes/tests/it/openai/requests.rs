//! Which requests are refused, and in which words.

use super::{answer, ask, hello, refusal};
use crate::{LIMIT, http};
use fakes::openai::{OpenAiServer, Options, Step};
use serde_json::{Value, json};

/// The smallest request with one more field.
fn with(field: &str, value: Value) -> Value {
    let mut body = hello(false);
    body[field] = value;
    body
}

fn with_messages(messages: Value) -> Value {
    with("messages", messages)
}

fn tool(name: &str, parameters: Value) -> Value {
    let mut tool = json!({ "type": "function", "function": { "name": name } });
    tool["function"]["parameters"] = parameters;
    tool
}

fn call(id: &str) -> Value {
    json!({ "role": "assistant", "content": null, "tool_calls": [
        { "id": id, "type": "function", "function": { "name": "get_time", "arguments": "{}" } },
    ] })
}

fn result(id: &str) -> Value {
    json!({ "role": "tool", "tool_call_id": id, "content": "noon" })
}

#[tokio::test]
async fn a_request_is_recorded_with_its_size() {
    let openai = OpenAiServer::start().await;
    let (status, body) = answer(&openai, &hello(false)).await;
    assert_eq!(
        (status, &body["choices"][0]["message"]["content"]),
        (200, &json!("hello"))
    );
    assert_eq!(body["choices"][0]["finish_reason"], "stop");
    let requests = openai.requests();
    assert_eq!(requests[0].body, hello(false));
    assert_eq!(requests[0].bytes, hello(false).to_string().len());
    assert!(openai.wait_for_requests(1, LIMIT).await);
}

#[tokio::test]
async fn a_request_needs_a_key_and_a_known_path_and_model() {
    let options = Options {
        key: Some("right".to_owned()),
        models: vec!["gpt-x".to_owned()],
        ..Options::default()
    };
    let openai = OpenAiServer::start_with(options).await;
    let url = format!("{}/chat/completions", openai.url());
    for key in [None, Some("wrong")] {
        let request = http().post(&url).json(&hello(false));
        let request = if let Some(key) = key {
            request.bearer_auth(key)
        } else {
            request
        };
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 401);
        let body: Value = response.json().await.unwrap();
        assert_eq!(body["error"]["type"], "invalid_request_error");
    }
    let models = http()
        .get(format!("{}/models", openai.url()))
        .bearer_auth("right")
        .send()
        .await
        .unwrap();
    assert_eq!(models.json::<Value>().await.unwrap()["data"][0]["id"], "gpt-x");
    let other = http()
        .post(&url)
        .bearer_auth("right")
        .json(&with("model", json!("gpt-y")))
        .send()
        .await
        .unwrap();
    assert_eq!(other.status(), 404);
    let lost = http()
        .get(format!("{}/completions", openai.url()))
        .send()
        .await
        .unwrap();
    assert_eq!(lost.status(), 404);
    assert_eq!(openai.take_violations().len(), 4);
}

#[tokio::test]
async fn fields_are_known_and_in_their_ranges() {
    let openai = OpenAiServer::start().await;
    for (body, word) in [
        (
            with("top_k", json!(5)),
            "Unrecognized request argument supplied: top_k",
        ),
        (with("model", json!(" ")), "you must provide a model parameter"),
        (
            with("temperature", json!(2.5)),
            "Invalid 'temperature': expected a value between 0 and 2",
        ),
        (
            with("temperature", json!("hot")),
            "Invalid type for 'temperature'",
        ),
        (with("max_tokens", json!(0)), "Expected a value >= 1"),
        (with("stream", json!("yes")), "Invalid type for 'stream'"),
        (
            with("stream_options", json!({ "include_usage": true })),
            "only allowed when 'stream' is enabled",
        ),
        (
            with("parallel_tool_calls", json!(true)),
            "only allowed when 'tools' are specified",
        ),
        (
            with("tool_choice", json!("auto")),
            "only allowed when 'tools' are specified",
        ),
        (with("reasoning_effort", json!("huge")), "Invalid value"),
        (json!([]), "could not parse"),
    ] {
        let refused = refusal(&openai, &body).await;
        assert!(refused.contains(word), "{refused}");
    }
    assert_eq!(openai.served(), 0);
}

#[tokio::test]
async fn messages_follow_the_rules_of_roles_and_tools() {
    let openai = OpenAiServer::start().await;
    let user = json!({ "role": "user", "content": "hi" });
    for (messages, word) in [
        (json!([]), "empty array"),
        (json!("hi"), "Invalid type for 'messages'"),
        (json!([{ "role": "bot", "content": "x" }]), "Invalid value: 'bot'"),
        (json!([{ "role": "user" }]), "expected a string, got null"),
        (
            json!([{ "role": "user", "content": 5 }]),
            "Invalid type for 'messages[0].content'",
        ),
        (
            json!([{ "role": "user", "content": "x", "id": 1 }]),
            "Unknown parameter: 'messages[0].id'",
        ),
        (
            json!([{ "role": "user", "content": [{ "type": "text" }] }]),
            "content part",
        ),
        (
            json!([user, { "role": "assistant", "content": null }]),
            "got null",
        ),
        (
            json!([user, { "role": "assistant", "content": "x", "tool_calls": [] }]),
            "empty array",
        ),
        (
            json!([user, result("a")]),
            "must be a response to a preceeding message with 'tool_calls'",
        ),
        (json!([user, call("a")]), "did not have response messages: a"),
        (
            json!([user, call("a"), user]),
            "did not have response messages: a",
        ),
        (json!([user, call("a"), result("b")]), "must be a response"),
        (
            json!([user, call("a"), result("a"), result("a")]),
            "must be a response",
        ),
    ] {
        let refused = refusal(&openai, &with_messages(messages)).await;
        assert!(refused.contains(word), "{refused}");
    }
    let good = with_messages(json!([
        { "role": "system", "content": "be brief" }, user, call("a"), result("a"),
        { "role": "user", "content": [{ "type": "text", "text": "and now?" }] },
    ]));
    assert_eq!(
        answer(&openai, &good).await.1["choices"][0]["message"]["content"],
        "and now?"
    );
    let open = with_messages(json!([user, call("a"), result("a")]));
    assert_eq!(answer(&openai, &open).await.0, 200);
    assert_eq!(
        openai.requests()[1].tool_results(),
        [("a".to_owned(), "noon".to_owned())]
    );
}

#[tokio::test]
async fn tools_have_names_and_object_schemas() {
    let openai = OpenAiServer::start().await;
    let object = json!({ "type": "object", "properties": {} });
    let with_tools = |tools: Value| with("tools", tools);
    let schema = |property: Value| {
        json!([tool(
            "a",
            json!({ "type": "object", "properties": { "x": property } })
        )])
    };
    let many: Vec<Value> = (0..129).map(|n| tool(&format!("t{n}"), object.clone())).collect();
    for (tools, word) in [
        (json!([]), "empty array"),
        (json!(many), "array too long"),
        (json!([tool("a b", object.clone())]), "does not match pattern"),
        (json!([tool("", object.clone())]), "empty string"),
        (json!([tool(&"a".repeat(65), object.clone())]), "string too long"),
        (
            json!([tool("a", object.clone()), tool("a", object.clone())]),
            "unique",
        ),
        (
            json!([tool("a", json!({ "type": "string" }))]),
            "schema must be a JSON Schema of 'type: \"object\"'",
        ),
        (
            json!([tool("a", json!({}))]),
            "schema must be a JSON Schema of 'type: \"object\"'",
        ),
        (schema(json!({ "type": "array" })), "array schema missing items"),
        (schema(json!({ "type": "date" })), "not valid"),
        (schema(json!({ "$ref": "#/$defs/Missing" })), "can't be resolved"),
        (schema(json!({ "anyOf": [] })), "non-empty array"),
        (
            json!([tool("a", json!({ "type": "object", "required": ["x"] }))]),
            "not in 'properties'",
        ),
        (
            json!([{ "type": "function", "name": "a" }]),
            "Unknown parameter: 'tools[0].name'",
        ),
    ] {
        let refused = refusal(&openai, &with_tools(tools)).await;
        assert!(refused.contains(word), "{refused}");
    }
    let mut strict = tool(
        "a",
        json!({ "type": "object", "properties": { "x": { "type": "string" } } }),
    );
    strict["function"]["strict"] = json!(true);
    assert!(
        refusal(&openai, &with_tools(json!([strict])))
            .await
            .contains("additionalProperties")
    );
    let mut body = with_tools(json!([tool("a", object)]));
    body["tool_choice"] = json!({ "type": "function", "function": { "name": "b" } });
    assert!(refusal(&openai, &body).await.contains("not found in 'tools'"));
    body["tool_choice"] = json!({ "type": "function", "function": { "name": "a" } });
    assert_eq!(answer(&openai, &body).await.0, 200);
    assert_eq!(openai.requests()[0].tool_names(), ["a"]);
}

#[tokio::test]
#[should_panic(expected = "1 steps were never asked for")]
async fn a_step_left_over_fails_the_test() {
    let openai = OpenAiServer::start().await;
    openai.script([Step::text("one"), Step::text("two")]);
    ask(&openai, &hello(false)).await.unwrap();
}
