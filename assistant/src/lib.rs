//! Consumes user messages and due tasks and runs turns; the only service that knows models.
