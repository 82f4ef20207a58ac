//! What servers send, as they send it, and what must come of it.

/// A shape.
pub(super) struct Shape {
    pub(super) name: &'static str,
    pub(super) body: &'static str,
    pub(super) out: Out,
}

/// What comes of it; a call is `name#id{arguments}`.
pub(super) enum Out {
    Text(&'static str),
    Calls(&'static [&'static str]),
    Both(&'static str, &'static [&'static str]),
    Error(&'static str),
}

use Out::{Both, Calls, Error, Text};

const fn shape(name: &'static str, body: &'static str, out: Out) -> Shape {
    Shape { name, body, out }
}

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
    // Text.
    shape(
        "the same piece twice is text",
        r#"data: {"id":"c","choices":[{"delta":{"role":"assistant"}}]}

data: {"id":"c","choices":[{"delta":{"content":"Happy birthday to you, "}}]}

data: {"id":"c","choices":[{"delta":{"content":"Happy birthday to you, "}}]}

data: {"id":"c","choices":[{"delta":{"content":"Happy birthday, dear Mia"},"finish_reason":"stop"}]}

data: [DONE]

"#,
        Text("Happy birthday to you, Happy birthday to you, Happy birthday, dear Mia"),
    ),
    shape(
        "the same piece twice is text, without a frame before it",
        r#"data: {"id":"c","choices":[{"delta":{"content":"la "}}]}

data: {"id":"c","choices":[{"delta":{"content":"la "}}]}

data: {"id":"c","choices":[{"delta":{"content":"lu"},"finish_reason":"stop"}]}

"#,
        Text("la la lu"),
    ),
    shape(
        "a frame with the id of another one is that one",
        "id: 1\ndata: {\"choices\":[{\"delta\":{\"content\":\"Hel\"}}]}\n\nid: 2\ndata: {\"choices\":[{\"delta\":{\
         \"content\":\"lo \"}}]}\n\nid: 2\ndata: {\"choices\":[{\"delta\":{\"content\":\"lo \"}}]}\n\nid: 3\ndata: {\
         \"choices\":[{\"delta\":{\"content\":\"Mia\"},\"finish_reason\":\"stop\"}]}\n\n",
        Text("Hello Mia"),
    ),
    shape(
        "so it is with ids of chunks that differ",
        r#"data: {"id":"c1","choices":[{"delta":{"content":"Hel"}}]}

data: {"id":"c1","choices":[{"delta":{"content":"Hel"}}]}

data: {"id":"c2","choices":[{"delta":{"content":"lo"}}]}

data: {"id":"c2","choices":[{"delta":{"content":"lo"}}]}

data: {"id":"c3","choices":[{"delta":{},"finish_reason":"stop"}]}

"#,
        Text("Hello"),
    ),
    shape(
        "every frame twice is the answer once",
        r#"data: {"id":"c","choices":[{"delta":{"role":"assistant","content":""}}]}

data: {"id":"c","choices":[{"delta":{"role":"assistant","content":""}}]}

data: {"id":"c","choices":[{"delta":{"content":"Hello "}}]}

data: {"id":"c","choices":[{"delta":{"content":"Hello "}}]}

data: {"id":"c","choices":[{"delta":{"content":"Mia"},"finish_reason":"stop"}]}

data: {"id":"c","choices":[{"delta":{"content":"Mia"},"finish_reason":"stop"}]}

data: [DONE]

data: [DONE]

"#,
        Text("Hello Mia"),
    ),
    shape(
        "a list of parts, some of them thoughts",
        r#"data: {"choices":[{"delta":{"content":[{"type":"thinking","thinking":[{"type":"text","text":"hm"}]}]}}]}

data: {"choices":[{"delta":{"content":[{"type":"text","text":"Hel"},{"type":"text","text":{"value":"lo"}}]}}]}

data: {"choices":[{"delta":{"content":[" Mia"]},"finish_reason":"stop"}]}

"#,
        Text("Hello Mia"),
    ),
    shape(
        "a refusal",
        r#"data: {"choices":[{"delta":{"refusal":"I can't."},"finish_reason":"stop"}]}

"#,
        Text("I can't."),
    ),
    shape(
        "reasoning in a field of its own",
        r#"data: {"choices":[{"delta":{"reasoning_content":"They say hello."}}]}

data: {"choices":[{"delta":{"content":"Hello"},"finish_reason":"stop"}]}

"#,
        Text("Hello"),
    ),
    shape(
        "nothing but reasoning",
        r#"data: {"choices":[{"delta":{"reasoning":"Hm."}}]}

data: {"choices":[{"delta":{},"finish_reason":"stop"}]}

"#,
        Error("only thought"),
    ),
    shape(
        "thoughts before the text",
        r#"data: {"choices":[{"delta":{"content":"<th"}}]}

data: {"choices":[{"delta":{"content":"ink>Hm. <b"}}]}

data: {"choices":[{"delta":{"content":">?</thi"}}]}

data: {"choices":[{"delta":{"content":"nk>\n\nHello"},"finish_reason":"stop"}]}

"#,
        Text("Hello"),
    ),
    shape(
        "thoughts of another name, twice, before the text",
        r#"{"choices":[{"message":{"content":"\n<Thinking>a</Thinking>\n<reasoning>b</reasoning> 1 < 2, [a] and `x`"},"finish_reason":"stop"}]}"#,
        Text("1 < 2, [a] and `x`"),
    ),
    shape(
        "thoughts that the template began",
        r#"data: {"choices":[{"delta":{"content":"They say hello. I say hello."}}]}

data: {"choices":[{"delta":{"content":"\n</think>\n\nHello"},"finish_reason":"stop"}]}

"#,
        Text("Hello"),
    ),
    shape(
        "thoughts in brackets, and a link in brackets",
        r#"{"choices":[{"message":{"content":"[THINK]hm[/THINK][Think](https://a.example) of it"},"finish_reason":"stop"}]}"#,
        Text("[Think](https://a.example) of it"),
    ),
    shape(
        "thoughts that do not end",
        r#"{"choices":[{"message":{"content":"<think>Hm, what do they want"},"finish_reason":"stop"}]}"#,
        Error("only thought"),
    ),
    shape(
        "thoughts that are cut",
        r#"{"choices":[{"message":{"content":"<think>Hm, what do they want"},"finish_reason":"length"}]}"#,
        Error("Length"),
    ),
    shape(
        "gpt-oss's channels",
        r#"{"choices":[{"message":{"content":"<|channel|>analysis<|message|>hm<|end|><|start|>assistant<|channel|>final<|message|>Hello<|return|>"},"finish_reason":"stop"}]}"#,
        Text("Hello"),
    ),
    shape(
        "someone asks about the tag",
        r#"{"choices":[{"message":{"content":"Write `<think>` and `</think>`, or `<tool_call>`."},"finish_reason":"stop"}]}"#,
        Text("Write `<think>` and `</think>`, or `<tool_call>`."),
    ),
    shape(
        "a text that reaches its limit",
        r#"{"choices":[{"message":{"content":"Hello"},"finish_reason":"MAX_TOKENS"}]}"#,
        Text("Hello…\n\n(The answer ends here: it reached its length limit.)"),
    ),
    shape(
        "a filter",
        r#"{"choices":[{"message":{"content":null},"finish_reason":"content_filter"}]}"#,
        Text("I can't help with that: the model's content filter stopped the answer."),
    ),
    shape(
        "a NUL in the text",
        r#"{"choices":[{"message":{"content":"Hel\u0000lo"},"finish_reason":"stop"}]}"#,
        Text("Hello"),
    ),
    // Calls.
    shape(
        "OpenAI's calls",
        r#"data: {"choices":[{"index":0,"delta":{"role":"assistant","content":null,"tool_calls":[{"index":0,"id":"a","type":"function","function":{"name":"time","arguments":""}}]}}]}

data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\"pla"}}]}}]}

data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"ce\":\"Rome\"}"}}]}}]}

data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":1,"id":"b","type":"function","function":{"name":"time","arguments":"{}"}}]}}]}

data: {"choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}

data: [DONE]

"#,
        Calls(&[r#"time#a{"place":"Rome"}"#, "time#b{}"]),
    ),
    shape(
        "a call with finish_reason stop, and text before it",
        r#"data: {"choices":[{"delta":{"content":"Let me see."}}]}

data: {"choices":[{"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"time","arguments":"{}"}}]},"finish_reason":"stop"}]}

"#,
        Both("Let me see.", &["time#a{}"]),
    ),
    shape(
        "whole calls, all with index 0",
        r#"data: {"choices":[{"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"time","arguments":"{\"place\":\"Rome\"}"}}]}}]}

data: {"choices":[{"delta":{"tool_calls":[{"index":0,"id":"b","function":{"name":"time","arguments":"{\"place\":\"Oslo\"}"}}]},"finish_reason":"tool_calls"}]}

"#,
        Calls(&[r#"time#a{"place":"Rome"}"#, r#"time#b{"place":"Oslo"}"#]),
    ),
    shape(
        "whole calls without ids, all with index 0",
        r#"data: {"choices":[{"delta":{"tool_calls":[{"index":0,"id":"","function":{"name":"time","arguments":"{\"place\":\"Rome\"}"}}]}}]}

data: {"choices":[{"delta":{"tool_calls":[{"index":0,"id":"","function":{"name":"time","arguments":"{\"place\":\"Oslo\"}"}}]}}]}

data: {"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"name":"weather","arguments":"{\"place\":\"Oslo\"}"}}]},"finish_reason":"stop"}]}

"#,
        Calls(&[
            r#"time#{"place":"Rome"}"#,
            r#"time#{"place":"Oslo"}"#,
            r#"weather#{"place":"Oslo"}"#,
        ]),
    ),
    shape(
        "calls of one chunk, without indices, with one id for all",
        r#"data: {"choices":[{"delta":{"tool_calls":[{"id":"call_0","function":{"name":"time","arguments":"{\"place\":\"Rome\"}"}},{"id":"call_0","function":{"name":"time","arguments":"{\"place\":\"Oslo\"}"}}]},"finish_reason":"tool_calls"}]}

"#,
        Calls(&[r#"time#call_0{"place":"Rome"}"#, r#"time#{"place":"Oslo"}"#]),
    ),
    shape(
        "pieces of two calls with one id and their own indices",
        r#"data: {"choices":[{"delta":{"tool_calls":[{"index":0,"id":"x","function":{"name":"time","arguments":"{\"place\":"}},{"index":1,"id":"x","function":{"name":"weather","arguments":"{\"place\":"}}]}}]}

data: {"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"arguments":"\"Rome\"}"}},{"index":1,"function":{"arguments":"\"Oslo\"}"}}]},"finish_reason":"tool_calls"}]}

"#,
        Calls(&[r#"time#x{"place":"Rome"}"#, r#"weather#{"place":"Oslo"}"#]),
    ),
    shape(
        "pieces without index and id",
        r#"data: {"choices":[{"delta":{"tool_calls":[{"function":{"name":"time","arguments":""}}]}}]}

data: {"choices":[{"delta":{"tool_calls":[{"function":{"arguments":"{\"place\":"}}]}}]}

data: {"choices":[{"delta":{"tool_calls":[{"function":{"arguments":"\"Rome\"}"}}]}}]}

data: {"choices":[{"delta":{"tool_calls":[{"function":{"name":"weather","arguments":"{}"}}]},"finish_reason":"tool_calls"}]}

"#,
        Calls(&[r#"time#{"place":"Rome"}"#, "weather#{}"]),
    ),
    shape(
        "a new id with each piece, and an index as text",
        r#"data: {"choices":[{"delta":{"tool_calls":[{"index":"0","id":"a1","function":{"name":"time","arguments":"{\"place\":"}}]}}]}

data: {"choices":[{"delta":{"tool_calls":[{"index":"0","id":"a2","function":{"name":null,"arguments":"\"Rome\"}"}}]},"finish_reason":"tool_calls"}]}

"#,
        Calls(&[r#"time#a1{"place":"Rome"}"#]),
    ),
    shape(
        "the name with each piece",
        r#"data: {"choices":[{"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"time","arguments":""}}]}}]}

data: {"choices":[{"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"time","arguments":"{\"place\":"}}]}}]}

data: {"choices":[{"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"time","arguments":"\"Rome\"}"}}]},"finish_reason":"tool_calls"}]}

"#,
        Calls(&[r#"time#a{"place":"Rome"}"#]),
    ),
    shape(
        "the arguments again in full",
        r#"data: {"choices":[{"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"time","arguments":"{\"place\":"}}]}}]}

data: {"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"arguments":"\"Rome\"}"}}]}}]}

data: {"choices":[{"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"time","arguments":"{\"place\":\"Rome\"}"}}]},"finish_reason":"tool_calls"}]}

"#,
        Calls(&[r#"time#a{"place":"Rome"}"#]),
    ),
    shape(
        "each piece holds all that came before",
        r#"data: {"choices":[{"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"time","arguments":"{\"place"}}]}}]}

data: {"choices":[{"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"time","arguments":"{\"place\":\"Ro"}}]}}]}

data: {"choices":[{"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"time","arguments":"{\"place\":\"Rome\"}"}}]},"finish_reason":"tool_calls"}]}

"#,
        Calls(&[r#"time#a{"place":"Rome"}"#]),
    ),
    shape(
        "the whole call again as a message",
        r#"data: {"choices":[{"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"time","arguments":"{\"place\":\"Rome\"}"}}]}}]}

data: {"choices":[{"message":{"content":null,"tool_calls":[{"id":"a","function":{"name":"time","arguments":"{\"place\":\"Rome\"}"}}]},"finish_reason":"tool_calls"}]}

"#,
        Calls(&[r#"time#a{"place":"Rome"}"#]),
    ),
    shape(
        "one call where the list should be, arguments as an object",
        r#"data: {"choices":[{"delta":{"tool_calls":{"index":0,"id":"","type":"function","function":{"name":"time","arguments":{"place":"Rome"}}}}}]}

data: {"choices":[{"delta":{"content":""},"finish_reason":"eos"}]}

"#,
        Calls(&[r#"time#{"place":"Rome"}"#]),
    ),
    shape(
        "a flat call",
        r#"{"choices":[{"message":{"tool_calls":[{"name":"time","parameters":{"place":"Rome"}}]},"finish_reason":"tool_calls"}]}"#,
        Calls(&[r#"time#{"place":"Rome"}"#]),
    ),
    shape(
        "function_call, as it was before",
        r#"data: {"choices":[{"delta":{"function_call":{"name":"time","arguments":""}}}]}

data: {"choices":[{"delta":{"function_call":{"arguments":"{\"place\":\"Rome\"}"}}}]}

data: {"choices":[{"delta":{},"finish_reason":"function_call"}]}

"#,
        Calls(&[r#"time#{"place":"Rome"}"#]),
    ),
    shape(
        "the name in pieces, with the name of its space",
        r#"data: {"choices":[{"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"functions.ti"}}]}}]}

data: {"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"name":"me","arguments":"{}"}}]},"finish_reason":"tool_calls"}]}

"#,
        Calls(&["time#a{}"]),
    ),
    shape(
        "empty calls are none",
        r#"data: {"choices":[{"delta":{"content":"Hello","tool_calls":[{}]}}]}

data: {"choices":[{"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"","arguments":""}}]},"finish_reason":"stop"}]}

"#,
        Text("Hello"),
    ),
    shape(
        "arguments without a name",
        r#"{"choices":[{"message":{"tool_calls":[{"id":"a","function":{"arguments":"{\"place\":1}"}}]},"finish_reason":"tool_calls"}]}"#,
        Error("no name"),
    ),
    shape(
        "arguments that are cut by the limit",
        r#"{"choices":[{"message":{"tool_calls":[{"id":"a","function":{"name":"time","arguments":"{\"place\":"}}]},"finish_reason":"length"}]}"#,
        Error("Length"),
    ),
    // Arguments.
    shape(
        "doubly encoded, fenced, empty, null",
        r#"{"choices":[{"message":{"tool_calls":[
{"id":"a","function":{"name":"time","arguments":"\"{\\\"place\\\":\\\"Rome\\\"}\""}},
{"id":"b","function":{"name":"time","arguments":"```json\n{\"place\":\"Rome\"}\n```"}},
{"id":"c","function":{"name":"time","arguments":""}},
{"id":"d","function":{"name":"time","arguments":null}},
{"id":"e","function":{"name":"time","arguments":"{}{\"place\":\"Rome\"}"}}
]},"finish_reason":"tool_calls"}]}"#,
        Calls(&[
            r#"time#a{"place":"Rome"}"#,
            r#"time#b{"place":"Rome"}"#,
            "time#c{}",
            "time#d{}",
            r#"time#e{"place":"Rome"}"#,
        ]),
    ),
    shape(
        "types that are not the schema's",
        r#"{"choices":[{"message":{"tool_calls":[
{"id":"a","function":{"name":"time","arguments":"{\"plus_days\":\"3\",\"exact\":\"true\",\"place\":null}"}},
{"id":"b","function":{"name":"time","arguments":"{\"plus_days\":3.0,\"place\":12,\"days\":\"Monday\"}"}},
{"id":"c","function":{"name":"time","arguments":"{\"plus_days\":\"\",\"days\":\"[\\\"friday\\\"]\"}"}},
{"id":"d","function":{"name":"time","arguments":"{\"plus_days\":\"soon\"}"}}
]},"finish_reason":"tool_calls"}]}"#,
        Calls(&[
            r#"time#a{"exact":true,"plus_days":3}"#,
            r#"time#b{"days":["monday"],"place":"12","plus_days":3}"#,
            r#"time#c{"days":["friday"]}"#,
            r#"time#d{"plus_days":"soon"}"#,
        ]),
    ),
    shape(
        "arguments that are no JSON stay, for the tool to say so",
        r#"{"choices":[{"message":{"tool_calls":[{"id":"a","function":{"name":"time","arguments":"{\"place"}}]},"finish_reason":"tool_calls"}]}"#,
        Calls(&["time#a{\"place"]),
    ),
    // Calls in text.
    shape(
        "Hermes and Qwen",
        r#"data: {"choices":[{"delta":{"content":"Let me see.\n<tool"}}]}

data: {"choices":[{"delta":{"content":"_call>\n{\"name\": \"time\", \"arguments\": {\"place\": \"Rome\"}}\n</tool_call>\n<tool_call>\n{\"name\": \"weather\", \"arguments\": \"{\\\"place\\\":\\\"Oslo\\\"}\"}\n</tool_call>"},"finish_reason":"stop"}]}

"#,
        Both(
            "Let me see.",
            &[r#"time#{"place":"Rome"}"#, r#"weather#{"place":"Oslo"}"#],
        ),
    ),
    shape(
        "not closed, behind thoughts",
        r#"{"choices":[{"message":{"content":"<think>I call time.</think>\n<tool_call>{\"name\":\"time\",\"arguments\":{}}"},"finish_reason":"stop"}]}"#,
        Calls(&["time#{}"]),
    ),
    shape(
        "Qwen's coder",
        r#"{"choices":[{"message":{"content":"<tool_call>\n<function=time>\n<parameter=place>\nRome\n</parameter>\n<parameter=plus_days>\n3\n</parameter>\n</function>\n</tool_call>"},"finish_reason":"stop"}]}"#,
        Calls(&[r#"time#{"place":"Rome","plus_days":3}"#]),
    ),
    shape(
        "Llama's functions",
        r#"{"choices":[{"message":{"content":"<function=time>{\"place\": \"Rome\"}</function>"},"finish_reason":"stop"}]}"#,
        Calls(&[r#"time#{"place":"Rome"}"#]),
    ),
    shape(
        "Llama's python tag, and parameters",
        r#"{"choices":[{"message":{"content":"<|python_tag|>{\"name\": \"time\", \"parameters\": {\"plus_days\": \"3\"}}<|eom_id|>"},"finish_reason":"stop"}]}"#,
        Calls(&[r#"time#{"plus_days":3}"#]),
    ),
    shape(
        "nothing but JSON",
        r#"{"choices":[{"message":{"content":"{\"name\": \"time\", \"parameters\": {\"place\": \"Rome\"}}; {\"name\": \"time\", \"parameters\": {}}"},"finish_reason":"stop"}]}"#,
        Calls(&[r#"time#{"place":"Rome"}"#, "time#{}"]),
    ),
    shape(
        "JSON in a fence",
        "{\"choices\":[{\"message\":{\"content\":\"I look it up:\\n\\n```json\\n{\\\"name\\\": \\\"time\\\", \
         \\\"arguments\\\": {\\\"place\\\": \\\"Rome\\\"}}\\n```\\n\"},\"finish_reason\":\"stop\"}]}",
        Both("I look it up:", &[r#"time#{"place":"Rome"}"#]),
    ),
    shape(
        "JSON in a fence that is the answer",
        "{\"choices\":[{\"message\":{\"content\":\"Here:\\n\\n```json\\n{\\\"name\\\": \\\"Mia\\\", \\\"age\\\": \
         7}\\n```\\nDone.\"},\"finish_reason\":\"stop\"}]}",
        Text("Here:\n\n```json\n{\"name\": \"Mia\", \"age\": 7}\n```\nDone."),
    ),
    shape(
        "Mistral",
        r#"{"choices":[{"message":{"content":"[TOOL_CALLS][{\"name\": \"time\", \"arguments\": {\"place\": \"Rome\"}}, {\"name\": \"weather\", \"arguments\": {}}]</s>"},"finish_reason":"stop"}]}"#,
        Calls(&[r#"time#{"place":"Rome"}"#, "weather#{}"]),
    ),
    shape(
        "Mistral, newer",
        r#"{"choices":[{"message":{"content":"[TOOL_CALLS]time[ARGS]{\"place\": \"Rome\"}[TOOL_CALLS]weather[ARGS]{}"},"finish_reason":"stop"}]}"#,
        Calls(&[r#"time#{"place":"Rome"}"#, "weather#{}"]),
    ),
    shape(
        "Kimi",
        r#"{"choices":[{"message":{"content":"<|tool_calls_section_begin|><|tool_call_begin|>functions.time:0<|tool_call_argument_begin|>{\"place\": \"Rome\"}<|tool_call_end|><|tool_calls_section_end|>"},"finish_reason":"stop"}]}"#,
        Calls(&[r#"time#{"place":"Rome"}"#]),
    ),
    shape(
        "DeepSeek",
        "{\"choices\":[{\"message\":{\"content\":\"<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>time\\n```json\
         \\n{\\\"place\\\": \\\"Rome\\\"}\\n```<｜tool▁call▁end｜><｜tool▁calls▁end｜>\"},\"finish_reason\":\"stop\"}]}",
        Calls(&[r#"time#{"place":"Rome"}"#]),
    ),
    shape(
        "GLM",
        r#"{"choices":[{"message":{"content":"<tool_call>time\n<arg_key>place</arg_key>\n<arg_value>Rome</arg_value>\n<arg_key>plus_days</arg_key>\n<arg_value>3</arg_value>\n</tool_call>"},"finish_reason":"stop"}]}"#,
        Calls(&[r#"time#{"place":"Rome","plus_days":3}"#]),
    ),
    shape(
        "MiniMax",
        r#"{"choices":[{"message":{"content":"<minimax:tool_call>\n<invoke name=\"time\">\n<parameter name=\"place\">Rome</parameter>\n</invoke>\n<invoke name=\"weather\">\n</invoke>\n</minimax:tool_call>"},"finish_reason":"stop"}]}"#,
        Calls(&[r#"time#{"place":"Rome"}"#, "weather#{}"]),
    ),
    shape(
        "gpt-oss",
        r#"{"choices":[{"message":{"content":"<|channel|>analysis<|message|>hm<|end|><|start|>assistant<|channel|>commentary to=functions.time <|constrain|>json<|message|>{\"place\":\"Rome\"}<|call|>"},"finish_reason":"stop"}]}"#,
        Calls(&[r#"time#{"place":"Rome"}"#]),
    ),
    shape(
        "LM Studio",
        r#"{"choices":[{"message":{"content":"[TOOL_REQUEST]{\"name\": \"time\", \"arguments\": {}}[END_TOOL_REQUEST]"},"finish_reason":"stop"}]}"#,
        Calls(&["time#{}"]),
    ),
    shape(
        "a tool that is not there",
        r#"{"choices":[{"message":{"content":"<tool_call>{\"name\":\"teleport\",\"arguments\":{}}</tool_call>"},"finish_reason":"stop"}]}"#,
        Calls(&["teleport#{}"]),
    ),
    shape(
        "a call that nobody can read",
        r#"{"choices":[{"message":{"content":"<tool_call>{\"name\":\"time\",\"argum</tool_call>"},"finish_reason":"stop"}]}"#,
        Error("cannot be read"),
    ),
    shape(
        "a call in words beside a real one",
        r#"{"choices":[{"message":{"content":"<tool_call>{\"name\":\"time\",\"arguments\":{}}</tool_call>","tool_calls":[{"id":"a","function":{"name":"time","arguments":"{}"}}]},"finish_reason":"tool_calls"}]}"#,
        Calls(&["time#a{}"]),
    ),
];
