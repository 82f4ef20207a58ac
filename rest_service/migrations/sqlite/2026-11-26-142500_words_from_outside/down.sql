ALTER TABLE scheduled_tasks DROP COLUMN from_outside;
ALTER TABLE messages DROP COLUMN from_outside;
