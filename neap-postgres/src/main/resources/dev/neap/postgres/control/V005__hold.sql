-- A unit that is prepared, verified and kept caught up, and waits for its swap.
ALTER TABLE neap.unit
    DROP CONSTRAINT unit_state_check,
    ADD CONSTRAINT unit_state_check CHECK (state IN ('pending', 'running', 'held', 'done', 'failed', 'skipped')),
    ADD COLUMN held_since timestamptz,
    ADD COLUMN changes_behind bigint NOT NULL DEFAULT 0,
    ADD COLUMN swap_wanted boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN neap.unit.held_since IS 'Since when the unit is prepared and waits for its swap';
COMMENT ON COLUMN neap.unit.changes_behind IS 'How many changes a held unit was behind when it last caught up';
COMMENT ON COLUMN neap.unit.swap_wanted IS 'A person wants it swapped, whatever the hours are';

CREATE OR REPLACE VIEW neap.run_progress AS
SELECT r.id AS run_id,
       r.backfill,
       r.schema_name || '.' || r.table_name AS table_name,
       r.state,
       r.wish,
       EXISTS (SELECT FROM neap.worker w WHERE w.run_id = r.id AND w.expires_at > clock_timestamp()) AS alive,
       count(*) FILTER (WHERE u.state = 'pending') AS pending,
       count(*) FILTER (WHERE u.state = 'running') AS running,
       count(*) FILTER (WHERE u.state = 'done') AS done,
       count(*) FILTER (WHERE u.state = 'failed') AS failed,
       count(*) FILTER (WHERE u.state = 'skipped') AS skipped,
       coalesce(sum(u.rows_estimated), 0)::bigint AS rows_estimated,
       coalesce(sum(CASE WHEN u.state IN ('done', 'running', 'held') THEN u.rows_loaded ELSE 0 END), 0)::bigint AS rows_done,
       r.created_at,
       r.finished_at,
       count(*) FILTER (WHERE u.state = 'held') AS held
FROM neap.run r LEFT JOIN neap.unit u ON u.run_id = r.id
GROUP BY r.id;

CREATE OR REPLACE VIEW neap.unit_progress AS
SELECT u.run_id, u.id AS unit_id, u.position, u.schema_name || '.' || u.partition_name AS partition, u.state, u.step,
       u.attempts, u.rows_estimated, u.rows_loaded, u.changes_replayed, u.waiting_for, u.cause,
       w.owner, w.expires_at AS lease_until, u.lock_ms, u.started_at, u.done_at, u.kept_until, u.settled,
       u.held_since, u.changes_behind
FROM neap.unit u LEFT JOIN neap.worker w ON w.id = u.worker_id;
