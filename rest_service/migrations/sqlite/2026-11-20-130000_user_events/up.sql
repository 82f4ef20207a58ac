-- What a user is told over the API channel, in the order in which it is told; see the PostgreSQL twin.
-- AUTOINCREMENT: an id that a client has seen is never given again, even if its row was deleted.
CREATE TABLE user_events (
    id integer PRIMARY KEY AUTOINCREMENT NOT NULL,
    user_id blob NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    reply_id text NOT NULL UNIQUE,
    payload text NOT NULL,
    created_at integer NOT NULL
) STRICT;
CREATE INDEX user_events_by_user ON user_events (user_id, id);
