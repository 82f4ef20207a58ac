-- Facts that may hold the words of others: a turn that is shown one asks before it changes anything.
ALTER TABLE facts ADD COLUMN from_outside boolean NOT NULL DEFAULT false;
-- The default assistant remembers facts when it is told to, unless an admin has something else of that name.
INSERT INTO tools (id, kind, name, created_at, updated_at)
SELECT '01980000-0000-7000-8000-000000000105', 'memory', 'memory', '2026-11-26T19:30:00Z', '2026-11-26T19:30:00Z'
WHERE NOT EXISTS (SELECT 1 FROM tools WHERE name = 'memory');
INSERT INTO assistant_tools (assistant_id, tool_id, created_at)
SELECT assistants.id, tools.id, '2026-11-26T19:30:00Z' FROM assistants, tools
WHERE assistants.id = '01980000-0000-7000-8000-000000000001' AND tools.id = '01980000-0000-7000-8000-000000000105';
