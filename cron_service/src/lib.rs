//! Claims due tasks, publishes them and records their runs.
