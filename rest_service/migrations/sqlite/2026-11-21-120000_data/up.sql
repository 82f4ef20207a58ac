-- Facts and usage; the indexes of sorted and filtered lists, and of the cleanup.

-- What the assistant should know of a user. The same text again is the same fact.
CREATE TABLE facts (
    id blob PRIMARY KEY NOT NULL,
    user_id blob NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    content text NOT NULL,
    source text NOT NULL CHECK (source IN ('user', 'assistant', 'admin')),
    version integer NOT NULL DEFAULT 1,
    created_at integer NOT NULL,
    updated_at integer NOT NULL,
    UNIQUE (user_id, content)
) STRICT;
CREATE INDEX facts_by_user ON facts (user_id, id);

-- What each user's turns have cost: one row per day (UTC, as YYYY-MM-DD) and model, counted up by each turn.
CREATE TABLE usage (
    user_id blob NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    day text NOT NULL,
    model text NOT NULL,
    turns integer NOT NULL,
    model_calls integer NOT NULL,
    prompt_tokens integer NOT NULL,
    completion_tokens integer NOT NULL,
    PRIMARY KEY (user_id, day, model)
) STRICT;
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
