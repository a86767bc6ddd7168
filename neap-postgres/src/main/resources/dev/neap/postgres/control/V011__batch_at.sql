-- Where a transform in Java makes the rows, what is left when capture ends is not transformed under a lock: it is known by
-- when the run itself last wrote.
ALTER TABLE neap.batch ADD COLUMN at timestamptz NOT NULL DEFAULT clock_timestamp();
COMMENT ON COLUMN neap.batch.at IS 'When it wrote, at the latest';
