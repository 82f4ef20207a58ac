//! Owns the database: resources, turns, deliveries, over REST.
//!
//! `db` is the database, `store` what is asked of it, `api` the routes (the list is in `api/routes.rs`).

mod db;

pub use db::{Db, DbError, DbKind, MigrationStatus};
