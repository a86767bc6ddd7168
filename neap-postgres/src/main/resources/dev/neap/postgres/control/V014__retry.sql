CREATE TABLE neap.retry (
    run_id bigint NOT NULL REFERENCES neap.run ON DELETE CASCADE,
    cause text NOT NULL,
    times bigint NOT NULL,
    PRIMARY KEY (run_id, cause)
);
COMMENT ON TABLE neap.retry IS 'How often something of a run was tried again, over all its processes, and why';

ALTER TABLE neap.unit ADD COLUMN rows_wrong bigint NOT NULL DEFAULT 0;
COMMENT ON COLUMN neap.unit.rows_wrong IS 'Rows in which a unit that was set aside differed from what it should be';
