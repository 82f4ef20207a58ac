-- Money beside tokens, and what may be spent; see the PostgreSQL twin.
ALTER TABLE turns ADD COLUMN cost_micros integer NOT NULL DEFAULT 0;
ALTER TABLE usage ADD COLUMN cost_micros integer NOT NULL DEFAULT 0;
ALTER TABLE users ADD COLUMN budget_day_micros integer;
ALTER TABLE users ADD COLUMN budget_month_micros integer;
ALTER TABLE users ADD COLUMN budget_day_tokens integer;
ALTER TABLE users ADD COLUMN budget_month_tokens integer;
ALTER TABLE users ADD COLUMN budget_told text NOT NULL DEFAULT '';

CREATE TABLE budget_holds (
    user_id blob NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    id text NOT NULL,
    event_id text NOT NULL,
    tokens integer NOT NULL,
    micros integer NOT NULL,
    expires_at integer NOT NULL,
    PRIMARY KEY (user_id, id)
) STRICT;
CREATE INDEX budget_holds_by_expiry ON budget_holds (expires_at);
