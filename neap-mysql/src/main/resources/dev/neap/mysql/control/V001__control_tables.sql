-- The control tables. They are the truth about every run; people may read all of them, and stop a run with
--   UPDATE neap.run SET wish = 'stop' WHERE id = …;
-- Every moment is in UTC: Neap's sessions have that time zone. No foreign keys: a lock on a run is no business of an event.
CREATE TABLE IF NOT EXISTS neap.run (
    id bigint NOT NULL AUTO_INCREMENT PRIMARY KEY,
    backfill varchar(63) NOT NULL,
    declared char(64) NOT NULL,
    schema_name varchar(64) NOT NULL,
    table_name varchar(64) NOT NULL,
    plan_hash char(64) NOT NULL,
    server_identity varchar(500) NOT NULL,
    state varchar(20) NOT NULL DEFAULT 'running' CHECK (state IN ('running', 'stopped', 'failed', 'done', 'abandoned')),
    wish varchar(10) NOT NULL DEFAULT 'run' CHECK (wish IN ('run', 'pause', 'stop')),
    rate bigint CHECK (rate > 0),
    pause_ms bigint NOT NULL DEFAULT 0 CHECK (pause_ms >= 0),
    batch_pause_ms bigint NOT NULL DEFAULT 0 CHECK (batch_pause_ms >= 0),
    keep_old_s bigint NOT NULL CHECK (keep_old_s >= 0),
    created_at datetime(6) NOT NULL DEFAULT current_timestamp(6),
    finished_at datetime(6),
    undoes bigint,
    replicas int NOT NULL DEFAULT 0,
    unfinished boolean AS (CASE WHEN state IN ('running', 'stopped', 'failed') THEN true END) PERSISTENT,
    -- Two unfinished runs on one table would fill the same rows.
    UNIQUE KEY run_unfinished (schema_name, table_name, unfinished)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin
  COMMENT 'One execution of a plan, over any number of processes and restarts';

CREATE TABLE IF NOT EXISTS neap.worker (
    id bigint NOT NULL AUTO_INCREMENT PRIMARY KEY,
    run_id bigint NOT NULL,
    owner varchar(500) NOT NULL,
    started_at datetime(6) NOT NULL DEFAULT current_timestamp(6),
    expires_at datetime(6) NOT NULL,
    KEY worker_run (run_id)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin
  COMMENT 'The heartbeat of each process, whose units are leased to it until expires_at, by the clock of this server';

CREATE TABLE IF NOT EXISTS neap.unit (
    id bigint NOT NULL AUTO_INCREMENT PRIMARY KEY,
    run_id bigint NOT NULL,
    position int NOT NULL,
    schema_name varchar(64) NOT NULL,
    partition_name varchar(100) NOT NULL,
    bound text NOT NULL,
    state varchar(10) NOT NULL DEFAULT 'pending'
        CHECK (state IN ('pending', 'running', 'held', 'done', 'failed', 'skipped', 'undone')),
    step varchar(20) NOT NULL DEFAULT 'fill',
    token bigint NOT NULL DEFAULT 0,
    worker_id bigint,
    attempts int NOT NULL DEFAULT 0,
    restarts int NOT NULL DEFAULT 0,
    live_oid bigint,
    fingerprint varchar(100),
    next_block bigint NOT NULL DEFAULT 0,
    end_block bigint NOT NULL DEFAULT 0,
    rows_estimated bigint NOT NULL,
    rows_loaded bigint NOT NULL DEFAULT 0,
    rows_filled bigint NOT NULL DEFAULT 0,
    changes_replayed bigint NOT NULL DEFAULT 0,
    waiting_for text,
    cause text,
    failed_step varchar(20),
    settled boolean NOT NULL DEFAULT false,
    sweep_all boolean NOT NULL DEFAULT false,
    rows_mended bigint NOT NULL DEFAULT 0,
    held_since datetime(6),
    changes_behind bigint NOT NULL DEFAULT 0,
    swap_wanted boolean NOT NULL DEFAULT false,
    retry boolean NOT NULL DEFAULT false,
    undoes bigint,
    part int NOT NULL DEFAULT 1 COMMENT 'of several fills of a run the one that the segment belongs to: one, here',
    again boolean NOT NULL DEFAULT false,
    started_at datetime(6),
    done_at datetime(6),
    after_key text COMMENT 'the segment begins after this key, a JSON array; NULL where it has no beginning',
    upto_key text COMMENT 'the segment ends with this key, frozen when the plan was made',
    fill_key text COMMENT 'the checkpoint: every row up to this key is done',
    UNIQUE KEY unit_position (run_id, position),
    -- A claim takes the first of these, and locks no other.
    KEY unit_open (run_id, state DESC, position)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin
  COMMENT 'One segment of a run, with its lease (worker_id), its fencing token and its checkpoint (fill_key)';

CREATE TABLE IF NOT EXISTS neap.attempt (
    unit_id bigint NOT NULL,
    number int NOT NULL,
    worker_id bigint NOT NULL,
    started_at datetime(6) NOT NULL DEFAULT current_timestamp(6),
    ended_at datetime(6),
    outcome varchar(20),
    cause text,
    PRIMARY KEY (unit_id, number)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS neap.event (
    id bigint NOT NULL AUTO_INCREMENT PRIMARY KEY,
    run_id bigint NOT NULL,
    unit_id bigint,
    at datetime(6) NOT NULL DEFAULT current_timestamp(6),
    kind varchar(40) NOT NULL,
    message text NOT NULL,
    KEY event_run (run_id, id)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS neap.fill (
    run_id bigint NOT NULL,
    part int NOT NULL DEFAULT 1,
    schema_name varchar(64) COMMENT 'of the table that is filled',
    table_name varchar(64),
    cut boolean NOT NULL DEFAULT true COMMENT 'whether its segments are there',
    state varchar(10) NOT NULL DEFAULT 'new' CHECK (state IN ('new', 'captured', 'ending', 'ended')),
    whole boolean NOT NULL DEFAULT false COMMENT 'changes escaped capture: the run cannot go on',
    look_key text COMMENT 'the checkpoint of the last look for rows that were missed',
    look_found bigint NOT NULL DEFAULT 0,
    passes int NOT NULL DEFAULT 0,
    reconciled bigint NOT NULL DEFAULT 0,
    last_insert datetime(6)
        COMMENT 'when the last row was put where none was: what the application wrote there before may have met nothing',
    PRIMARY KEY (run_id, part)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin COMMENT 'What all segments of a fill share';

CREATE TABLE IF NOT EXISTS neap.quarantine (
    id bigint NOT NULL AUTO_INCREMENT PRIMARY KEY,
    run_id bigint NOT NULL,
    unit_id bigint,
    `key` text NOT NULL COMMENT 'in the walked table, a JSON array',
    cause text NOT NULL,
    at datetime(6) NOT NULL DEFAULT current_timestamp(6),
    KEY quarantine_run (run_id)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin
  COMMENT 'Rows of a fill that could not be transformed or written: the key in the walked table, and why';

CREATE OR REPLACE SQL SECURITY INVOKER VIEW neap.run_progress AS
SELECT r.id AS run_id,
       r.backfill,
       concat(r.schema_name, '.', r.table_name) AS table_name,
       r.state,
       r.wish,
       EXISTS (SELECT 1 FROM neap.worker w WHERE w.run_id = r.id AND w.expires_at > utc_timestamp(6)) AS alive,
       count(CASE WHEN u.state = 'pending' THEN 1 END) AS pending,
       count(CASE WHEN u.state = 'running' THEN 1 END) AS running,
       count(CASE WHEN u.state = 'done' THEN 1 END) AS done,
       count(CASE WHEN u.state = 'failed' THEN 1 END) AS failed,
       count(CASE WHEN u.state = 'skipped' THEN 1 END) AS skipped,
       count(CASE WHEN u.state = 'held' THEN 1 END) AS held,
       count(CASE WHEN u.state = 'undone' THEN 1 END) AS undone,
       coalesce(sum(u.rows_estimated), 0) AS rows_estimated,
       coalesce(sum(CASE WHEN u.state IN ('done', 'running', 'held') THEN u.rows_loaded ELSE 0 END), 0) AS rows_done,
       r.created_at,
       r.finished_at
FROM neap.run r LEFT JOIN neap.unit u ON u.run_id = r.id
GROUP BY r.id;

CREATE OR REPLACE SQL SECURITY INVOKER VIEW neap.unit_progress AS
SELECT u.run_id, u.id AS unit_id, u.position, concat(u.schema_name, '.', u.partition_name) AS segment, u.state, u.step,
       u.attempts, u.rows_estimated, u.rows_loaded, u.rows_filled, u.waiting_for, u.cause, w.owner,
       w.expires_at AS lease_until, u.started_at, u.done_at
FROM neap.unit u LEFT JOIN neap.worker w ON w.id = u.worker_id;
