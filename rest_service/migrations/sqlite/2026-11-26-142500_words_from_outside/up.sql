-- Which stored words may be those of others than the user; see the PostgreSQL twin.
ALTER TABLE messages ADD COLUMN from_outside integer NOT NULL DEFAULT false CHECK (from_outside IN (0, 1));
ALTER TABLE scheduled_tasks ADD COLUMN from_outside integer NOT NULL DEFAULT false CHECK (from_outside IN (0, 1));
