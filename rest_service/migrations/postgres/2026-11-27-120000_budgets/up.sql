-- Money beside tokens, in millionths of a dollar; what each user may spend, where it is not the default; of which
-- periods they were told that little is left (the day and the month, as 2026-11-27 and 2026-11).
ALTER TABLE turns ADD COLUMN cost_micros bigint NOT NULL DEFAULT 0;
ALTER TABLE usage ADD COLUMN cost_micros bigint NOT NULL DEFAULT 0;
ALTER TABLE users ADD COLUMN budget_day_micros bigint;
ALTER TABLE users ADD COLUMN budget_month_micros bigint;
ALTER TABLE users ADD COLUMN budget_day_tokens bigint;
ALTER TABLE users ADD COLUMN budget_month_tokens bigint;
ALTER TABLE users ADD COLUMN budget_told text NOT NULL DEFAULT '';

-- What calls that are under way may cost at most, and what ended ones have cost, until their turn is stored.
CREATE TABLE budget_holds (
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    id text COLLATE "C" NOT NULL,
    event_id text NOT NULL,
    tokens bigint NOT NULL,
    micros bigint NOT NULL,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (user_id, id)
);
CREATE INDEX budget_holds_by_expiry ON budget_holds (expires_at);
