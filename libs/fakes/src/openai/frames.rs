//! From an answer to its bytes: one JSON body, or the frames of a stream, with the step's faults in them.

use super::request::Request;
use super::step::{Manner, ToolCall};
use serde_json::{Map, Value, json};

/// The text of an answer is streamed in pieces of about this many characters.
const PIECE: usize = 4;

/// An answer with everything that its JSON needs.
pub(crate) struct Completion<'a> {
    pub(crate) request: &'a Request,
    /// Which request of the server this is; ids are made of it.
    pub(crate) number: u64,
    pub(crate) created: i64,
    pub(crate) text: Option<&'a str>,
    pub(crate) calls: &'a [ToolCall],
    pub(crate) finish_reason: Option<&'a str>,
    pub(crate) manner: &'a Manner,
}

impl Completion<'_> {
    /// The body of an answer that is not streamed.
    pub(crate) fn body(&self) -> Value {
        let calls: Vec<Value> = self
            .calls
            .iter()
            .enumerate()
            .map(|(index, call)| self.call(index, call))
            .collect();
        let mut message = json!({ "role": "assistant", "content": self.text, "refusal": null });
        if !calls.is_empty() {
            message["tool_calls"] = calls.into();
        }
        let choice = json!({
            "index": 0, "message": message, "logprobs": null, "finish_reason": self.finish_reason(),
        });
        let choices = if self.manner.empty_choices {
            json!([])
        } else {
            json!([choice])
        };
        let mut body = self.envelope("chat.completion", choices);
        body.insert("usage".to_owned(), self.usage());
        Value::Object(body)
    }

    /// The frames of a streamed answer, in order, each a whole server-sent event.
    pub(crate) fn frames(&self) -> Vec<String> {
        if self.manner.empty_stream {
            return Vec::new();
        }
        let mut chunks = vec![self.chunk(
            &json!({ "role": "assistant", "content": opening(self.text) }),
            None,
        )];
        for piece in pieces(self.text.unwrap_or_default()) {
            chunks.push(self.chunk(&json!({ "content": piece }), None));
        }
        for (index, call) in self.calls.iter().enumerate() {
            let mut head = self.call(index, call);
            head["index"] = index.into();
            head["function"]["arguments"] = "".into();
            chunks.push(self.chunk(&json!({ "tool_calls": [head] }), None));
            for piece in pieces(&call.arguments) {
                let delta = json!({ "index": index, "function": { "arguments": piece } });
                chunks.push(self.chunk(&json!({ "tool_calls": [delta] }), None));
            }
        }
        if !self.manner.no_finish {
            chunks.push(self.chunk(&json!({}), Some(self.finish_reason())));
            if self.request.wants_usage() {
                let mut usage = self.envelope("chat.completion.chunk", json!([]));
                usage.insert("usage".to_owned(), self.usage());
                chunks.push(Value::Object(usage));
            }
        }
        let mut frames: Vec<String> = chunks.iter().map(|chunk| format!("data: {chunk}\n\n")).collect();
        if !self.manner.no_done {
            frames.push("data: [DONE]\n\n".to_owned());
        }
        self.spoil(&mut frames);
        frames
    }

    fn spoil(&self, frames: &mut Vec<String>) {
        if let Some(place) = self.manner.malformed_at {
            let broken = "data: {\"id\":\"chatcmpl-broken\",\"choices\":[{\"delta\":{\"content\":\"x\n\n";
            frames.insert(place.min(frames.len()), broken.to_owned());
        }
        if let Some(place) = self.manner.error_at {
            frames.truncate(place);
            let error = json!({ "error": {
                "message": "The server had an error while processing your request. Sorry about that!",
                "type": "server_error", "param": null, "code": null,
            } });
            frames.push(format!("data: {error}\n\n"));
        }
        if self.manner.duplicated {
            *frames = frames
                .iter()
                .flat_map(|frame| [frame.clone(), frame.clone()])
                .collect();
        }
    }

    fn chunk(&self, delta: &Value, finish_reason: Option<&str>) -> Value {
        let choices = if self.manner.empty_choices {
            json!([])
        } else {
            json!([{ "index": 0, "delta": delta, "logprobs": null, "finish_reason": finish_reason }])
        };
        let mut chunk = self.envelope("chat.completion.chunk", choices);
        if self.request.wants_usage() {
            chunk.insert("usage".to_owned(), Value::Null);
        }
        Value::Object(chunk)
    }

    fn envelope(&self, object: &str, choices: Value) -> Map<String, Value> {
        let mut envelope = Map::new();
        envelope.insert("id".to_owned(), format!("chatcmpl-fake{:08}", self.number).into());
        envelope.insert("object".to_owned(), object.into());
        if !self.manner.no_created {
            envelope.insert("created".to_owned(), self.created.into());
        }
        envelope.insert("model".to_owned(), self.request.body["model"].clone());
        envelope.insert("service_tier".to_owned(), "default".into());
        envelope.insert("choices".to_owned(), choices);
        envelope
    }

    fn call(&self, index: usize, call: &ToolCall) -> Value {
        let id = call
            .id
            .clone()
            .unwrap_or_else(|| format!("call_fake{:06}x{index}", self.number));
        json!({ "id": id, "type": "function", "function": { "name": call.name, "arguments": call.arguments } })
    }

    fn finish_reason(&self) -> &str {
        self.finish_reason.unwrap_or(if self.calls.is_empty() {
            "stop"
        } else {
            "tool_calls"
        })
    }

    /// Tokens are estimated at four bytes each.
    fn usage(&self) -> Value {
        let written: usize = self.calls.iter().map(|call| call.arguments.len()).sum();
        let prompt = self.request.bytes.div_ceil(4);
        let completion = (self.text.unwrap_or_default().len() + written).div_ceil(4).max(1);
        json!({
            "prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion,
            "prompt_tokens_details": { "cached_tokens": 0, "audio_tokens": 0 },
            "completion_tokens_details": { "reasoning_tokens": 0, "audio_tokens": 0 },
        })
    }
}

/// Cuts the frames into chunks; with a seed anywhere, even inside a character, and else at the frames' ends.
pub(crate) fn split(frames: Vec<String>, seed: Option<u64>) -> Vec<Vec<u8>> {
    let Some(seed) = seed else {
        return frames.into_iter().map(String::into_bytes).collect();
    };
    let bytes = frames.concat().into_bytes();
    let mut rest = bytes.as_slice();
    let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let mut chunks = Vec::new();
    while !rest.is_empty() {
        let longest = if random.below(3) == 0 { 3 } else { 60 };
        let (chunk, behind) = rest.split_at((1 + random.below(longest)).min(rest.len()));
        chunks.push(chunk.to_vec());
        rest = behind;
    }
    chunks
}

/// The first frame's content: an empty text opens a text, nothing opens tool calls.
fn opening(text: Option<&str>) -> Option<&str> {
    text.map(|_| "")
}

fn pieces(text: &str) -> Vec<String> {
    let characters: Vec<char> = text.chars().collect();
    characters
        .chunks(PIECE)
        .map(|piece| piece.iter().collect())
        .collect()
}

/// Marsaglia's xorshift: the same seed always cuts at the same places.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap_or(0) % limit
    }
}
