-- The SQLite twin of this file has the same tables, columns, keys, indexes and checks; a test compares them.

CREATE TABLE assistants (
    id uuid PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('secretary', 'sub')),
    name text NOT NULL,
    instructions text NOT NULL,
    model text,
    parameters jsonb NOT NULL DEFAULT '{}',
    active boolean NOT NULL DEFAULT true,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);

CREATE TABLE users (
    id uuid PRIMARY KEY,
    name text NOT NULL,
    locale text NOT NULL,
    time_zone text NOT NULL,
    role text NOT NULL CHECK (role IN ('owner', 'member')),
    state text NOT NULL CHECK (state IN ('pending', 'active', 'blocked')),
    secretary_id uuid REFERENCES assistants (id),
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);
CREATE INDEX users_by_secretary ON users (secretary_id) WHERE secretary_id IS NOT NULL;

CREATE TABLE identities (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    channel text NOT NULL CHECK (channel IN ('telegram', 'api')),
    external_id text NOT NULL,
    display_name text NOT NULL,
    created_at timestamptz NOT NULL,
    UNIQUE (channel, external_id)
);
CREATE INDEX identities_by_user ON identities (user_id, id);

CREATE TABLE tools (
    id uuid PRIMARY KEY,
    kind text NOT NULL,
    name text NOT NULL UNIQUE,
    description text NOT NULL DEFAULT '',
    config jsonb NOT NULL DEFAULT '{}',
    active boolean NOT NULL DEFAULT true,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);

CREATE TABLE assistant_tools (
    assistant_id uuid NOT NULL REFERENCES assistants (id) ON DELETE CASCADE,
    tool_id uuid NOT NULL REFERENCES tools (id) ON DELETE CASCADE,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (assistant_id, tool_id)
);
CREATE INDEX assistant_tools_by_tool ON assistant_tools (tool_id);

CREATE TABLE threads (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    assistant_id uuid NOT NULL REFERENCES assistants (id),
    conversation text NOT NULL,
    parent_id uuid REFERENCES threads (id) ON DELETE SET NULL,
    last_seq bigint NOT NULL DEFAULT 0,
    summary text NOT NULL DEFAULT '',
    summarised_to bigint NOT NULL DEFAULT 0,
    closed_at timestamptz,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);
-- At most one thread is open per user, conversation and assistant.
CREATE UNIQUE INDEX threads_open ON threads (user_id, conversation, assistant_id) WHERE closed_at IS NULL;
CREATE INDEX threads_by_user ON threads (user_id, id);
CREATE INDEX threads_by_assistant ON threads (assistant_id);
CREATE INDEX threads_by_parent ON threads (parent_id) WHERE parent_id IS NOT NULL;

CREATE TABLE turns (
    id uuid PRIMARY KEY,
    event_id text NOT NULL UNIQUE,
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    thread_id uuid NOT NULL REFERENCES threads (id) ON DELETE CASCADE,
    status text NOT NULL CHECK (status IN ('completed', 'failed')),
    replies jsonb NOT NULL,
    model text,
    prompt_tokens bigint NOT NULL,
    completion_tokens bigint NOT NULL,
    model_calls bigint NOT NULL,
    error text,
    started_at timestamptz NOT NULL,
    finished_at timestamptz NOT NULL
);
CREATE INDEX turns_by_user ON turns (user_id, id);
CREATE INDEX turns_by_thread ON turns (thread_id);

CREATE TABLE messages (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    thread_id uuid NOT NULL REFERENCES threads (id) ON DELETE CASCADE,
    turn_id uuid NOT NULL REFERENCES turns (id) ON DELETE CASCADE,
    seq bigint NOT NULL CHECK (seq > 0),
    role text NOT NULL CHECK (role IN ('user', 'assistant', 'tool')),
    content text NOT NULL,
    tool_calls jsonb,
    tool_call_id text,
    created_at timestamptz NOT NULL,
    UNIQUE (thread_id, seq)
);
CREATE INDEX messages_by_user ON messages (user_id);
CREATE INDEX messages_by_turn ON messages (turn_id);

CREATE TABLE scheduled_tasks (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    action text NOT NULL CHECK (action IN ('remind', 'prompt')),
    text text NOT NULL,
    schedule jsonb NOT NULL,
    time_zone text NOT NULL,
    status text NOT NULL CHECK (status IN ('active', 'paused', 'done', 'cancelled')),
    next_run_at timestamptz,
    last_run_at timestamptz,
    channel text NOT NULL CHECK (channel IN ('telegram', 'api')),
    chat text NOT NULL,
    idempotency_key text,
    lease_token uuid,
    lease_until timestamptz,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    UNIQUE (user_id, idempotency_key),
    -- What is active has a next time, and nothing else has.
    CHECK ((status = 'active') = (next_run_at IS NOT NULL)),
    CHECK ((lease_token IS NULL) = (lease_until IS NULL))
);
-- What a tick of the scheduler reads: its cost depends on what is due alone.
CREATE INDEX scheduled_tasks_due ON scheduled_tasks (next_run_at) WHERE status = 'active';
CREATE INDEX scheduled_tasks_by_user ON scheduled_tasks (user_id, id);

CREATE TABLE task_runs (
    id uuid PRIMARY KEY,
    task_id uuid NOT NULL REFERENCES scheduled_tasks (id) ON DELETE CASCADE,
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    scheduled_for timestamptz NOT NULL,
    fired_at timestamptz NOT NULL,
    missed bigint NOT NULL,
    created_at timestamptz NOT NULL,
    UNIQUE (task_id, scheduled_for)
);
CREATE INDEX task_runs_by_user ON task_runs (user_id);

CREATE TABLE deliveries (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    reply_id text NOT NULL,
    part bigint NOT NULL CHECK (part >= 0),
    channel text NOT NULL CHECK (channel IN ('telegram', 'api')),
    chat text NOT NULL,
    external_message_id text,
    status text NOT NULL CHECK (status IN ('sent', 'failed')),
    error text,
    created_at timestamptz NOT NULL,
    UNIQUE (reply_id, part)
);
CREATE INDEX deliveries_by_user ON deliveries (user_id);

INSERT INTO assistants (id, kind, name, instructions, created_at, updated_at) VALUES (
    '01980000-0000-7000-8000-000000000001', 'secretary', 'Assistant',
    'You are a helpful personal assistant. Answer briefly and in the user''s language. Use a tool whenever the user asks for something that a tool does, and never say that something was done unless a tool did it. Do no arithmetic with dates and times: hand what the user said to the tool. Ask when you are not sure what is meant.',
    '2026-11-20T12:00:00Z', '2026-11-20T12:00:00Z'
);
INSERT INTO tools (id, kind, name, created_at, updated_at) VALUES
    ('01980000-0000-7000-8000-000000000101', 'time', 'time', '2026-11-20T12:00:00Z', '2026-11-20T12:00:00Z'),
    ('01980000-0000-7000-8000-000000000102', 'reminder', 'reminder', '2026-11-20T12:00:00Z', '2026-11-20T12:00:00Z');
INSERT INTO assistant_tools (assistant_id, tool_id, created_at)
SELECT '01980000-0000-7000-8000-000000000001', id, '2026-11-20T12:00:00Z' FROM tools;
