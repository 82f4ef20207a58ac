DROP INDEX users_by_state;
DROP TABLE audit;
DROP TABLE idempotency_keys;
