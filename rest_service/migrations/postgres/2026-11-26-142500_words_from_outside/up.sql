-- Which stored words may be those of others than the user: a turn that is shown them asks before it changes anything.
ALTER TABLE messages ADD COLUMN from_outside boolean NOT NULL DEFAULT false;
ALTER TABLE scheduled_tasks ADD COLUMN from_outside boolean NOT NULL DEFAULT false;
