-- A page of a thread, and a context, carry the user and the thread: with both in one index, in order, neither costs more
-- for a longer history. With one index for each, PostgreSQL reads the whole thread and sorts it.
DROP INDEX messages_by_user;
CREATE INDEX messages_by_user ON messages (user_id, thread_id, seq);
