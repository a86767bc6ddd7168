-- A fill walks the key of a table in segments.
ALTER TABLE neap.unit ADD COLUMN after_key text[], ADD COLUMN upto_key text[], ADD COLUMN fill_key text[],
    ADD COLUMN rows_filled bigint NOT NULL DEFAULT 0;
COMMENT ON COLUMN neap.unit.after_key IS 'A fill: the segment begins after this key; NULL where it has no beginning';
COMMENT ON COLUMN neap.unit.upto_key IS 'A fill: the segment ends with this key, frozen when the plan was made';
COMMENT ON COLUMN neap.unit.fill_key IS 'A fill''s checkpoint: every row up to this key is done';
COMMENT ON COLUMN neap.unit.rows_filled IS 'A fill: rows written; rows_loaded counts the rows that were looked at';

CREATE TABLE neap.fill (
    run_id bigint PRIMARY KEY REFERENCES neap.run ON DELETE CASCADE,
    state text NOT NULL DEFAULT 'new' CHECK (state IN ('new', 'captured', 'ended')),
    whole boolean NOT NULL DEFAULT false,
    look_key text[],
    look_start xid8,
    look_bound xid8,
    look_found bigint NOT NULL DEFAULT 0,
    passes int NOT NULL DEFAULT 0,
    reconciled bigint NOT NULL DEFAULT 0,
    last_insert timestamptz
);
COMMENT ON TABLE neap.fill IS 'What all segments of a fill share: its capture, and the last look for rows that were missed';
COMMENT ON COLUMN neap.fill.whole IS 'Changes may have escaped capture: the last look compares every row';
COMMENT ON COLUMN neap.fill.last_insert IS 'When the fill put its last row where none was: what the application wrote there before may have met nothing';
COMMENT ON COLUMN neap.fill.look_bound IS 'A look counts rows that were written before the look before it began; NULL counts all';
COMMENT ON COLUMN neap.fill.look_key IS 'The last look''s checkpoint';

-- Which row versions are the run's own: those whose xmin is one of these. A version that the application wrote is not.
CREATE TABLE neap.batch (
    run_id bigint NOT NULL,
    xid xid NOT NULL
);
COMMENT ON TABLE neap.batch IS 'The transactions in which a fill wrote rows of another table, until its run is over';
CREATE INDEX batch_xid ON neap.batch USING hash (xid);
CREATE INDEX batch_run ON neap.batch (run_id);

CREATE TABLE neap.quarantine (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    run_id bigint NOT NULL REFERENCES neap.run ON DELETE CASCADE,
    unit_id bigint,
    key text[] NOT NULL,
    cause text NOT NULL,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    UNIQUE (run_id, key)
);
COMMENT ON TABLE neap.quarantine IS 'Rows of a fill that could not be transformed or written: the key in the walked table, and why';

-- Every transaction that writes for a fill as a whole begins with this.
CREATE FUNCTION neap.hold_fill(of_run bigint, with_worker bigint) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $neap$
BEGIN
    PERFORM FROM neap.fill WHERE run_id = of_run FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'run % is no fill', of_run USING ERRCODE = 'NP001';
    END IF;
    PERFORM FROM neap.worker WHERE id = with_worker AND run_id = of_run AND expires_at > clock_timestamp();
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the lease of run % has expired', of_run USING ERRCODE = 'NP001';
    END IF;
END
$neap$;
