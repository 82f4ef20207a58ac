-- Who may call this service besides the services themselves; see the PostgreSQL twin.
CREATE TABLE api_keys (
    id blob PRIMARY KEY NOT NULL,
    name text NOT NULL,
    prefix text NOT NULL UNIQUE,
    secret_hash text NOT NULL,
    role text NOT NULL,
    scopes text,
    expires_at integer,
    last_used_at integer,
    revoked_at integer,
    created_at integer NOT NULL
) STRICT;
