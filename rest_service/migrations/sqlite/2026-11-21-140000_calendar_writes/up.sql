-- Changes that calendar_service makes in users' calendars; see the PostgreSQL twin.
CREATE TABLE calendar_writes (
    id blob PRIMARY KEY NOT NULL,
    user_id blob NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    state text NOT NULL CHECK (state IN ('begun', 'done', 'undone')),
    key_id text NOT NULL,
    ciphertext text NOT NULL,
    created_at integer NOT NULL,
    updated_at integer NOT NULL
) STRICT;
CREATE INDEX calendar_writes_by_user ON calendar_writes (user_id);
CREATE INDEX calendar_writes_by_age ON calendar_writes (created_at);
