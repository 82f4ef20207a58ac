-- Answers to writes that carried an Idempotency-Key, kept for a day: the row is written in the transaction of the
-- effect, so that either both are there or neither.
CREATE TABLE idempotency_keys (
    caller text NOT NULL,
    key text NOT NULL,
    -- SHA-256, in hexadecimal, of the method, the path with its query, and the body.
    fingerprint text NOT NULL,
    status bigint NOT NULL,
    headers jsonb NOT NULL,
    body text NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (caller, key)
);
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);

-- Who changed what. It refers to nothing, because it outlives what it tells of.
CREATE TABLE audit (
    id uuid PRIMARY KEY,
    at timestamptz NOT NULL,
    key_id uuid,
    caller text NOT NULL,
    role text NOT NULL,
    remote_address text,
    operation text NOT NULL CHECK (operation IN ('create', 'update', 'delete', 'import', 'erase')),
    resource text NOT NULL,
    resource_id uuid NOT NULL,
    user_id uuid,
    before jsonb,
    after jsonb
);
CREATE INDEX audit_by_resource ON audit (resource, id);
CREATE INDEX audit_by_resource_id ON audit (resource_id, id);
CREATE INDEX audit_by_key ON audit (key_id, id) WHERE key_id IS NOT NULL;
CREATE INDEX audit_by_user ON audit (user_id, id) WHERE user_id IS NOT NULL;
