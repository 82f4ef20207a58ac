-- Which assistants an assistant may ask; without circles, which the server sees to.
CREATE TABLE sub_assistants (
    assistant_id blob NOT NULL REFERENCES assistants (id) ON DELETE CASCADE,
    sub_id blob NOT NULL REFERENCES assistants (id),
    description text NOT NULL DEFAULT '',
    created_at integer NOT NULL,
    PRIMARY KEY (assistant_id, sub_id)
) STRICT;
CREATE INDEX sub_assistants_by_sub ON sub_assistants (sub_id);

-- The weather, for the default assistant. A tool that an installation made under that name stays as it is.
INSERT INTO tools (id, kind, name, created_at, updated_at) VALUES
    (x'01980000000070008000000000000103', 'weather', 'weather', 1795273200000000, 1795273200000000)
ON CONFLICT DO NOTHING;
INSERT INTO assistant_tools (assistant_id, tool_id, created_at)
SELECT x'01980000000070008000000000000001', id, 1795273200000000 FROM tools
WHERE name = 'weather' AND kind = 'weather'
ON CONFLICT DO NOTHING;
