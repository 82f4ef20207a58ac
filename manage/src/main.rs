//! The command line of Smart Assistant, and its one-process mode.

fn main() {}
