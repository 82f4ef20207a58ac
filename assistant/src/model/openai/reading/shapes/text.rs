//! Texts, thoughts and repetitions.

use super::{
    Out::{Error, Text},
    Shape, shape,
};

pub(super) const SHAPES: &[Shape] = &[
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
];
