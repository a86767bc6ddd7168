-- capture
CREATE SEQUENCE IF NOT EXISTS neap.fill_seq_0 NOCACHE;
CREATE SEQUENCE IF NOT EXISTS neap.fill_limit_0 MINVALUE 0 START 0 NOCACHE;
SELECT setval(neap.fill_limit_0, 1);
CREATE TABLE IF NOT EXISTS neap.fill_changes_0 (seq bigint NOT NULL PRIMARY KEY, op char(1) NOT NULL, at datetime(6) NOT NULL DEFAULT utc_timestamp(6), `neap_k0` int(11) NULL, `neap_k1` varchar(40) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci NULL, `neap_w_a` int(11) NULL, `neap_w_b` varchar(40) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci NULL, `neap_w_n` decimal(9,2) NULL, `neap_w_at` datetime(3) NULL, `neap_w_up` varchar(40) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci NULL, KEY neap_key (neap_k0, neap_k1)) ENGINE = InnoDB CHARACTER SET utf8mb4;
SET STATEMENT max_statement_time = 0.5 FOR CREATE TRIGGER IF NOT EXISTS `planned_sql`.`neap_fill_0_i` AFTER INSERT ON `planned_sql`.`s` FOR EACH ROW BEGIN DECLARE neap_n bigint; DECLARE EXIT HANDLER FOR 1264, 1265, 1292, 1366, 1406 SET neap_n = setval(neap.fill_seq_0, 1000000000000000000); IF (SELECT next_not_cached_value FROM neap.fill_alive_0) > unix_timestamp(sysdate()) THEN SET neap_n = nextval(neap.fill_seq_0); IF neap_n <= (SELECT next_not_cached_value FROM neap.fill_limit_0) THEN INSERT INTO neap.fill_changes_0 (seq, op, at, neap_k0, neap_k1) VALUES (neap_n, 'I', utc_timestamp(6), NEW.`a`, NEW.`b`); ELSEIF neap_n < 1000000000000000000 THEN SET neap_n = setval(neap.fill_seq_0, 1000000000000000000); END IF; END IF; END;
SET STATEMENT max_statement_time = 0.5 FOR CREATE TRIGGER IF NOT EXISTS `planned_sql`.`neap_fill_0_u` AFTER UPDATE ON `planned_sql`.`s` FOR EACH ROW BEGIN DECLARE neap_n bigint; DECLARE EXIT HANDLER FOR 1264, 1265, 1292, 1366, 1406 SET neap_n = setval(neap.fill_seq_0, 1000000000000000000); IF (SELECT next_not_cached_value FROM neap.fill_alive_0) > unix_timestamp(sysdate()) THEN SET neap_n = nextval(neap.fill_seq_0); IF neap_n <= (SELECT next_not_cached_value FROM neap.fill_limit_0) THEN IF (OLD.`a` <=> NEW.`a`) AND (BINARY OLD.`b` <=> BINARY NEW.`b`) THEN INSERT INTO neap.fill_changes_0 (seq, op, at, neap_k0, neap_k1, `neap_w_a`, `neap_w_b`, `neap_w_n`, `neap_w_at`, `neap_w_up`) VALUES (neap_n, 'U', utc_timestamp(6), NEW.`a`, NEW.`b`, OLD.`a`, OLD.`b`, OLD.`n`, OLD.`at`, OLD.`up`); ELSE INSERT INTO neap.fill_changes_0 (seq, op, at, neap_k0, neap_k1, `neap_w_a`, `neap_w_b`, `neap_w_n`, `neap_w_at`, `neap_w_up`) VALUES (neap_n, 'K', utc_timestamp(6), OLD.`a`, OLD.`b`, OLD.`a`, OLD.`b`, OLD.`n`, OLD.`at`, OLD.`up`); SET neap_n = nextval(neap.fill_seq_0); INSERT INTO neap.fill_changes_0 (seq, op, at, neap_k0, neap_k1) VALUES (neap_n, 'I', utc_timestamp(6), NEW.`a`, NEW.`b`); END IF; ELSEIF neap_n < 1000000000000000000 THEN SET neap_n = setval(neap.fill_seq_0, 1000000000000000000); END IF; END IF; END;
SET STATEMENT max_statement_time = 0.5 FOR CREATE TRIGGER IF NOT EXISTS `planned_sql`.`neap_fill_0_d` AFTER DELETE ON `planned_sql`.`s` FOR EACH ROW BEGIN DECLARE neap_n bigint; DECLARE EXIT HANDLER FOR 1264, 1265, 1292, 1366, 1406 SET neap_n = setval(neap.fill_seq_0, 1000000000000000000); IF (SELECT next_not_cached_value FROM neap.fill_alive_0) > unix_timestamp(sysdate()) THEN SET neap_n = nextval(neap.fill_seq_0); IF neap_n <= (SELECT next_not_cached_value FROM neap.fill_limit_0) THEN INSERT INTO neap.fill_changes_0 (seq, op, at, neap_k0, neap_k1, `neap_w_a`, `neap_w_b`, `neap_w_n`, `neap_w_at`, `neap_w_up`) VALUES (neap_n, 'D', utc_timestamp(6), OLD.`a`, OLD.`b`, OLD.`a`, OLD.`b`, OLD.`n`, OLD.`at`, OLD.`up`); ELSEIF neap_n < 1000000000000000000 THEN SET neap_n = setval(neap.fill_seq_0, 1000000000000000000); END IF; END IF; END;

-- fill
SELECT CAST(neap_seen.`a` AS CHAR), CAST(neap_seen.`b` AS CHAR), neap_seen.looked, neap_seen.wanted FROM (SELECT neap_near.`a`, neap_near.`b`, row_number() OVER (ORDER BY neap_near.`a`, neap_near.`b`) AS looked, sum(neap_near.neap_wanted) OVER (ORDER BY neap_near.`a`, neap_near.`b`) AS wanted FROM (SELECT `s`.`a`, `s`.`b`, true AS neap_wanted FROM `planned_sql`.`s` AS `s` FORCE INDEX (`PRIMARY`) WHERE `s`.`a` <= 2 AND (`s`.`a` < 2 OR (`s`.`a` = 2 AND `s`.`b` <= 'it''s')) ORDER BY `s`.`a`, `s`.`b` LIMIT 1000) AS neap_near) AS neap_seen WHERE neap_seen.wanted <= 1000 ORDER BY neap_seen.`a` DESC, neap_seen.`b` DESC LIMIT 1;
INSERT INTO neap.neap_made (`a`, `b`, `n`, `at`)
SELECT (a
), (b
), (n + 1
), (at
) FROM `planned_sql`.`s` AS `s` FORCE INDEX (`PRIMARY`) WHERE `s`.`a` <= 2 AND (`s`.`a` < 2 OR (`s`.`a` = 2 AND `s`.`b` <= 'it''s')) AND NOT EXISTS (SELECT 1 FROM neap.fill_changes_0 AS neap_change WHERE neap_change.op = 'I' AND neap_change.neap_k0 = `s`.`a` AND neap_change.neap_k1 = `s`.`b`) AND true;
UPDATE neap.neap_made AS neap_made STRAIGHT_JOIN `planned_sql`.`t` AS neap_into ON neap_made.`a` = neap_into.`a` AND neap_made.`b` = neap_into.`b` SET neap_into.`n` = neap_made.`n`, neap_into.`at` = neap_made.`at` WHERE (neap_made.`at` > neap_into.`at` OR neap_into.`at` IS NULL);
INSERT INTO `planned_sql`.`t` (`a`, `b`, `n`, `at`)
SELECT neap_made.`a`, neap_made.`b`, neap_made.`n`, neap_made.`at` FROM neap.neap_made AS neap_made LEFT JOIN `planned_sql`.`t` AS neap_into ON neap_made.`a` = neap_into.`a` AND neap_made.`b` = neap_into.`b` WHERE neap_into.`a` IS NULL;

-- reconcile
SELECT neap_change.seq, neap_change.op, CAST(neap_change.neap_k0 AS CHAR), CAST(neap_change.neap_k1 AS CHAR) FROM neap.fill_changes_0 AS neap_change WHERE (neap_change.op NOT IN ('I', 'K') OR neap_change.at < sysdate(6) - INTERVAL 5000000 MICROSECOND) ORDER BY neap_change.seq LIMIT 500;
INSERT INTO neap.neap_made (`a`, `b`, `n`, `at`)
SELECT (a
), (b
), (n + 1
), (at
) FROM `planned_sql`.`s` AS `s` FORCE INDEX (`PRIMARY`) WHERE (`s`.`a` = 2 AND `s`.`b` = 'it''s') AND NOT EXISTS (SELECT 1 FROM neap.fill_changes_0 AS neap_change WHERE neap_change.op = 'I' AND neap_change.seq NOT IN (0) AND neap_change.at >= sysdate(6) - INTERVAL 5000000 MICROSECOND AND neap_change.neap_k0 = `s`.`a` AND neap_change.neap_k1 = `s`.`b` AND NOT EXISTS (SELECT 1 FROM `planned_sql`.`t` AS neap_into WHERE neap_into.`a` = `s`.`a` AND neap_into.`b` = `s`.`b`)) AND true;
INSERT INTO neap.neap_was (`a`, `b`, `n`, `at`)
SELECT (a
), (b
), (n + 1
), (at
) FROM (SELECT neap_change.`neap_w_a` AS `a`, neap_change.`neap_w_b` AS `b`, neap_change.`neap_w_n` AS `n`, neap_change.`neap_w_at` AS `at`, neap_change.`neap_w_up` AS `up` FROM neap.fill_changes_0 AS neap_change WHERE neap_change.seq IN (0) AND neap_change.op IN ('U', 'D', 'K')) AS `s` WHERE true;
DELETE neap_into FROM neap.neap_was AS neap_was STRAIGHT_JOIN `planned_sql`.`t` AS neap_into ON neap_was.`a` = neap_into.`a` AND neap_was.`b` = neap_into.`b` AND (neap_into.`a` <=> neap_was.`a`) AND (BINARY neap_into.`b` <=> BINARY neap_was.`b`) AND (neap_into.`n` <=> neap_was.`n`) AND (neap_into.`at` <=> neap_was.`at`) LEFT JOIN neap.neap_made AS neap_made ON neap_made.`a` = neap_into.`a` AND neap_made.`b` = neap_into.`b` WHERE neap_made.`a` IS NULL;
INSERT INTO `planned_sql`.`t` (`a`, `b`, `n`, `at`)
SELECT neap_made.`a`, neap_made.`b`, neap_made.`n`, neap_made.`at` FROM neap.neap_made AS neap_made LEFT JOIN `planned_sql`.`t` AS neap_into ON neap_made.`a` = neap_into.`a` AND neap_made.`b` = neap_into.`b` WHERE neap_into.`a` IS NULL;
UPDATE neap.neap_made AS neap_made STRAIGHT_JOIN `planned_sql`.`t` AS neap_into ON neap_made.`a` = neap_into.`a` AND neap_made.`b` = neap_into.`b` STRAIGHT_JOIN neap.neap_was AS neap_was ON neap_was.`a` = neap_into.`a` AND neap_was.`b` = neap_into.`b` AND (neap_into.`a` <=> neap_was.`a`) AND (BINARY neap_into.`b` <=> BINARY neap_was.`b`) AND (neap_into.`n` <=> neap_was.`n`) AND (neap_into.`at` <=> neap_was.`at`) SET neap_into.`n` = neap_made.`n`, neap_into.`at` = neap_made.`at` WHERE NOT ((neap_into.`n` <=> neap_made.`n`) AND (neap_into.`at` <=> neap_made.`at`));

-- look
INSERT INTO neap.fill_changes_0 (seq, op, neap_k0, neap_k1) SELECT nextval(neap.fill_seq_0), 'M', `s`.`a`, `s`.`b` FROM `planned_sql`.`s` AS `s` FORCE INDEX (`PRIMARY`) WHERE `s`.`a` <= 2 AND (`s`.`a` < 2 OR (`s`.`a` = 2 AND `s`.`b` <= 'it''s')) AND true AND NOT EXISTS (SELECT 1 FROM `planned_sql`.`t` AS neap_into WHERE neap_into.`a` = `s`.`a` AND neap_into.`b` = `s`.`b`) AND NOT EXISTS (SELECT 1 FROM neap.fill_changes_0 AS neap_change WHERE neap_change.op = 'I' AND neap_change.neap_k0 = `s`.`a` AND neap_change.neap_k1 = `s`.`b`);
