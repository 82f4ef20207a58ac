//! OpenAI placeholder.
