//! Ends, frames and errors of an answer.

use super::{
    Out::{Calls, Error, Text},
    Shape, shape,
};

pub(super) const SHAPES: &[Shape] = &[
    shape(
        "OpenAI",
        r#"data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":"","refusal":null},"finish_reason":null}],"usage":null}

data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"content":"Hällo"},"finish_reason":null}],"usage":null}

data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":null}

data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[],"usage":{"prompt_tokens":1,"completion_tokens":1}}

data: [DONE]

"#,
        Text("Hällo"),
    ),
    // Ends.
    shape(
        "finish_reason is empty throughout, and [DONE] ends",
        r#"data: {"choices":[{"delta":{"content":"Hel"},"finish_reason":""}]}

data: {"choices":[{"delta":{"content":"lo"},"finish_reason":""}]}

data: [DONE]

"#,
        Text("Hello"),
    ),
    shape(
        "finish_reason is null throughout, and only the bytes end",
        r#"data: {"choices":[{"delta":{"content":"Hello"},"finish_reason":null}]}

"#,
        Error("cut"),
    ),
    shape(
        "stop in every chunk",
        r#"data: {"choices":[{"delta":{"content":"Hel"},"finish_reason":"stop"}]}

data: {"choices":[{"delta":{"content":"lo"},"finish_reason":"stop"}]}

data: [DONE]

"#,
        Text("Hello"),
    ),
    shape(
        "the finish twice, and no [DONE]",
        r#"data: {"choices":[{"delta":{"content":"Hello"}}]}

data: {"choices":[{"delta":{},"finish_reason":"stop"}]}

data: {"choices":[{"delta":{},"finish_reason":"stop"}]}

"#,
        Text("Hello"),
    ),
    shape(
        "content behind the stop, without the last empty line",
        r#"data: {"choices":[{"delta":{"content":"Hel"},"finish_reason":"stop"}]}

data: {"choices":[{"delta":{"content":"lo"}}]}"#,
        Text("Hello"),
    ),
    shape(
        "finish_reason error is no end",
        r#"data: {"choices":[{"delta":{"content":"Hel"},"finish_reason":"error"}]}

data: [DONE]

"#,
        Error("gave up"),
    ),
    shape(
        "an unknown reason is no end",
        r#"data: {"choices":[{"delta":{"content":"Hel"},"finish_reason":"pause"}]}

"#,
        Error("cut"),
    ),
    shape(
        "an unknown reason, and [DONE]",
        r#"data: {"choices":[{"delta":{"content":"Hello"},"finish_reason":"natural"}]}

data: [DONE]

"#,
        Text("Hello"),
    ),
    shape("only [DONE]", "data: [DONE]\n\n", Error("empty")),
    shape("nothing at all", "", Error("empty")),
    shape("only comments", ": ping\n\n: ping\n\n", Error("empty")),
    shape(
        "an error behind the end says nothing any more",
        r#"data: {"choices":[{"delta":{"content":"Hello"},"finish_reason":"stop"}]}

data: {"error":{"message":"usage could not be counted"}}

"#,
        Text("Hello"),
    ),
    // The frame.
    shape(
        "comments, no space behind data, events with names, ids that are one",
        ": OPENROUTER PROCESSING\n\nevent: message\nid: 1\ndata:{\"choices\":[{\"delta\":{\"content\":\"la \"}}]}\n\nevent: \
         message\nid: 1\ndata:{\"choices\":[{\"delta\":{\"content\":\"lu \"}}]}\n\nid: 1\ndata:{\"choices\":[{\"delta\":\
         {\"content\":\"lu \"}}]}\n\nretry: 3\nid: 1\ndata:{\"choices\":[{\"delta\":{\"content\":\"li\"},\"finish_reason\":\
         \"stop\"}]}\n\ndata:[DONE]\n\n",
        Text("la lu lu li"),
    ),
    shape(
        "a byte order mark, and no empty lines between",
        "\u{feff}data: {\"choices\":[{\"delta\":{\"content\":\"Hel\"}}]}\ndata: {\"choices\":[{\"delta\":{\"content\":\
         \"lo\"},\"finish_reason\":\"stop\"}]}\n",
        Text("Hello"),
    ),
    shape(
        "a frame over several lines",
        "data: {\"choices\":\ndata: [{\"delta\":{\"content\":\"Hello\"},\ndata: \"finish_reason\":\"stop\"}]}\n\n",
        Text("Hello"),
    ),
    shape(
        "words that are no frames",
        "data: ping\n\ndata: {\"choices\":[{\"delta\":{\"content\":\"Hello\"},\"finish_reason\":\"stop\"}]}\n\ndata: \
         [DONE]\n\n",
        Text("Hello"),
    ),
    shape(
        "a frame that is broken",
        "data: {\"choices\":[{\"delta\":{\"content\":\"Hel\n\ndata: {\"choices\":[{\"delta\":{\"content\":\"lo\"},\
         \"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n",
        Error("no JSON"),
    ),
    shape(
        "a JSON body instead of a stream",
        r#"{"id":"c","object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":"Hello"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1}}"#,
        Text("Hello"),
    ),
    shape(
        "a JSON body over several lines, with a call and empty content",
        r#"
{
  "choices": [ { "message": { "role": "assistant", "content": "",
    "tool_calls": [ { "id": "a", "type": "function", "function": { "name": "time", "arguments": { "place": "Rome" } } } ] },
    "finish_reason": "tool_calls" } ]
}"#,
        Calls(&[r#"time#a{"place":"Rome"}"#]),
    ),
    shape(
        "a list of chunks as one body",
        r#"[{"choices":[{"delta":{"content":"Hel"}}]},
{"choices":[{"delta":{"content":"lo"},"finish_reason":"STOP"}]}]"#,
        Text("Hello"),
    ),
    shape(
        "Ollama's own lines",
        "{\"model\":\"m\",\"message\":{\"role\":\"assistant\",\"content\":\"Hel\"},\"done\":false}\n{\"model\":\"m\",\
         \"message\":{\"role\":\"assistant\",\"content\":\"lo\"},\"done\":true,\"done_reason\":\"stop\"}\n",
        Text("Hello"),
    ),
    shape("a page", "<html><body>Bad gateway</body></html>", Error("empty")),
    shape("JSON that is no answer", r#"{"hello":1}"#, Error("empty")),
    shape(
        "nothing but what is needed, and things that nobody knows",
        r#"data: {"choices":[{"delta":{"content":"Hello","annotations":[],"foo":{"a":1}},"seed":1,"finish_reason":"stop","stop_reason":null}],"timings":{"x":1},"nvext":null}

"#,
        Text("Hello"),
    ),
    shape(
        "empty choices, null deltas, null calls, roles alone",
        r#"data: {"choices":[],"prompt_filter_results":[{}]}

data: {"choices":[{"delta":{"role":"assistant"}}]}

data: {"choices":[{"delta":null}]}

data: {"choices":[{"delta":{"content":"Hello","tool_calls":null,"function_call":null}}]}

data: {"choices":[{"delta":{"content":null,"tool_calls":[]},"finish_reason":"eos_token"}]}

data: {"choices":null}

"#,
        Text("Hello"),
    ),
    shape(
        "message instead of delta",
        r#"data: {"choices":[{"message":{"role":"assistant","content":"Hel"}}]}

data: {"choices":[{"message":{"content":"lo"},"finish_reason":"stop"}]}

"#,
        Text("Hello"),
    ),
    shape(
        "the whole message again behind its pieces",
        r#"data: {"choices":[{"delta":{"content":"Hel"},"message":{"content":"Hel"}}]}

data: {"choices":[{"delta":{"content":"lo"},"message":{"content":"Hello"}}]}

data: {"choices":[{"delta":{"role":"assistant"},"message":{"content":"Hello"},"finish_reason":"stop"}]}

"#,
        Text("Hello"),
    ),
    shape(
        "of two alternatives the first",
        r#"data: {"choices":[{"index":1,"delta":{"content":"Bye"}}]}

data: {"choices":[{"index":0,"delta":{"content":"Hello"},"finish_reason":"stop"},{"index":1,"delta":{"content":"!"}}]}

"#,
        Text("Hello"),
    ),
    // Errors.
    shape(
        "an error object in the stream",
        "data: {\"choices\":[{\"delta\":{\"content\":\"Hel\"}}]}\n\ndata: {\"error\":{\"message\":\"Overloaded\"}}\n\n",
        Error("said: Overloaded"),
    ),
    shape(
        "an error as text",
        "data: {\"error\":\"out of memory\"}\n\n",
        Error("said: out of memory"),
    ),
    shape(
        "an event named error",
        "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}\n\n",
        Error("said: Overloaded"),
    ),
    shape(
        "an event named error, with words",
        "event: error\ndata: upstream is gone\n\n",
        Error("said: upstream is gone"),
    ),
    shape(
        "an error with status 200",
        r#"{"error":{"message":"Provider returned error","code":502,"metadata":{"raw":"{\"error\":{\"message\":\"boom\"}}"}},"user_id":"u"}"#,
        Error("said: Provider returned error; boom"),
    ),
    shape(
        "vLLM's error",
        r#"{"object":"error","message":"the engine is dead","type":"InternalServerError","param":null,"code":500}"#,
        Error("said: the engine is dead"),
    ),
    shape(
        "no errors",
        "data: {\"error\":null,\"choices\":[{\"delta\":{\"content\":\"Hello\"},\"finish_reason\":\"stop\"}]}\n\n",
        Text("Hello"),
    ),
];
