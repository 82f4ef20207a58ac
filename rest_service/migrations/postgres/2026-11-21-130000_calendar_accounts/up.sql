-- Google accounts that users have connected. The tokens are ciphertext that only calendar_service can read.
CREATE TABLE calendar_accounts (
    user_id uuid PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    grant_id uuid NOT NULL,
    email text NOT NULL,
    state text NOT NULL CHECK (state IN ('active', 'reconnect', 'closed')),
    scopes text NOT NULL,
    key_id text NOT NULL,
    ciphertext text NOT NULL,
    access_expires_at timestamptz NOT NULL,
    refresh_expires_at timestamptz,
    warned boolean NOT NULL DEFAULT false,
    channel text NOT NULL CHECK (channel IN ('telegram', 'api')),
    chat text NOT NULL,
    chore text CHECK (chore IN ('tell_connected', 'tell_reconnect', 'tell_expiring', 'revoke')),
    lease_token uuid,
    lease_until timestamptz,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);
-- Few accounts have something to be done about them at a time.
CREATE INDEX calendar_accounts_chores ON calendar_accounts (user_id) WHERE chore IS NOT NULL;
CREATE INDEX calendar_accounts_expiring ON calendar_accounts (refresh_expires_at) WHERE refresh_expires_at IS NOT NULL;

-- The links that connect them, each for one user, once.
CREATE TABLE calendar_links (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    channel text NOT NULL CHECK (channel IN ('telegram', 'api')),
    chat text NOT NULL,
    expires_at timestamptz NOT NULL,
    state_hash text,
    browser_hash text,
    key_id text,
    verifier text,
    state_expires_at timestamptz,
    used_at timestamptz,
    created_at timestamptz NOT NULL
);
CREATE INDEX calendar_links_by_user ON calendar_links (user_id, expires_at);
