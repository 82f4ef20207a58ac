//! Protocol-true fake servers for tests, the simulator and benchmarks.
//!
//! Each fake is a real HTTP server that keeps the rules of the service it stands for, as strictly or more so.
//! A request which the real service would refuse is refused with its words, and kept as a [`Violation`]: a test
//! that leaves one unread fails when the server is dropped.
//!
//! [`proxy`] is no fake: it stands before the real Redis or PostgreSQL and loses what is said on the way.

mod clock;
mod flood;
pub mod google;
pub mod openai;
pub mod proxy;
pub mod telegram;
mod violations;
pub mod weather;
mod wire;

pub use clock::Now;
pub use flood::{Flood, Flow};
pub use violations::Violation;
