//! The wire format, pinned: what one build writes, every later build reads.

mod envelope;
mod trace;
