//! How servers write their answers.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::super::step::ToolCall;

/// How an answer is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Writes {
    /// As what.
    pub form: Form,
    /// How tool calls are.
    pub calls: Calls,
    /// How it ends.
    pub finish: Finish,
    /// Where the model thinks.
    pub thoughts: Thoughts,
    /// How tokens are counted.
    pub usage: Usage,
    /// Whether `[DONE]` ends the stream.
    pub done: bool,
    /// Whether content is a list of parts.
    pub parts: bool,
    /// Whether there are comments between the frames.
    pub comments: bool,
    /// Whether a chunk without choices comes first.
    pub empty_first: bool,
    /// Whether each chunk has the whole message so far.
    pub messages: bool,
    /// Whether lines end in CRLF, behind a byte order mark, and with the content type of a text.
    pub crlf: bool,
}

impl Writes {
    /// As OpenAI.
    pub const PLAIN: Self = Self {
        form: Form::Events,
        calls: Calls::Pieces,
        finish: Finish::Usual,
        thoughts: Thoughts::None,
        usage: Usage::Usual,
        done: true,
        parts: false,
        comments: false,
        empty_first: false,
        messages: false,
        crlf: false,
    };
}

/// What an answer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Events.
    Events,
    /// One JSON body.
    Body,
    /// Ollama's own lines.
    Lines,
}

/// How tool calls are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Calls {
    /// In pieces, each with its index.
    Pieces,
    /// Whole, each in a chunk, with its index.
    Whole,
    /// Whole, with a signature at the first.
    Signed,
    /// Whole, all with index 0.
    AllFirst,
    /// Whole, with arguments as objects, and no ids.
    Objects,
    /// In pieces, with a new id each.
    NewIds,
    /// In pieces, and in the end again in full.
    Again,
    /// Whole, without ids, all with index 0.
    NoIds,
    /// Whole, in one chunk, with one id for all and no index.
    OneId,
    /// Whole, one for a chunk and not in a list, with arguments as an object.
    Single,
    /// Whole, arguments encoded twice, with numbers as text.
    Doubly,
    /// `function_call`: one alone.
    Legacy,
    /// `<tool_call>` in the text.
    Hermes,
    /// `<function=…>` with parameters in the text.
    Tags,
    /// JSON in the text.
    Json,
}

/// How an answer ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finish {
    /// With a chunk of its own, and the reason.
    Usual,
    /// With the last chunk.
    WithLast,
    /// "stop", whether or not there are calls.
    Stop,
    /// Twice.
    Twice,
    /// Another word.
    Reason(&'static str),
    /// "" in every chunk, and nothing else.
    Empty,
    /// "stop" in every chunk.
    Every,
}

/// Where the model thinks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Thoughts {
    /// Nowhere.
    None,
    /// Between tags before the text.
    Tag,
    /// Before a tag that ends what was not begun.
    Orphan,
    /// In a field of its own.
    Field(&'static str),
    /// In a part of the content.
    Part,
}

/// How tokens are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Usage {
    /// In a last chunk.
    Usual,
    /// In `x_groq`.
    Groq,
    /// In the choice.
    InChoice,
    /// In each chunk.
    Each,
    /// As floats.
    Floats,
    /// Below zero.
    Negative,
    /// As text.
    Words,
}

const THOUGHT: &str = "They want something. I think about it.";

/// An answer, whatever its shape.
pub(crate) struct Answer<'a> {
    pub(crate) text: Option<&'a str>,
    pub(crate) calls: &'a [ToolCall],
    pub(crate) number: u64,
    pub(crate) is_stream: bool,
    /// Whether it breaks off in the middle.
    pub(crate) is_cut: bool,
}

impl Writes {
    /// Content type and body.
    pub(crate) fn write(&self, answer: &Answer<'_>) -> (&'static str, String) {
        let mut deltas = self.deltas(answer);
        if answer.is_cut {
            deltas.truncate(deltas.len().div_ceil(2));
        }
        match self.form {
            _ if !answer.is_stream => ("application/json", self.body(answer)),
            Form::Body => ("application/json", self.body(answer)),
            Form::Lines => ("application/x-ndjson", lines(&deltas, answer.is_cut)),
            Form::Events => self.events(deltas, answer),
        }
    }

    /// The text with what the model thinks and calls in it.
    fn text(&self, answer: &Answer<'_>) -> String {
        let mut text = String::new();
        match self.thoughts {
            Thoughts::Tag => text.push_str(&format!("<think>\n{THOUGHT}\n</think>\n\n")),
            Thoughts::Orphan if answer.text.is_some() => text.push_str(&format!("{THOUGHT}\n</think>\n\n")),
            _ => {}
        }
        text.push_str(answer.text.unwrap_or_default());
        for (n, call) in answer.calls.iter().enumerate() {
            let ToolCall { name, arguments, .. } = call;
            let written = match self.calls {
                Calls::Hermes => format!(
                    "<tool_call>\n{{\"name\": \"{name}\", \"arguments\": {arguments}}}\n</tool_call>\n"
                ),
                Calls::Tags => {
                    let arguments: Value = serde_json::from_str(arguments).unwrap_or_default();
                    let each = arguments.as_object().into_iter().flatten();
                    let each = each.fold(String::new(), |mut all, (name, value)| {
                        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                        // Writing to a String cannot fail.
                        let _ = writeln!(all, "<parameter={name}>\n{value}\n</parameter>");
                        all
                    });
                    format!("<tool_call>\n<function={name}>\n{each}</function>\n</tool_call>\n")
                }
                Calls::Json => {
                    let between = if n == 0 { "" } else { "; " };
                    format!("{between}{{\"name\": \"{name}\", \"parameters\": {arguments}}}")
                }
                _ => String::new(),
            };
            text.push_str(&written);
        }
        text
    }

    fn deltas(&self, answer: &Answer<'_>) -> Vec<Value> {
        let mut deltas = vec![json!({ "role": "assistant", "content": "" })];
        match self.thoughts {
            Thoughts::Field(name) => {
                deltas.extend(pieces(THOUGHT).into_iter().map(|piece| json!({ (name): piece })));
            }
            Thoughts::Part => deltas.push(json!({ "content": [
                { "type": "thinking", "thinking": [{ "type": "text", "text": THOUGHT }] },
            ] })),
            Thoughts::None | Thoughts::Tag | Thoughts::Orphan => {}
        }
        for piece in pieces(&self.text(answer)) {
            deltas.push(match self.parts {
                true => json!({ "content": [{ "type": "text", "text": piece }] }),
                false => json!({ "content": piece }),
            });
        }
        let calls: Vec<(usize, String, &ToolCall)> = answer
            .calls
            .iter()
            .enumerate()
            .map(|(n, call)| (n, format!("call_{}x{n}", answer.number), call))
            .collect();
        match self.calls {
            Calls::Hermes | Calls::Tags | Calls::Json => {}
            Calls::Pieces | Calls::NewIds | Calls::Again => {
                for (n, id, call) in &calls {
                    let head = json!({ "index": n, "id": id, "type": "function", "function": { "name": call.name, "arguments": "" } });
                    deltas.push(json!({ "tool_calls": [head] }));
                    for (k, piece) in pieces(&call.arguments).into_iter().enumerate() {
                        let mut delta = json!({ "index": n, "function": { "arguments": piece } });
                        if self.calls == Calls::NewIds {
                            delta["id"] = format!("{id}-{k}").into();
                        }
                        deltas.push(json!({ "tool_calls": [delta] }));
                    }
                    if self.calls == Calls::Again {
                        deltas.push(json!({ "tool_calls": [{ "index": n, "id": id, "function": { "name": call.name, "arguments": call.arguments } }] }));
                    }
                }
            }
            Calls::OneId => {
                let all: Vec<Value> = calls
                    .iter()
                    .map(|(_, _, call)| whole(None, "call_0", call))
                    .collect();
                if !all.is_empty() {
                    deltas.push(json!({ "tool_calls": all }));
                }
            }
            Calls::Legacy => {
                if let Some((_, _, call)) = calls.first() {
                    deltas.push(json!({ "function_call": { "name": call.name, "arguments": "" } }));
                    deltas.extend(
                        pieces(&call.arguments)
                            .into_iter()
                            .map(|piece| json!({ "function_call": { "arguments": piece } })),
                    );
                }
            }
            Calls::Single => {
                for (n, _, call) in &calls {
                    let mut one = whole(Some(*n), "", call);
                    one["function"]["arguments"] = parsed(call);
                    deltas.push(json!({ "tool_calls": one }));
                }
            }
            Calls::Whole
            | Calls::Signed
            | Calls::AllFirst
            | Calls::Objects
            | Calls::NoIds
            | Calls::Doubly => {
                for (n, id, call) in &calls {
                    let mut one = match self.calls {
                        Calls::AllFirst => whole(Some(0), id, call),
                        Calls::NoIds => whole(Some(0), "", call),
                        _ => whole(Some(*n), id, call),
                    };
                    match self.calls {
                        Calls::Signed if *n == 0 => {
                            one["extra_content"] =
                                json!({ "google": { "thought_signature": format!("sig-{id}") } });
                        }
                        Calls::Objects => {
                            one = json!({ "function": { "name": call.name, "arguments": parsed(call) } });
                        }
                        Calls::Doubly => {
                            let mut arguments = parsed(call);
                            for value in arguments
                                .as_object_mut()
                                .into_iter()
                                .flatten()
                                .map(|(_, value)| value)
                            {
                                if value.is_number() {
                                    *value = value.to_string().into();
                                }
                            }
                            one["function"]["arguments"] =
                                Value::String(arguments.to_string()).to_string().into();
                        }
                        _ => {}
                    }
                    deltas.push(json!({ "tool_calls": [one] }));
                }
            }
        }
        deltas
    }

    fn reason(&self, answer: &Answer<'_>) -> &'static str {
        match self.finish {
            Finish::Reason(reason) => reason,
            Finish::Stop | Finish::Every => "stop",
            Finish::Empty => "",
            _ if answer.calls.is_empty()
                || matches!(self.calls, Calls::Hermes | Calls::Tags | Calls::Json) =>
            {
                "stop"
            }
            _ if self.calls == Calls::Legacy => "function_call",
            _ => "tool_calls",
        }
    }

    fn counts(&self) -> Value {
        match self.usage {
            Usage::Floats => {
                json!({ "prompt_tokens": 12.0, "completion_tokens": 7.0, "cost": { "total": 0.1 } })
            }
            Usage::Negative => json!({ "prompt_tokens": -1, "completion_tokens": 7 }),
            Usage::Words => json!({ "prompt_tokens": "12", "completion_tokens": null }),
            _ => json!({ "prompt_tokens": 12, "completion_tokens": 7, "total_tokens": 19 }),
        }
    }

    fn events(&self, deltas: Vec<Value>, answer: &Answer<'_>) -> (&'static str, String) {
        let reason = self.reason(answer);
        let mut chunks = Vec::new();
        if self.empty_first {
            chunks.push(json!({ "choices": [], "prompt_filter_results": [{ "prompt_index": 0 }] }));
        }
        let last = deltas.len().saturating_sub(1);
        let mut so_far = String::new();
        for (n, delta) in deltas.into_iter().enumerate() {
            let is_with_this = match self.finish {
                Finish::WithLast => n == last && !answer.is_cut,
                Finish::Every | Finish::Empty => true,
                _ => false,
            };
            let mut choice = json!({ "index": 0, "finish_reason": is_with_this.then_some(reason) });
            if self.messages {
                so_far.push_str(delta["content"].as_str().unwrap_or_default());
                choice["message"] = json!({ "role": "assistant", "content": so_far });
            }
            choice["delta"] = delta;
            chunks.push(json!({ "id": format!("c{}", answer.number), "choices": [choice] }));
        }
        if !answer.is_cut {
            if !matches!(self.finish, Finish::WithLast | Finish::Empty | Finish::Every) {
                let finish = json!({ "choices": [{ "index": 0, "delta": {}, "finish_reason": reason }] });
                if self.finish == Finish::Twice {
                    chunks.push(finish.clone());
                }
                chunks.push(finish);
            }
            let counts = self.counts();
            match self.usage {
                Usage::Groq => {
                    chunks.push(json!({ "choices": [], "x_groq": { "id": "r", "usage": counts } }));
                }
                Usage::InChoice => {
                    chunks.push(json!({ "choices": [{ "index": 0, "delta": {}, "usage": counts }] }));
                }
                Usage::Each => chunks
                    .iter_mut()
                    .for_each(|chunk| chunk["usage"] = counts.clone()),
                _ => chunks.push(json!({ "choices": [], "usage": counts })),
            }
        }
        let mut body = String::new();
        for chunk in chunks {
            if self.comments {
                body.push_str(": OPENROUTER PROCESSING\n\n");
            }
            body.push_str(&format!("data: {chunk}\n\n"));
        }
        if self.done && !answer.is_cut {
            body.push_str("data: [DONE]\n\n");
        }
        match self.crlf {
            true => {
                let body = body.replace("data: ", "data:").replace('\n', "\r\n");
                ("text/plain", format!("\u{feff}{body}"))
            }
            false => ("text/event-stream", body),
        }
    }

    fn body(&self, answer: &Answer<'_>) -> String {
        let calls: Vec<Value> = answer
            .calls
            .iter()
            .enumerate()
            .map(|(n, call)| whole(None, &format!("call_{}x{n}", answer.number), call))
            .collect();
        let text = self.text(answer);
        let mut message = json!({ "role": "assistant", "content": (!text.is_empty()).then_some(text) });
        if !calls.is_empty() && !matches!(self.calls, Calls::Hermes | Calls::Tags | Calls::Json) {
            message["tool_calls"] = calls.into();
        }
        let body = json!({
            "id": "c", "object": "chat.completion", "usage": self.counts(),
            "choices": [{ "index": 0, "message": message, "finish_reason": self.reason(answer) }],
        });
        let mut body = body.to_string();
        if answer.is_cut {
            let half = (0..=body.len() / 2)
                .rev()
                .find(|place| body.is_char_boundary(*place));
            body.truncate(half.unwrap_or(0));
        }
        body
    }
}

fn whole(index: Option<usize>, id: &str, call: &ToolCall) -> Value {
    let mut one = json!({ "id": id, "type": "function", "function": { "name": call.name, "arguments": call.arguments } });
    if let Some(index) = index {
        one["index"] = index.into();
    }
    one
}

fn parsed(call: &ToolCall) -> Value {
    serde_json::from_str(&call.arguments).unwrap_or_else(|_| call.arguments.as_str().into())
}

fn lines(deltas: &[Value], is_cut: bool) -> String {
    let mut body = String::new();
    for delta in deltas {
        body.push_str(&format!(
            "{}\n",
            json!({ "model": "m", "message": delta, "done": false })
        ));
    }
    if !is_cut {
        let end = json!({
            "model": "m", "message": { "role": "assistant", "content": "" }, "done": true, "done_reason": "stop",
            "prompt_eval_count": 12, "eval_count": 7,
        });
        body.push_str(&format!("{end}\n"));
    }
    body
}

fn pieces(text: &str) -> Vec<String> {
    let characters: Vec<char> = text.chars().collect();
    characters.chunks(7).map(|piece| piece.iter().collect()).collect()
}
