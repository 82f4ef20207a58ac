-- Answers to writes that carried an Idempotency-Key, and who changed what; see the PostgreSQL twin.
CREATE TABLE idempotency_keys (
    caller text NOT NULL,
    key text NOT NULL,
    fingerprint text NOT NULL,
    status integer NOT NULL,
    headers text NOT NULL,
    body text NOT NULL,
    created_at integer NOT NULL,
    PRIMARY KEY (caller, key)
) STRICT;
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);

CREATE TABLE audit (
    id blob PRIMARY KEY NOT NULL,
    at integer NOT NULL,
    key_id blob,
    caller text NOT NULL,
    role text NOT NULL,
    remote_address text,
    operation text NOT NULL CHECK (operation IN ('create', 'update', 'delete', 'import', 'erase')),
    resource text NOT NULL,
    resource_id blob NOT NULL,
    user_id blob,
    before text,
    after text
) STRICT;
CREATE INDEX audit_by_resource ON audit (resource, id);
CREATE INDEX audit_by_resource_id ON audit (resource_id, id);
CREATE INDEX audit_by_key ON audit (key_id, id) WHERE key_id IS NOT NULL;
CREATE INDEX audit_by_user ON audit (user_id, id) WHERE user_id IS NOT NULL;
