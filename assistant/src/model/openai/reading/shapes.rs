//! What servers send, as they send it, and what must come of it.

mod calls;
mod spoken;
mod stream;
mod text;

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

const fn shape(name: &'static str, body: &'static str, out: Out) -> Shape {
    Shape { name, body, out }
}

/// All of them.
pub(super) const SHAPES: [&[Shape]; 4] = [stream::SHAPES, text::SHAPES, calls::SHAPES, spoken::SHAPES];
