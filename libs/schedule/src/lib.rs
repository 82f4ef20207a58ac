//! When a task fires: local schedules to UTC instants, with the promised DST semantics. Pure.
