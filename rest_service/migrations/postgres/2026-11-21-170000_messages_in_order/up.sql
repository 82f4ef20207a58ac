-- A page of a thread, and a context, ask for the user and the thread: with both in one index, in order, neither costs
-- more for a longer history. With an index for each, PostgreSQL's generic plan reads the whole thread and sorts it.
CREATE INDEX messages_in_order ON messages (user_id, thread_id, seq);
