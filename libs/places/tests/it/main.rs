//! The zones that people's words and pins mean.

mod guesses;
mod memory;
mod pins;
mod words;
