-- fill
SELECT CAST(neap_seen.`a` AS CHAR), CAST(neap_seen.`b` AS CHAR), neap_seen.looked, neap_seen.wanted FROM (SELECT neap_near.`a`, neap_near.`b`, row_number() OVER (ORDER BY neap_near.`a`, neap_near.`b`) AS looked, sum(neap_near.neap_wanted) OVER (ORDER BY neap_near.`a`, neap_near.`b`) AS wanted FROM (SELECT `s`.`a`, `s`.`b`, coalesce((n > 0
) AND (`s`.`up` IS NULL), false) AS neap_wanted FROM `planned_sql`.`s` AS `s` FORCE INDEX (`PRIMARY`) WHERE `s`.`a` <= 2 AND (`s`.`a` < 2 OR (`s`.`a` = 2 AND `s`.`b` <= 'it''s')) ORDER BY `s`.`a`, `s`.`b` LIMIT 20000) AS neap_near) AS neap_seen WHERE neap_seen.wanted <= 1000 ORDER BY neap_seen.`a` DESC, neap_seen.`b` DESC LIMIT 1;
UPDATE `planned_sql`.`s` AS `s` FORCE INDEX (`PRIMARY`) SET `s`.`up` = CASE WHEN `s`.`up` IS NULL THEN (upper(b)
) ELSE `s`.`up` END WHERE `s`.`a` <= 2 AND (`s`.`a` < 2 OR (`s`.`a` = 2 AND `s`.`b` <= 'it''s')) AND (n > 0
) AND ((`s`.`up` IS NULL AND (upper(b)
) IS NOT NULL));

-- look
UPDATE `planned_sql`.`s` AS `s` FORCE INDEX (`PRIMARY`) SET `s`.`up` = CASE WHEN `s`.`up` IS NULL THEN (upper(b)
) ELSE `s`.`up` END WHERE `s`.`a` <= 2 AND (`s`.`a` < 2 OR (`s`.`a` = 2 AND `s`.`b` <= 'it''s')) AND (n > 0
) AND ((`s`.`up` IS NULL AND (upper(b)
) IS NOT NULL));
