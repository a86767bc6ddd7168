-- A merge walks the key of the live partition; the checkpoint is the last key looked at.
ALTER TABLE neap.unit
    ADD COLUMN merge_key text[],
    ADD COLUMN rows_merged bigint NOT NULL DEFAULT 0;
COMMENT ON COLUMN neap.unit.merge_key IS 'How far the present pass of a merge has come; NULL at its beginning';
COMMENT ON COLUMN neap.unit.rows_merged IS 'Rows that a merge has updated where they were, over all its passes';
