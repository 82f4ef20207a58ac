-- Facts that may hold the words of others, and the tools that keep facts; see the PostgreSQL twin.
ALTER TABLE facts ADD COLUMN from_outside integer NOT NULL DEFAULT false CHECK (from_outside IN (0, 1));
INSERT INTO tools (id, kind, name, created_at, updated_at)
SELECT x'01980000000070008000000000000105', 'memory', 'memory', 1795721400000000, 1795721400000000
WHERE NOT EXISTS (SELECT 1 FROM tools WHERE name = 'memory');
INSERT INTO assistant_tools (assistant_id, tool_id, created_at)
SELECT assistants.id, tools.id, 1795721400000000 FROM assistants, tools
WHERE assistants.id = x'01980000000070008000000000000001' AND tools.id = x'01980000000070008000000000000105';
