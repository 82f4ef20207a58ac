//! Consumes user messages and due tasks and runs turns; the only service that knows models.

pub mod model;
pub mod tools;
pub mod turn;
