//! The database itself: opening, migrating, and two schemas that are one.

mod migrations;
mod open;
mod schemas;
mod together;
