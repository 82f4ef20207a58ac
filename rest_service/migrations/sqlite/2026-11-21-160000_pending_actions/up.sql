-- What is done when its user presses a button; see the PostgreSQL twin.
CREATE TABLE pending_actions (
    id blob PRIMARY KEY NOT NULL,
    user_id blob NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    conversation text NOT NULL,
    tool text NOT NULL,
    args text NOT NULL,
    summary text NOT NULL,
    idempotency_key text NOT NULL,
    state text NOT NULL CHECK (state IN ('open', 'confirmed', 'dismissed')),
    decided_by text,
    expires_at integer NOT NULL,
    created_at integer NOT NULL,
    UNIQUE (user_id, idempotency_key),
    CHECK ((state = 'open') = (decided_by IS NULL))
) STRICT;
CREATE INDEX pending_actions_by_age ON pending_actions (expires_at);

INSERT INTO tools (id, kind, name, created_at, updated_at)
SELECT x'01980000000070008000000000000104', 'calendar', 'calendar', 1795276800000000, 1795276800000000
WHERE NOT EXISTS (SELECT 1 FROM tools WHERE name = 'calendar');
INSERT INTO assistant_tools (assistant_id, tool_id, created_at)
SELECT assistants.id, tools.id, 1795276800000000 FROM assistants, tools
WHERE assistants.id = x'01980000000070008000000000000001' AND tools.id = x'01980000000070008000000000000104';
