//! Tool calls and their arguments.

use super::{
    Out::{Both, Calls, Error, Text},
    Shape, shape,
};

pub(super) const SHAPES: &[Shape] = &[
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
];
