//! Throw-away servers, isolation per test, waiting for states, and the tidy test.
//!
//! Servers run from the machine's own binaries, on loopback ports, and leave neither process nor folder
//! behind, however a test ends. A test takes a [`postgres::TestSchema`] or a [`redis::TestPrefix`] in the
//! server that the whole run shares; a test that kills servers starts a [`postgres::TestPostgres`] or a
//! [`redis::TestRedis`] of its own.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "this crate is part of tests, which fail by panicking"
)]

pub mod binaries;
mod guard;
pub mod namespace;
pub mod node;
mod once;
mod ports;
pub mod postgres;
pub mod python;
mod random;
pub mod redis;
mod run;
mod server;
mod settings;
pub mod sqlite;
mod wait;

pub use ports::free_port;
pub use random::Random;
pub use settings::{fuzz_seed, fuzz_time, is_long_form, manage};
pub use wait::wait_until;
