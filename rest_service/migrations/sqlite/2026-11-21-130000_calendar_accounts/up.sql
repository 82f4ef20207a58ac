-- Google accounts that users have connected; see the PostgreSQL twin.
CREATE TABLE calendar_accounts (
    user_id blob PRIMARY KEY NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    grant_id blob NOT NULL,
    email text NOT NULL,
    state text NOT NULL CHECK (state IN ('active', 'reconnect', 'closed')),
    scopes text NOT NULL,
    key_id text NOT NULL,
    ciphertext text NOT NULL,
    access_expires_at integer NOT NULL,
    refresh_expires_at integer,
    warned integer NOT NULL DEFAULT false CHECK (warned IN (0, 1)),
    channel text NOT NULL CHECK (channel IN ('telegram', 'api')),
    chat text NOT NULL,
    chore text CHECK (chore IN ('tell_connected', 'tell_reconnect', 'tell_expiring', 'revoke')),
    lease_token blob,
    lease_until integer,
    version integer NOT NULL DEFAULT 1,
    created_at integer NOT NULL,
    updated_at integer NOT NULL
) STRICT;
CREATE INDEX calendar_accounts_chores ON calendar_accounts (user_id) WHERE chore IS NOT NULL;
CREATE INDEX calendar_accounts_expiring ON calendar_accounts (refresh_expires_at) WHERE refresh_expires_at IS NOT NULL;

CREATE TABLE calendar_links (
    id blob PRIMARY KEY NOT NULL,
    user_id blob NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    channel text NOT NULL CHECK (channel IN ('telegram', 'api')),
    chat text NOT NULL,
    expires_at integer NOT NULL,
    state_hash text,
    browser_hash text,
    key_id text,
    verifier text,
    state_expires_at integer,
    used_at integer,
    created_at integer NOT NULL
) STRICT;
CREATE INDEX calendar_links_by_user ON calendar_links (user_id, expires_at);
