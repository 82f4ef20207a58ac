//! Puts an answer together from its frames, and refuses one that is not whole. Pure.

use serde_json::{Map, Value};

use super::{
    super::{ModelAnswer, ProviderFields, ToolSpec, Usage},
    calls::{Calls, Unusable},
    chunk,
    frames::Frame,
    prose::{Prose, Shown},
    trouble::Trouble,
    usage,
};

/// The longest text that is taken, in bytes: a little less than can be stored.
const LONGEST: usize = 190_000;

/// How much of a provider's own fields is kept, in bytes.
const LONGEST_FIELDS: usize = 12_000;

/// Why an answer ends, as the servers say it. A reason that is not listed is no end: what follows decides.
const ENDS: [(&str, End); 20] = [
    ("stop", End::Whole),
    ("tool_calls", End::Whole),
    ("tool_call", End::Whole),
    ("function_call", End::Whole),
    ("tool_use", End::Whole),
    ("end_turn", End::Whole),
    ("stop_sequence", End::Whole),
    ("eos", End::Whole),
    ("eos_token", End::Whole),
    ("complete", End::Whole),
    ("completed", End::Whole),
    ("finished", End::Whole),
    ("length", End::Length),
    ("max_tokens", End::Length),
    ("max_output_tokens", End::Length),
    ("model_length", End::Length),
    ("content_filter", End::Filter),
    ("safety", End::Filter),
    ("recitation", End::Filter),
    ("prohibited_content", End::Filter),
];

/// Reasons with which a server gives up: no end, whatever follows.
const FAILURES: [&str; 8] = [
    "error",
    "abort",
    "cancelled",
    "canceled",
    "timeout",
    "insufficient_system_resource",
    "malformed_function_call",
    "unexpected_tool_call",
];

/// How an answer ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Whole,
    Length,
    Filter,
}

/// An answer that is still coming.
#[derive(Debug)]
pub(super) struct Assembly<'t> {
    tools: &'t [ToolSpec],
    prose: Prose,
    calls: Calls,
    fields: Map<String, Value>,
    has_thought: bool,
    end: Option<End>,
    /// How often text came with a reason to end: from the second time on the reason says nothing.
    ends_with_text: u32,
    /// The server gave up.
    failure: Option<String>,
    /// The server says that nothing follows.
    is_done: bool,
    usage: Usage,
}

/// What a frame did.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Taken {
    /// Whether it brought the answer on.
    pub(super) is_progress: bool,
    /// What may be shown of it.
    pub(super) shown: Shown,
}

impl<'t> Assembly<'t> {
    /// An answer to a request that offers these tools.
    pub(super) fn new(tools: &'t [ToolSpec]) -> Self {
        Self {
            tools,
            prose: Prose::default(),
            calls: Calls::default(),
            fields: Map::new(),
            has_thought: false,
            end: None,
            ends_with_text: 0,
            failure: None,
            is_done: false,
            usage: Usage::default(),
        }
    }

    /// Takes the next frame. What carries nothing that is known does nothing.
    pub(super) fn add(&mut self, frame: &Frame) -> Result<Taken, Trouble> {
        let nothing = Taken {
            is_progress: false,
            shown: Shown::Nothing,
        };
        let data = frame.data.trim();
        if matches!(data, "[DONE]" | "DONE" | "\"[DONE]\"") {
            self.is_done = true;
            return Ok(nothing);
        }
        let value: Value = match serde_json::from_str(data) {
            Ok(value @ Value::Object(_)) => value,
            _ if frame.event == "error" => return self.fails(Trouble::said(&Value::String(data.to_owned()))),
            // What was meant as a chunk is lost, and something of the answer with it.
            Err(_) if data.starts_with('{') => return self.fails(Trouble::broken("a frame is no JSON")),
            _ => return Ok(nothing),
        };
        usage::add(&mut self.usage, &value);
        if let Some(error) = chunk::error(&value) {
            return self.fails(Trouble::said(error));
        }
        if frame.event == "error" {
            return self.fails(Trouble::said(&value));
        }
        let chunk = chunk::read(&value);
        let is_progress = chunk.is_progress();
        let reason = chunk.finish_reason.to_ascii_lowercase();
        if let Some((_, end)) = ENDS.iter().find(|(name, _)| *name == reason) {
            self.end = Some(*end);
            self.ends_with_text += u32::from(!chunk.text.is_empty());
        } else if FAILURES.contains(&reason.as_str()) {
            self.failure = Some(reason);
        }
        self.has_thought |= chunk.has_thought;
        chunk::merge(&mut self.fields, chunk.fields);
        self.calls
            .add(chunk.calls, self.tools)
            .map_err(|unusable| Trouble::broken(words(unusable)))?;
        // The whole message behind its pieces.
        let is_again = chunk.is_message && self.prose.len() > 0 && self.prose.is(&chunk.text);
        let shown = match is_again || chunk.text.is_empty() {
            true => Shown::Nothing,
            false => self.prose.push(&chunk.text),
        };
        if self.prose.len() > LONGEST {
            return Err(Trouble::endless());
        }
        Ok(Taken { is_progress, shown })
    }

    /// Something went wrong: no matter, once the answer has come to its end.
    fn fails(&mut self, trouble: Trouble) -> Result<Taken, Trouble> {
        match self.has_ended() {
            true => Ok(Taken {
                is_progress: false,
                shown: Shown::Nothing,
            }),
            false => Err(trouble),
        }
    }

    /// What was shown of it so far.
    pub(super) fn shown(&self) -> &str {
        self.prose.shown()
    }

    /// Whether the server says that nothing follows.
    pub(super) fn is_done(&self) -> bool {
        self.is_done
    }

    /// Whether it surely came to its end, so that a connection that breaks takes nothing of it away. Servers that say
    /// "stop" with each chunk say nothing with it.
    pub(super) fn has_ended(&self) -> bool {
        self.end.is_some() && self.ends_with_text < 2
    }

    /// What it cost so far.
    pub(super) fn usage(&self) -> Usage {
        self.usage
    }

    /// The whole answer, once nothing follows.
    pub(super) fn finish(self, server: &str) -> Result<ModelAnswer, Trouble> {
        if let (Some(reason), None) = (&self.failure, self.end) {
            return Err(Trouble::broken(&format!("the server gave up: {reason}")));
        }
        let is_nothing = self.prose.len() == 0 && self.calls.is_empty() && !self.has_thought;
        let end = match (self.end, self.is_done) {
            (Some(end), _) => end,
            (None, true) => End::Whole,
            (None, false) if is_nothing => return Err(Trouble::broken("the stream was empty")),
            (None, false) => return Err(Trouble::broken("the stream was cut")),
        };
        let are_whole = self.calls.are_whole();
        let is_only_thought = self.prose.is_only_thought() || (self.has_thought && self.prose.len() == 0);
        let spoken = self.prose.finish(self.tools);
        if end == End::Length && (!are_whole || spoken.is_garbled) {
            return Err(Trouble::length());
        }
        let written = self
            .calls
            .finish(self.tools)
            .map_err(|unusable| Trouble::broken(words(unusable)))?;
        let (mut tool_calls, mut fields): (Vec<_>, Vec<_>) = written.into_iter().unzip();
        if tool_calls.is_empty() {
            // What the server could not read it hands on as text.
            if spoken.is_garbled {
                return Err(Trouble::broken("a tool call cannot be read"));
            }
            fields = vec![Map::new(); spoken.calls.len()];
            tool_calls = spoken.calls;
        }
        let mut text = spoken.text;
        if text.trim().is_empty() && tool_calls.is_empty() {
            match end {
                End::Filter => {
                    "I can't help with that: the model's content filter stopped the answer."
                        .clone_into(&mut text);
                }
                End::Length => return Err(Trouble::length()),
                End::Whole if is_only_thought => return Err(Trouble::broken("the model only thought")),
                End::Whole => return Err(Trouble::broken("the answer was empty")),
            }
        } else if end == End::Length && tool_calls.is_empty() {
            text.push_str("…\n\n(The answer ends here: it reached its length limit.)");
        }
        Ok(ModelAnswer {
            text,
            tool_calls,
            choices: Vec::new(),
            usage: self.usage,
            provider: kept(server, self.fields, fields),
            model: String::new(),
        })
    }
}

/// What the provider wants back, unless it is more than can be kept.
fn kept(server: &str, message: Map<String, Value>, calls: Vec<Map<String, Value>>) -> Option<ProviderFields> {
    if message.is_empty() && calls.iter().all(Map::is_empty) {
        return None;
    }
    let mut fields = ProviderFields {
        server: server.to_owned(),
        message,
        calls,
    };
    let size = |fields: &ProviderFields| {
        serde_json::to_string(&fields.message).map_or(usize::MAX, |text| text.len())
            + serde_json::to_string(&fields.calls).map_or(usize::MAX, |text| text.len())
    };
    if size(&fields) > LONGEST_FIELDS {
        // Signatures are short; thoughts need not be.
        fields
            .message
            .retain(|_, value| value.to_string().len() < LONGEST_FIELDS / 4);
    }
    (size(&fields) <= LONGEST_FIELDS).then_some(fields)
}

fn words(unusable: Unusable) -> &'static str {
    match unusable {
        Unusable::TooLong => "a tool call does not end",
        Unusable::Nameless => "a tool call has no name",
    }
}
