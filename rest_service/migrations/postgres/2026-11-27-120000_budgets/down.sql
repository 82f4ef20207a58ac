DROP TABLE budget_holds;
ALTER TABLE users DROP COLUMN budget_told;
ALTER TABLE users DROP COLUMN budget_month_tokens;
ALTER TABLE users DROP COLUMN budget_day_tokens;
ALTER TABLE users DROP COLUMN budget_month_micros;
ALTER TABLE users DROP COLUMN budget_day_micros;
ALTER TABLE usage DROP COLUMN cost_micros;
ALTER TABLE turns DROP COLUMN cost_micros;
