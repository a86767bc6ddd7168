-- A fill may be of several tables: parts, one after another.
ALTER TABLE neap.unit ADD COLUMN part int NOT NULL DEFAULT 1;
COMMENT ON COLUMN neap.unit.part IS 'Of several fills of a run the one that the segment belongs to, in their order';

ALTER TABLE neap.fill ADD COLUMN part int NOT NULL DEFAULT 1, ADD COLUMN schema_name text, ADD COLUMN table_name text,
    ADD COLUMN cut boolean NOT NULL DEFAULT true;
ALTER TABLE neap.fill DROP CONSTRAINT fill_pkey, ADD PRIMARY KEY (run_id, part);
COMMENT ON COLUMN neap.fill.table_name IS 'The table that is filled; NULL in runs older than this column';
COMMENT ON COLUMN neap.fill.cut IS 'Whether its segments are there: those of a table that an earlier part fills are cut when this one begins';

ALTER TABLE neap.batch ADD COLUMN part int NOT NULL DEFAULT 1;
ALTER TABLE neap.quarantine ADD COLUMN part int NOT NULL DEFAULT 1;
ALTER TABLE neap.quarantine DROP CONSTRAINT quarantine_run_id_key_key, ADD UNIQUE (run_id, part, key);
