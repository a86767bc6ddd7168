-- How far a full verification of a fill has come, so that another process can go on behind it.
CREATE TABLE neap.verification (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    backfill text NOT NULL,
    part int NOT NULL,
    declared text NOT NULL,
    shape text NOT NULL,
    run_id bigint NOT NULL,
    sitting int NOT NULL DEFAULT 1,
    began_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    saved_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    upto_key text,
    expected bigint NOT NULL DEFAULT 0,
    actual bigint NOT NULL DEFAULT 0,
    skipped bigint NOT NULL DEFAULT 0,
    settled bigint NOT NULL DEFAULT 0,
    parts bigint NOT NULL DEFAULT 0,
    look_again text NOT NULL DEFAULT '[]'
);
COMMENT ON TABLE neap.verification IS 'Full verifications of a fill that are under way, or were stopped; gone when they are over';
COMMENT ON COLUMN neap.verification.declared IS 'SHA-256 of what is expected of the table';
COMMENT ON COLUMN neap.verification.shape IS 'SHA-256 of the columns of both tables';
COMMENT ON COLUMN neap.verification.run_id IS 'The newest run of the backfill when it began; 0 where there was none';
COMMENT ON COLUMN neap.verification.sitting IS 'How many processes have been at it; what an earlier one still saves is refused';
COMMENT ON COLUMN neap.verification.upto_key IS 'The checkpoint, as JSON: every part up to this key was compared; NULL before the first';
COMMENT ON COLUMN neap.verification.look_again IS 'The keys of rows before it that differed, or were not judged yet, as JSON: whoever goes on looks at them again';
CREATE INDEX verification_backfill ON neap.verification (backfill);
