//! Tool calls that are written as text.

use super::{
    Out::{Both, Calls, Error, Text},
    Shape, shape,
};

pub(super) const SHAPES: &[Shape] = &[
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
