-- Tasks whose chat cannot be reached: they wait, apart from what their user paused; see the PostgreSQL twin.
ALTER TABLE scheduled_tasks ADD COLUMN held_since integer;
DROP INDEX scheduled_tasks_due;
CREATE INDEX scheduled_tasks_due ON scheduled_tasks (next_run_at, id) WHERE status = 'active' AND held_since IS NULL;
