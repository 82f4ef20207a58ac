-- The few who wait to be let in are found without a look at everybody.
CREATE INDEX users_by_state ON users (state, id);
