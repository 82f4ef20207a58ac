-- What is done when its user presses a button, or was decided on and is being done: an undo, a question's Yes.
CREATE TABLE pending_actions (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    conversation text NOT NULL,
    tool text NOT NULL,
    args jsonb NOT NULL,
    summary text NOT NULL,
    idempotency_key text NOT NULL,
    state text NOT NULL CHECK (state IN ('open', 'confirmed', 'dismissed')),
    -- The event that decided it, so that the same event handled again goes on with what it decided.
    decided_by text,
    expires_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    UNIQUE (user_id, idempotency_key),
    CHECK ((state = 'open') = (decided_by IS NULL))
);
CREATE INDEX pending_actions_by_age ON pending_actions (expires_at);

-- The default assistant can read and write calendars; whose is not connected is told how.
INSERT INTO tools (id, kind, name, created_at, updated_at)
SELECT '01980000-0000-7000-8000-000000000104', 'calendar', 'calendar', '2026-11-21T16:00:00Z', '2026-11-21T16:00:00Z'
WHERE NOT EXISTS (SELECT 1 FROM tools WHERE name = 'calendar');
INSERT INTO assistant_tools (assistant_id, tool_id, created_at)
SELECT assistants.id, tools.id, '2026-11-21T16:00:00Z' FROM assistants, tools
WHERE assistants.id = '01980000-0000-7000-8000-000000000001' AND tools.id = '01980000-0000-7000-8000-000000000104';
