CREATE TABLE IF NOT EXISTS neap.retry (
    run_id bigint NOT NULL,
    cause varchar(20) NOT NULL,
    times bigint NOT NULL,
    PRIMARY KEY (run_id, cause)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin
  COMMENT 'How often something of a run was tried again, over all its processes, and why';

ALTER TABLE neap.unit ADD COLUMN IF NOT EXISTS rows_wrong bigint NOT NULL DEFAULT 0
    COMMENT 'rows in which a unit that was set aside differed from what it should be' AFTER rows_mended;
