//! Google OAuth and Calendar behind a small HTTP API; the only service that knows Google.
