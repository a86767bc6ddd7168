-- For a unit whose rows come from other tables.
ALTER TABLE neap.unit
    ADD COLUMN source_snapshot pg_snapshot,
    ADD COLUMN source_state text;
COMMENT ON COLUMN neap.unit.source_snapshot IS 'Which transactions the load of the shadow has seen; what others wrote in the tables that the recompute reads makes it void';
COMMENT ON COLUMN neap.unit.source_state IS 'Which tables the recompute reads, where their rows are and which triggers they have, at the load; null before it has ended';
