//! Every shape of an answer, however its bytes are split.

use std::borrow::Cow;

use serde_json::{Value, json};

use super::{
    super::{super::ToolSpec, prose::Shown, trouble::Trouble},
    Reading,
    shapes::{Out, SHAPES, Shape},
};

/// The tools of the table: `time` takes a place and a number, `weather` a place.
pub(super) fn tools() -> Vec<ToolSpec> {
    let tool = |name: &'static str, properties: Value| ToolSpec {
        name: Cow::Borrowed(name),
        description: Cow::Borrowed("…"),
        parameters: json!({ "type": "object", "properties": properties }),
    };
    vec![
        tool(
            "time",
            json!({
                "place": { "type": "string" }, "plus_days": { "type": "integer" }, "exact": { "type": "boolean" },
                "days": { "type": "array", "items": { "type": "string", "enum": ["monday", "friday"] } },
            }),
        ),
        tool("weather", json!({ "place": { "type": "string" } })),
    ]
}

/// What some bytes come to, with what is shown meanwhile.
fn read(pieces: impl Iterator<Item = Vec<u8>>) -> (Result<(String, Vec<String>), String>, String) {
    let tools = tools();
    let mut reading = Reading::new(&tools);
    let mut live = String::new();
    for piece in pieces {
        if reading.is_done() {
            break;
        }
        match reading.push(&piece) {
            Err(trouble) => return (Err(why(&trouble)), live),
            Ok(step) => {
                for shown in step.shown {
                    match shown {
                        Shown::Nothing => {}
                        Shown::More(text) => live.push_str(&text),
                        Shown::Instead(text) => live = text,
                    }
                }
            }
        }
    }
    let outcome = reading
        .finish("server")
        .map_err(|trouble| why(&trouble))
        .map(|answer| {
            let calls = answer.tool_calls.iter();
            let calls = calls.map(|call| format!("{}#{}{}", call.name, call.id, call.arguments));
            (answer.text, calls.collect())
        });
    (outcome, live)
}

fn why(trouble: &Trouble) -> String {
    match trouble {
        Trouble::Broken(why) => why.clone(),
        Trouble::Said(said) => format!("said: {}", said.words),
        other => format!("{other:?}"),
    }
}

fn assert_shape(shape: &Shape, body: &str, split: &str) {
    let Shape { name, out, .. } = shape;
    let pieces: Vec<Vec<u8>> = match split {
        "whole" => vec![body.as_bytes().to_vec()],
        "bytes" => body.bytes().map(|byte| vec![byte]).collect(),
        _ => body.as_bytes().chunks(7).map(<[u8]>::to_vec).collect(),
    };
    let (outcome, live) = read(pieces.into_iter());
    let told = format!("{name}, split as {split}: {outcome:?}");
    match out {
        Out::Text(text) => {
            assert_eq!(outcome, Ok(((*text).to_owned(), Vec::new())), "{told}");
            assert!(text.starts_with(live.trim_end()), "{told}: {live:?} was shown");
        }
        Out::Calls(calls) => {
            let calls = calls.iter().map(|call| (*call).to_owned()).collect();
            assert_eq!(outcome, Ok((String::new(), calls)), "{told}");
            assert_eq!(live, "", "{told}: a call was shown");
        }
        Out::Both(text, calls) => {
            let calls = calls.iter().map(|call| (*call).to_owned()).collect();
            assert_eq!(outcome, Ok(((*text).to_owned(), calls)), "{told}");
            assert!(text.starts_with(live.trim_end()), "{told}: {live:?} was shown");
        }
        Out::Error(part) => assert!(outcome.as_ref().is_err_and(|why| why.contains(part)), "{told}"),
    }
}

#[test]
fn every_shape_is_read_however_it_is_split() {
    for shape in SHAPES.into_iter().flatten() {
        for split in ["whole", "bytes", "sevens"] {
            assert_shape(shape, shape.body, split);
            if shape.body.contains("data:") {
                assert_shape(shape, &shape.body.replace('\n', "\r\n"), split);
            }
        }
    }
}

#[test]
fn tokens_are_counted_however_they_are_written() {
    let rows = [
        (
            json!({ "usage": { "prompt_tokens": 5, "completion_tokens": 7 } }),
            (5, 7),
        ),
        (
            json!({ "usage": { "prompt_tokens": 5.0, "completion_tokens": 7.4 } }),
            (5, 7),
        ),
        (
            json!({ "usage": { "prompt_tokens": "5", "completion_tokens": null } }),
            (5, 0),
        ),
        (
            json!({ "usage": { "prompt_tokens": -1, "completion_tokens": 1e30 } }),
            (0, u32::MAX),
        ),
        (
            json!({ "usage": { "input_tokens": 5, "output_tokens": 7 } }),
            (5, 7),
        ),
        (
            json!({ "usage": null, "x_groq": { "usage": { "prompt_tokens": 5, "completion_tokens": 7 } } }),
            (5, 7),
        ),
        (
            json!({ "choices": [{ "usage": { "prompt_tokens": 5, "completion_tokens": 7 } }] }),
            (5, 7),
        ),
        (
            json!({ "prompt_eval_count": 5, "eval_count": 7, "done": true }),
            (5, 7),
        ),
        (json!({ "usage": [] }), (0, 0)),
        (json!({ "usage": "none" }), (0, 0)),
    ];
    for (chunk, (input, output)) in rows {
        let tools = tools();
        let mut reading = Reading::new(&tools);
        reading.push(format!("data: {chunk}\n\n").as_bytes()).unwrap();
        assert_eq!(
            (reading.usage().input, reading.usage().output),
            (input, output),
            "{chunk}"
        );
    }
}

#[test]
fn what_the_provider_wants_back_is_kept() {
    let tools = tools();
    let mut reading = Reading::new(&tools);
    let body = r#"
data: {"choices":[{"delta":{"reasoning_content":"Let me "}}]}

data: {"choices":[{"delta":{"reasoning_content":"think.","extra_content":{"google":{"thought_signature":"abc"}}}}]}

data: {"choices":[{"delta":{"tool_calls":[{"index":0,"id":"c1","extra_content":{"google":{"thought_signature":"s1"}},"function":{"name":"time","arguments":"{}"}},{"index":1,"id":"c2","function":{"name":"time","arguments":"{\"plus_days\":1}"}}]}}]}

data: {"choices":[{"delta":{},"finish_reason":"tool_calls"}]}
"#;
    reading.push(body.as_bytes()).unwrap();
    let answer = reading.finish("https://one.example/v1").unwrap();
    assert_eq!(answer.text, "");
    let provider = answer.provider.unwrap();
    assert_eq!(provider.server, "https://one.example/v1");
    assert_eq!(
        Value::Object(provider.message),
        json!({ "reasoning_content": "Let me think.", "extra_content": { "google": { "thought_signature": "abc" } } })
    );
    assert_eq!(
        json!(provider.calls),
        json!([{ "extra_content": { "google": { "thought_signature": "s1" } } }, {}])
    );
}

#[test]
fn what_does_not_end_is_given_up() {
    let tools = tools();
    let rows = [
        // One line for ever, comments for ever, a text for ever.
        "x".repeat(64 * 1024),
        format!(": {}\n", "x".repeat(64 * 1024)),
        format!(
            "data: {{\"choices\":[{{\"delta\":{{\"content\":\"{}\"}}}}]}}\n\n",
            "x".repeat(64 * 1024)
        ),
        format!("data: {}", "[".repeat(64 * 1024)),
        "{\"a\":".repeat(16 * 1024),
    ];
    for piece in rows {
        let mut reading = Reading::new(&tools);
        let mut pushed = 0;
        let trouble = loop {
            pushed += 1;
            assert!(pushed < 2000, "it goes on: {}", piece.get(..20).unwrap());
            if let Err(trouble) = reading.push(piece.as_bytes()) {
                break trouble;
            }
        };
        assert!(
            matches!(&trouble, Trouble::Broken(why) if why.contains("does not end")),
            "{trouble:?}"
        );
    }
}
