-- Undo is a run of its own: each of its units puts the kept partition of one unit of an earlier run back.
ALTER TABLE neap.run ADD COLUMN undoes bigint;
ALTER TABLE neap.run ADD COLUMN replicas int NOT NULL DEFAULT 0;
COMMENT ON COLUMN neap.run.undoes IS 'The run whose partitions this one puts back; NULL for a rebuild';
COMMENT ON COLUMN neap.run.replicas IS 'How many hot standbys the file named; their addresses are not stored';

ALTER TABLE neap.unit ADD COLUMN undoes bigint;
ALTER TABLE neap.unit ADD COLUMN again boolean NOT NULL DEFAULT false;
ALTER TABLE neap.unit ADD COLUMN retry boolean NOT NULL DEFAULT false;
ALTER TABLE neap.unit DROP CONSTRAINT unit_state_check;
ALTER TABLE neap.unit ADD CONSTRAINT unit_state_check
    CHECK (state IN ('pending', 'running', 'held', 'done', 'failed', 'skipped', 'undone'));
COMMENT ON COLUMN neap.unit.undoes IS 'The unit whose kept partition this one puts back; NULL in a rebuild';
COMMENT ON COLUMN neap.unit.again IS 'It was undone, and somebody said that it may be rebuilt again';
COMMENT ON COLUMN neap.unit.retry IS 'It had failed, and neap retry took it up again';
CREATE INDEX unit_undoes ON neap.unit (undoes) WHERE undoes IS NOT NULL;

-- The dead-man's switch of undo: the triggers on new partitions record what changes until then. It outlasts keep_old by
-- a grace, counted from the last sign of life of a process of the run, or of one that undoes it.
CREATE FUNCTION neap.keep_undo(of_run bigint, grace_s bigint) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $neap$
DECLARE
    this record;
BEGIN
    FOR this IN SELECT r.id, r.keep_old_s + grace_s AS seconds FROM neap.run r WHERE r.id = of_run AND r.keep_old_s > 0
                UNION ALL
                SELECT r.undoes, grace_s FROM neap.run r WHERE r.id = of_run AND r.undoes IS NOT NULL LOOP
        IF to_regclass('neap.undo_until_' || this.id) IS NOT NULL THEN
            EXECUTE format('SELECT setval(%L, greatest(last_value, extract(epoch FROM clock_timestamp())::bigint + %s))'
                           || ' FROM neap.undo_until_%s', 'neap.undo_until_' || this.id, this.seconds, this.id);
        END IF;
    END LOOP;
END
$neap$;

-- The last statement of a swap, and of one that puts a partition back: then the unit that it undoes is undone, and one
-- that this had undone is done again.
CREATE OR REPLACE FUNCTION neap.unit_done(of_unit bigint, with_token bigint, held_ms numeric) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $neap$
DECLARE
    keep interval;
    put_back bigint;
BEGIN
    SELECT make_interval(secs => r.keep_old_s) INTO keep
    FROM neap.run r JOIN neap.unit u ON u.run_id = r.id WHERE u.id = of_unit;
    UPDATE neap.unit
    SET state = 'done', step = 'settle', lock_ms = held_ms, waiting_for = NULL, cause = NULL, retry = false,
        done_at = clock_timestamp(), kept_until = clock_timestamp() + keep
    WHERE id = of_unit AND token = with_token RETURNING undoes INTO put_back;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'unit % has another owner', of_unit USING ERRCODE = 'NP001';
    END IF;
    IF put_back IS NOT NULL THEN
        UPDATE neap.unit SET state = 'undone', again = false WHERE id = put_back RETURNING undoes INTO put_back;
        UPDATE neap.unit SET state = 'done' WHERE id = put_back;
    END IF;
END
$neap$;

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
       count(*) FILTER (WHERE u.state = 'held') AS held,
       count(*) FILTER (WHERE u.state = 'undone') AS undone,
       r.undoes
FROM neap.run r LEFT JOIN neap.unit u ON u.run_id = r.id
GROUP BY r.id;
