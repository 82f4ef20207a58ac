DROP INDEX scheduled_tasks_due;
CREATE INDEX scheduled_tasks_due ON scheduled_tasks (next_run_at, id) WHERE status = 'active';
ALTER TABLE scheduled_tasks DROP COLUMN held_since;
