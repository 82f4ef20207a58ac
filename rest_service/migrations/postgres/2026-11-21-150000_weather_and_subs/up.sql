-- Which assistants an assistant may ask; without circles, which the server sees to.
CREATE TABLE sub_assistants (
    assistant_id uuid NOT NULL REFERENCES assistants (id) ON DELETE CASCADE,
    sub_id uuid NOT NULL REFERENCES assistants (id),
    description text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL,
    PRIMARY KEY (assistant_id, sub_id)
);
CREATE INDEX sub_assistants_by_sub ON sub_assistants (sub_id);

-- The weather, for the default assistant. A tool that an installation made under that name stays as it is.
INSERT INTO tools (id, kind, name, created_at, updated_at) VALUES
    ('01980000-0000-7000-8000-000000000103', 'weather', 'weather', '2026-11-21T15:00:00Z', '2026-11-21T15:00:00Z')
ON CONFLICT DO NOTHING;
INSERT INTO assistant_tools (assistant_id, tool_id, created_at)
SELECT '01980000-0000-7000-8000-000000000001', id, '2026-11-21T15:00:00Z' FROM tools
WHERE name = 'weather' AND kind = 'weather'
ON CONFLICT DO NOTHING;
