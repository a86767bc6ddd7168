-- A claim takes the first of these, however many units a run has.
CREATE INDEX unit_open ON neap.unit (run_id, state DESC, position) WHERE state IN ('pending', 'running');

-- Writers are held off a little earlier, from the last drain on.
COMMENT ON COLUMN neap.unit.lock_ms IS 'How long the swap kept readers out, in milliseconds: from its first ACCESS EXCLUSIVE lock to its last statement';
COMMENT ON COLUMN neap.unit_progress.lock_ms IS 'How long the swap kept readers out, in milliseconds: from its first ACCESS EXCLUSIVE lock to its last statement';
