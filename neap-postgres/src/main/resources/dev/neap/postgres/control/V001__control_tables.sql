-- The control tables. They are the truth about every run; people may read all of them, and stop a run with
--   UPDATE neap.run SET wish = 'stop' WHERE id = …;
CREATE TABLE neap.run (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    backfill text NOT NULL,
    declared text NOT NULL,
    schema_name text NOT NULL,
    table_name text NOT NULL,
    plan_hash text NOT NULL,
    server_identity text NOT NULL,
    state text NOT NULL DEFAULT 'running' CHECK (state IN ('running', 'stopped', 'failed', 'done', 'abandoned')),
    wish text NOT NULL DEFAULT 'run' CHECK (wish IN ('run', 'pause', 'stop')),
    rate bigint CHECK (rate > 0),
    pause_ms bigint NOT NULL DEFAULT 0 CHECK (pause_ms >= 0),
    batch_pause_ms bigint NOT NULL DEFAULT 0 CHECK (batch_pause_ms >= 0),
    keep_old_s bigint NOT NULL CHECK (keep_old_s >= 0),
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    finished_at timestamptz
);
COMMENT ON TABLE neap.run IS 'One execution of a plan, over any number of processes and restarts';
COMMENT ON COLUMN neap.run.declared IS 'SHA-256 of what the backfill file declares: a run goes on only with the same';
COMMENT ON COLUMN neap.run.wish IS 'What a person wants: run, pause or stop; obeyed within seconds, at the next safe point';
COMMENT ON COLUMN neap.run.rate IS 'The ceiling in rows per second; NULL for none; may be changed while it runs';

-- Two unfinished runs on one table would rebuild the same partitions.
CREATE UNIQUE INDEX run_unfinished ON neap.run (schema_name, table_name) WHERE state IN ('running', 'stopped', 'failed');

CREATE TABLE neap.worker (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    run_id bigint NOT NULL REFERENCES neap.run ON DELETE CASCADE,
    owner text NOT NULL,
    started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    expires_at timestamptz NOT NULL
);
COMMENT ON TABLE neap.worker IS 'The heartbeat of each process; its units'' leases last until expires_at, by this database''s clock';
CREATE INDEX worker_run ON neap.worker (run_id);

CREATE TABLE neap.unit (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    run_id bigint NOT NULL REFERENCES neap.run ON DELETE CASCADE,
    position int NOT NULL,
    schema_name text NOT NULL,
    partition_name text NOT NULL,
    bound text NOT NULL,
    state text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'running', 'done', 'failed', 'skipped')),
    step text NOT NULL DEFAULT 'fingerprint',
    token bigint NOT NULL DEFAULT 0,
    worker_id bigint,
    attempts int NOT NULL DEFAULT 0,
    restarts int NOT NULL DEFAULT 0,
    live_oid oid,
    shadow_oid oid,
    fingerprint text,
    next_block bigint NOT NULL DEFAULT 0,
    end_block bigint NOT NULL DEFAULT 0,
    last_write xid8,
    rows_estimated bigint NOT NULL,
    rows_loaded bigint NOT NULL DEFAULT 0,
    changes_replayed bigint NOT NULL DEFAULT 0,
    lock_ms numeric,
    waiting_for text,
    cause text,
    failed_step text,
    settled boolean NOT NULL DEFAULT false,
    sweep_all boolean NOT NULL DEFAULT false,
    rows_mended bigint NOT NULL DEFAULT 0,
    started_at timestamptz,
    done_at timestamptz,
    kept_until timestamptz,
    UNIQUE (run_id, position)
);
COMMENT ON TABLE neap.unit IS 'One partition of a run, with its lease (worker_id), its fencing token and its checkpoint (next_block)';
COMMENT ON COLUMN neap.unit.last_write IS 'The last transaction that wrote the shadow: no snapshot older than this may be alive at the swap';
COMMENT ON COLUMN neap.unit.lock_ms IS 'How long the swap held its exclusive locks, in milliseconds';
COMMENT ON COLUMN neap.unit.settled IS 'Rows that arrived in the old form after the swap were recomputed, and capture is gone';

CREATE TABLE neap.attempt (
    unit_id bigint NOT NULL REFERENCES neap.unit ON DELETE CASCADE,
    number int NOT NULL,
    worker_id bigint NOT NULL,
    started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    ended_at timestamptz,
    outcome text,
    cause text,
    PRIMARY KEY (unit_id, number)
);

CREATE TABLE neap.event (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    run_id bigint NOT NULL REFERENCES neap.run ON DELETE CASCADE,
    unit_id bigint,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    kind text NOT NULL,
    message text NOT NULL
);
CREATE INDEX event_run ON neap.event (run_id, id);

CREATE VIEW neap.run_progress AS
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
       coalesce(sum(CASE WHEN u.state IN ('done', 'running') THEN u.rows_loaded ELSE 0 END), 0)::bigint AS rows_done,
       r.created_at,
       r.finished_at
FROM neap.run r LEFT JOIN neap.unit u ON u.run_id = r.id
GROUP BY r.id;
COMMENT ON VIEW neap.run_progress IS 'One row per run: units by state, rows, whether a process is alive';

CREATE VIEW neap.unit_progress AS
SELECT u.run_id, u.id AS unit_id, u.position, u.schema_name || '.' || u.partition_name AS partition, u.state, u.step,
       u.attempts, u.rows_estimated, u.rows_loaded, u.changes_replayed, u.waiting_for, u.cause,
       w.owner, w.expires_at AS lease_until, u.lock_ms, u.started_at, u.done_at, u.kept_until, u.settled
FROM neap.unit u LEFT JOIN neap.worker w ON w.id = u.worker_id;
COMMENT ON VIEW neap.unit_progress IS 'One row per unit: step, attempts, lease, what it waits for, why it failed';

-- Every transaction that writes for a unit begins with this: the token row is locked first, then the lease is tested by
-- the clock, not by the transaction's start.
CREATE FUNCTION neap.hold(of_unit bigint, with_token bigint) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $neap$
DECLARE
    owner_of bigint;
BEGIN
    SELECT worker_id INTO owner_of FROM neap.unit WHERE id = of_unit AND token = with_token FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'unit % has another owner', of_unit USING ERRCODE = 'NP001';
    END IF;
    PERFORM FROM neap.worker WHERE id = owner_of AND expires_at > clock_timestamp();
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the lease of unit % has expired', of_unit USING ERRCODE = 'NP001';
    END IF;
END
$neap$;

-- The last statement of a drain.
CREATE FUNCTION neap.unit_drained(of_unit bigint, with_token bigint, changes bigint, rows_added bigint) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $neap$
BEGIN
    UPDATE neap.unit
    SET changes_replayed = changes_replayed + changes, rows_loaded = rows_loaded + rows_added,
        last_write = pg_current_xact_id()
    WHERE id = of_unit AND token = with_token;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'unit % has another owner', of_unit USING ERRCODE = 'NP001';
    END IF;
END
$neap$;

-- The last statement of a swap.
CREATE FUNCTION neap.unit_done(of_unit bigint, with_token bigint, held_ms numeric) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $neap$
DECLARE
    keep interval;
BEGIN
    SELECT make_interval(secs => r.keep_old_s) INTO keep
    FROM neap.run r JOIN neap.unit u ON u.run_id = r.id WHERE u.id = of_unit;
    UPDATE neap.unit
    SET state = 'done', step = 'settle', lock_ms = held_ms, waiting_for = NULL, cause = NULL,
        done_at = clock_timestamp(), kept_until = clock_timestamp() + keep
    WHERE id = of_unit AND token = with_token;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'unit % has another owner', of_unit USING ERRCODE = 'NP001';
    END IF;
END
$neap$;
