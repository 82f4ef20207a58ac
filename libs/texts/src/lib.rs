//! What the product itself says to people: every fixed text, button and refusal, in each language. Pure.
//!
//! A text is a variant of [`Text`], with what stands in it as fields, so that one which does not exist does not
//! compile; its words are in `catalogue/{language}.ftl` (Project Fluent). To add one: a line in `catalogue.rs`, and its
//! words in each language; the tests find what is missing, what nobody says, and fields that a language forgot.
//! `cargo manage texts` shows all of them side by side.

mod catalogue;
mod language;
mod moment;
mod table;

pub use catalogue::Text;
pub use language::Language;
pub use moment::{clock, duration, full, spoken};
pub use table::table;
