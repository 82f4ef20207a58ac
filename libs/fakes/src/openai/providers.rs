//! Servers that call themselves compatible with OpenAI's: what each refuses, and how it writes its answers and errors.
//!
//! Each is put together from what public reports say of the real one. To add one: a line in [`PROVIDERS`].

pub(crate) mod answers;
pub(crate) mod errors;
pub(crate) mod rules;

pub use answers::{Calls, Finish, Form, Thoughts, Usage, Writes};
pub use errors::Errors;
pub use rules::Rule;

/// A server.
#[derive(Clone, Copy, Debug)]
pub struct Provider {
    /// Its name, and what is peculiar about it.
    pub name: &'static str,
    /// What it refuses; the words are its own.
    pub refuses: &'static [Rule],
    /// Fields of messages and calls that it takes, and OpenAI does not.
    pub own_fields: &'static [&'static str],
    /// How it writes answers.
    pub writes: Writes,
    /// How it writes errors.
    pub errors: Errors,
}

const PLAIN: Provider = Provider {
    name: "OpenAI",
    refuses: &[],
    own_fields: &[],
    writes: Writes::PLAIN,
    errors: Errors::OpenAi,
};

/// The servers.
pub const PROVIDERS: &[Provider] = &[
    PLAIN,
    Provider {
        name: "OpenAI, reasoning models: no `temperature`",
        refuses: &[Rule::Field("temperature"), Rule::Field("max_tokens")],
        ..PLAIN
    },
    Provider {
        name: "Azure: a first chunk without choices",
        writes: Writes {
            empty_first: true,
            ..Writes::PLAIN
        },
        ..PLAIN
    },
    Provider {
        name: "Mistral: roles alternate, ids of nine characters, unknown fields are 422",
        refuses: &[
            Rule::Extra("max_completion_tokens"),
            Rule::Extra("stream_options"),
            Rule::Alternate,
            Rule::ShortIds,
        ],
        writes: Writes {
            calls: Calls::Whole,
            finish: Finish::WithLast,
            ..Writes::PLAIN
        },
        errors: Errors::Detail,
        ..PLAIN
    },
    Provider {
        name: "Mistral's thinking models: content is a list",
        refuses: &[
            Rule::Extra("max_completion_tokens"),
            Rule::Extra("stream_options"),
            Rule::Alternate,
        ],
        writes: Writes {
            parts: true,
            thoughts: Thoughts::Part,
            ..Writes::PLAIN
        },
        errors: Errors::Detail,
        ..PLAIN
    },
    Provider {
        name: "Anthropic: compatible endpoint",
        refuses: &[Rule::EmptyContent],
        writes: Writes {
            calls: Calls::Pieces,
            finish: Finish::Usual,
            ..Writes::PLAIN
        },
        errors: Errors::Typed,
        ..PLAIN
    },
    Provider {
        name: "Gemini: signatures are wanted back, errors in a list, unknown keywords of schemas refused",
        refuses: &[
            Rule::Keyword("additionalProperties"),
            Rule::Signature,
            Rule::Field("parallel_tool_calls"),
        ],
        own_fields: &["extra_content"],
        writes: Writes {
            calls: Calls::Signed,
            finish: Finish::Stop,
            ..Writes::PLAIN
        },
        errors: Errors::List,
    },
    Provider {
        name: "Gemma: no system message",
        refuses: &[Rule::System, Rule::Alternate],
        errors: Errors::Text,
        ..PLAIN
    },
    Provider {
        name: "Groq: usage in a place of its own",
        writes: Writes {
            usage: Usage::Groq,
            ..Writes::PLAIN
        },
        ..PLAIN
    },
    Provider {
        name: "DeepSeek: reasoning is wanted back",
        refuses: &[Rule::Reasoning],
        own_fields: &["reasoning_content"],
        writes: Writes {
            thoughts: Thoughts::Field("reasoning_content"),
            ..Writes::PLAIN
        },
        ..PLAIN
    },
    Provider {
        name: "DeepSeek, before: reasoning that comes back is refused",
        refuses: &[Rule::OwnField("reasoning_content")],
        writes: Writes {
            thoughts: Thoughts::Field("reasoning_content"),
            ..Writes::PLAIN
        },
        ..PLAIN
    },
    Provider {
        name: "Kimi: the finish twice, usage in the choice",
        refuses: &[Rule::Reasoning],
        own_fields: &["reasoning_content"],
        writes: Writes {
            thoughts: Thoughts::Field("reasoning_content"),
            finish: Finish::Twice,
            usage: Usage::InChoice,
            ..Writes::PLAIN
        },
        ..PLAIN
    },
    Provider {
        name: "Ollama: whole calls, all with index 0",
        writes: Writes {
            calls: Calls::AllFirst,
            finish: Finish::Stop,
            ..Writes::PLAIN
        },
        ..PLAIN
    },
    Provider {
        name: "Ollama, a model without tools",
        refuses: &[Rule::Tools],
        ..PLAIN
    },
    Provider {
        name: "Ollama's own lines of JSON",
        writes: Writes {
            form: Form::Lines,
            calls: Calls::Objects,
            ..Writes::PLAIN
        },
        errors: Errors::Bare,
        ..PLAIN
    },
    Provider {
        name: "llama.cpp: errors of its template",
        refuses: &[Rule::Alternate, Rule::NullContent],
        writes: Writes {
            calls: Calls::Pieces,
            ..Writes::PLAIN
        },
        ..PLAIN
    },
    Provider {
        name: "vLLM without a parser: `<tool_call>` in the text",
        writes: Writes {
            calls: Calls::Hermes,
            thoughts: Thoughts::Tag,
            finish: Finish::Stop,
            ..Writes::PLAIN
        },
        errors: Errors::Object,
        ..PLAIN
    },
    Provider {
        name: "vLLM: a new id with each piece, `</think>` without its beginning",
        writes: Writes {
            calls: Calls::NewIds,
            thoughts: Thoughts::Orphan,
            ..Writes::PLAIN
        },
        errors: Errors::Object,
        ..PLAIN
    },
    Provider {
        name: "Qwen's coder: functions in tags",
        writes: Writes {
            calls: Calls::Tags,
            ..Writes::PLAIN
        },
        ..PLAIN
    },
    Provider {
        name: "Llama: a call is nothing but JSON",
        writes: Writes {
            calls: Calls::Json,
            ..Writes::PLAIN
        },
        ..PLAIN
    },
    Provider {
        name: "LM Studio: arguments again in full",
        writes: Writes {
            calls: Calls::Again,
            ..Writes::PLAIN
        },
        errors: Errors::Bare,
        ..PLAIN
    },
    Provider {
        name: "OpenRouter: comments, errors with status 200",
        writes: Writes {
            comments: true,
            thoughts: Thoughts::Field("reasoning"),
            ..Writes::PLAIN
        },
        own_fields: &["reasoning"],
        errors: Errors::InAnswer,
        ..PLAIN
    },
    Provider {
        name: "Together: `eos`, usage in each chunk, no `[DONE]`",
        writes: Writes {
            finish: Finish::Reason("eos"),
            usage: Usage::Each,
            done: false,
            ..Writes::PLAIN
        },
        ..PLAIN
    },
    Provider {
        name: "Perplexity: `message` beside `delta`, usage as floats",
        writes: Writes {
            messages: true,
            usage: Usage::Floats,
            ..Writes::PLAIN
        },
        errors: Errors::Page,
        ..PLAIN
    },
    Provider {
        name: "TGI: one call where the list should be, arguments as an object",
        refuses: &[Rule::Field("stream_options")],
        writes: Writes {
            calls: Calls::Single,
            finish: Finish::Reason("eos_token"),
            ..Writes::PLAIN
        },
        errors: Errors::Bare,
        ..PLAIN
    },
    Provider {
        name: "one-api: finish_reason empty throughout, no ids",
        writes: Writes {
            calls: Calls::NoIds,
            finish: Finish::Empty,
            usage: Usage::Negative,
            ..Writes::PLAIN
        },
        ..PLAIN
    },
    Provider {
        name: "new-api: stop in every chunk, one id for all calls",
        writes: Writes {
            calls: Calls::OneId,
            finish: Finish::Every,
            usage: Usage::Words,
            ..Writes::PLAIN
        },
        ..PLAIN
    },
    Provider {
        name: "a gateway that does not stream: JSON whatever is asked",
        refuses: &[Rule::Stream],
        writes: Writes {
            form: Form::Body,
            ..Writes::PLAIN
        },
        errors: Errors::Text,
        ..PLAIN
    },
    Provider {
        name: "Bedrock's gateway: CRLF, a byte order mark, no space behind `data:`, wrong content type",
        writes: Writes {
            crlf: true,
            ..Writes::PLAIN
        },
        errors: Errors::Page,
        ..PLAIN
    },
    Provider {
        name: "MLX: arguments doubly encoded, numbers as text",
        writes: Writes {
            calls: Calls::Doubly,
            ..Writes::PLAIN
        },
        errors: Errors::Text,
        ..PLAIN
    },
    Provider {
        name: "GPT4All: `function_call`, as it was before",
        refuses: &[Rule::Field("max_completion_tokens")],
        writes: Writes {
            calls: Calls::Legacy,
            ..Writes::PLAIN
        },
        errors: Errors::Text,
        ..PLAIN
    },
    Provider {
        name: "a server that takes nothing that it does not know, and does not say what",
        refuses: &[Rule::AnythingOptional],
        errors: Errors::Nothing,
        ..PLAIN
    },
];

/// The server of this name, or whose name begins so.
#[must_use]
pub fn provider(name: &str) -> Option<Provider> {
    PROVIDERS
        .iter()
        .find(|provider| provider.name.starts_with(name))
        .copied()
}
