-- Facts and usage; the indexes of sorted and filtered lists, and of the cleanup.
--
-- Names sort by code point, as they do on SQLite: the order of a list and its cursors do not depend on the
-- server's locale, and a prefix is a range of the index.
ALTER TABLE users ALTER COLUMN name TYPE text COLLATE "C";
ALTER TABLE assistants ALTER COLUMN name TYPE text COLLATE "C";
ALTER TABLE tools ALTER COLUMN name TYPE text COLLATE "C";

-- What the assistant should know of a user. The same text again is the same fact.
CREATE TABLE facts (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    content text NOT NULL,
    source text NOT NULL CHECK (source IN ('user', 'assistant', 'admin')),
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    UNIQUE (user_id, content)
);
CREATE INDEX facts_by_user ON facts (user_id, id);

-- What each user's turns have cost: one row per day (UTC, as YYYY-MM-DD) and model, counted up by each turn.
CREATE TABLE usage (
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    day text COLLATE "C" NOT NULL,
    model text COLLATE "C" NOT NULL,
    turns bigint NOT NULL,
    model_calls bigint NOT NULL,
    prompt_tokens bigint NOT NULL,
    completion_tokens bigint NOT NULL,
    PRIMARY KEY (user_id, day, model)
);
CREATE INDEX usage_by_day ON usage (day, model);

CREATE INDEX users_by_name ON users (name, id);
CREATE INDEX users_by_role ON users (role, id);
CREATE INDEX assistants_by_name ON assistants (name, id);
CREATE INDEX assistants_by_kind ON assistants (kind, id);
CREATE INDEX tools_by_kind ON tools (kind, id);
CREATE INDEX scheduled_tasks_by_status ON scheduled_tasks (status, id);
CREATE INDEX scheduled_tasks_by_user_due ON scheduled_tasks (user_id, next_run_at, id) WHERE status = 'active';
-- Many are due at the same instant: the id tells them apart, for the cursor.
DROP INDEX scheduled_tasks_due;
CREATE INDEX scheduled_tasks_due ON scheduled_tasks (next_run_at, id) WHERE status = 'active';

-- All of a user's rows are read page by page for their archive, and dropped so when they are erased.
DROP INDEX messages_by_user;
CREATE INDEX messages_by_user ON messages (user_id, id);
DROP INDEX task_runs_by_user;
CREATE INDEX task_runs_by_user ON task_runs (user_id, id);
DROP INDEX deliveries_by_user;
CREATE INDEX deliveries_by_user ON deliveries (user_id, id);

-- What the cleanup looks for, the oldest first.
CREATE INDEX scheduled_tasks_ended ON scheduled_tasks (updated_at) WHERE status IN ('done', 'cancelled');
CREATE INDEX task_runs_by_age ON task_runs (created_at);
CREATE INDEX deliveries_by_age ON deliveries (created_at);
CREATE INDEX user_events_by_age ON user_events (created_at);
