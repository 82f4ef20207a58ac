//! Protocol-true fake servers for tests, the simulator and benchmarks.
