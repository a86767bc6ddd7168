-- Who has approved which plan, and what was answered to what its checks had found.
CREATE TABLE IF NOT EXISTS neap.approval (
    id bigint NOT NULL AUTO_INCREMENT PRIMARY KEY,
    plan_hash char(64) NOT NULL,
    backfill varchar(63) NOT NULL,
    approved_by varchar(500) NOT NULL COMMENT 'The person, as the command was told',
    approved_as varchar(500) NOT NULL COMMENT 'The account of the database that recorded it',
    approved_at datetime(6) NOT NULL DEFAULT current_timestamp(6),
    KEY approval_plan (plan_hash)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin
  COMMENT 'Plans that somebody has approved; the profile prod runs no other';

CREATE TABLE IF NOT EXISTS neap.answer (
    approval_id bigint NOT NULL,
    finding varchar(100) NOT NULL COMMENT 'The name of the check',
    answer text NOT NULL,
    PRIMARY KEY (approval_id, finding)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin
  COMMENT 'Why a run may start in spite of what a check had found';
