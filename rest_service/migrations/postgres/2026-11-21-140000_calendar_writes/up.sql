-- Changes that calendar_service makes in users' calendars: written down before they are made, so that a repeated call
-- goes on where the first was cut off, and kept for a day, so that they can be undone. What an event says is
-- ciphertext that only calendar_service can read.
CREATE TABLE calendar_writes (
    -- Made of the user and the idempotency key.
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    state text NOT NULL CHECK (state IN ('begun', 'done', 'undone')),
    key_id text NOT NULL,
    ciphertext text NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);
CREATE INDEX calendar_writes_by_user ON calendar_writes (user_id);
-- What drops old ones reads.
CREATE INDEX calendar_writes_by_age ON calendar_writes (created_at);
