-- walk
WITH few AS MATERIALIZED (SELECT seen.neap_k0, seen.neap_k1, seen.looked FROM (SELECT near.neap_k0, near.neap_k1, near.wanted, row_number() OVER (ORDER BY near.neap_k0, near.neap_k1 ROWS UNBOUNDED PRECEDING) AS looked FROM (SELECT "public"."s"."a" AS neap_k0, "public"."s"."b" AS neap_k1, coalesce((n > 0
), false) AS wanted FROM "public"."s" WHERE ("public"."s"."a", "public"."s"."b") > (CAST('3' AS integer), CAST('it''s' AS text)) AND ("public"."s"."a", "public"."s"."b") <= (CAST('9' AS integer), CAST('z' AS text)) ORDER BY "public"."s"."a", "public"."s"."b" LIMIT 10000) AS near) AS seen WHERE seen.wanted ORDER BY seen.neap_k0, seen.neap_k1 LIMIT 500), all_near AS MATERIALIZED (SELECT near.neap_k0, near.neap_k1 FROM (SELECT "public"."s"."a" AS neap_k0, "public"."s"."b" AS neap_k1 FROM "public"."s" WHERE ("public"."s"."a", "public"."s"."b") > (CAST('3' AS integer), CAST('it''s' AS text)) AND ("public"."s"."a", "public"."s"."b") <= (CAST('9' AS integer), CAST('z' AS text)) ORDER BY "public"."s"."a", "public"."s"."b" LIMIT 10000) AS near) (SELECT (few.neap_k0)::text, (few.neap_k1)::text, few.looked, 500::bigint AS wanted FROM few WHERE (SELECT count(*) FROM few) = 500 ORDER BY few.looked DESC LIMIT 1) UNION ALL (SELECT (last.neap_k0)::text, (last.neap_k1)::text, (SELECT count(*) FROM all_near) AS looked, (SELECT count(*) FROM few) FROM (SELECT all_near.neap_k0, all_near.neap_k1 FROM all_near ORDER BY all_near.neap_k0 DESC, all_near.neap_k1 DESC LIMIT 1) AS last WHERE (SELECT count(*) FROM few) < 500);

-- write
INSERT INTO "public"."t" AS target ("a", "b", "n", "at") OVERRIDING SYSTEM VALUE
SELECT (a
), (b
), (n + 1
), (at
) FROM "public"."s" WHERE ("public"."s"."a", "public"."s"."b") > (CAST('3' AS integer), CAST('it''s' AS text)) AND ("public"."s"."a", "public"."s"."b") <= (CAST('4' AS integer), CAST('a' AS text)) AND (n > 0
) AND NOT EXISTS (SELECT FROM neap.fill_changes_7 AS change WHERE change.op = 'I' AND change.neap_k0 = "public"."s"."a" AND change.neap_k1 = "public"."s"."b")
ON CONFLICT ("a", "b") DO UPDATE SET "n" = EXCLUDED."n", "at" = EXCLUDED."at" WHERE (EXCLUDED."at" > target."at" OR target."at" IS NULL);

-- reconcile: delete
SET LOCAL enable_seqscan = off; SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off;
DELETE FROM "public"."t" AS target WHERE (target."a", target."b") IN (SELECT change.neap_k0, change.neap_k1 FROM neap.fill_changes_7 AS change WHERE change.picked AND change.op <> 'T') AND (EXISTS (SELECT FROM neap.batch AS wrote WHERE wrote.xid = target.xmin AND wrote.run_id = 7 AND wrote.part = 1) OR EXISTS (SELECT FROM neap.fill_changes_7 AS change CROSS JOIN LATERAL neap.fill_was_7(change.was) AS before (yielded) WHERE change.picked AND change.was IS NOT NULL AND change.neap_k0 = target."a" AND change.neap_k1 = target."b" AND before.yielded = (SELECT to_jsonb(kept) FROM (SELECT target."a", target."b", target."n", target."at") AS kept))) AND NOT EXISTS (SELECT FROM (SELECT CAST((a
) AS integer) AS "a", CAST((b
) AS text) AS "b", CAST((n + 1
) AS numeric(9,2)) AS "n", CAST((at
) AS timestamp with time zone) AS "at" FROM "public"."s" WHERE (n > 0
) AND target."a" = "public"."s"."a" AND target."b" = "public"."s"."b") AS yielded WHERE yielded."a" = target."a" AND yielded."b" = target."b");

-- reconcile: insert
SET LOCAL enable_seqscan = off; SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off;
INSERT INTO "public"."t" AS target ("a", "b", "n", "at") OVERRIDING SYSTEM VALUE
SELECT yielded.* FROM (SELECT CAST((a
) AS integer) AS "a", CAST((b
) AS text) AS "b", CAST((n + 1
) AS numeric(9,2)) AS "n", CAST((at
) AS timestamp with time zone) AS "at" FROM "public"."s" WHERE (n > 0
) AND EXISTS (SELECT FROM neap.fill_changes_7 AS change WHERE change.picked AND change.op <> 'T' AND change.neap_k0 = "public"."s"."a" AND change.neap_k1 = "public"."s"."b") AND NOT EXISTS (SELECT FROM neap.fill_changes_7 AS change WHERE change.op = 'I' AND NOT change.picked AND change.at >= clock_timestamp() - 5000 * interval '1 millisecond' AND change.neap_k0 = "public"."s"."a" AND change.neap_k1 = "public"."s"."b" AND NOT EXISTS (SELECT FROM "public"."t" AS there WHERE there."a" = "public"."s"."a" AND there."b" = "public"."s"."b"))) AS yielded
ON CONFLICT ("a", "b") DO NOTHING;

-- reconcile: update
SET LOCAL enable_seqscan = off; SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off;
UPDATE "public"."t" AS target SET "n" = yielded."n", "at" = yielded."at" FROM (SELECT CAST((a
) AS integer) AS "a", CAST((b
) AS text) AS "b", CAST((n + 1
) AS numeric(9,2)) AS "n", CAST((at
) AS timestamp with time zone) AS "at" FROM "public"."s" WHERE (n > 0
) AND EXISTS (SELECT FROM neap.fill_changes_7 AS change WHERE change.picked AND change.op <> 'T' AND change.neap_k0 = "public"."s"."a" AND change.neap_k1 = "public"."s"."b") AND NOT EXISTS (SELECT FROM neap.fill_changes_7 AS change WHERE change.op = 'I' AND NOT change.picked AND change.at >= clock_timestamp() - 5000 * interval '1 millisecond' AND change.neap_k0 = "public"."s"."a" AND change.neap_k1 = "public"."s"."b" AND NOT EXISTS (SELECT FROM "public"."t" AS there WHERE there."a" = "public"."s"."a" AND there."b" = "public"."s"."b")) OFFSET 0) AS yielded WHERE yielded."a" = target."a" AND yielded."b" = target."b" AND (EXISTS (SELECT FROM neap.batch AS wrote WHERE wrote.xid = target.xmin AND wrote.run_id = 7 AND wrote.part = 1) OR EXISTS (SELECT FROM neap.fill_changes_7 AS change CROSS JOIN LATERAL neap.fill_was_7(change.was) AS before (yielded) WHERE change.picked AND change.was IS NOT NULL AND change.neap_k0 = target."a" AND change.neap_k1 = target."b" AND before.yielded = (SELECT to_jsonb(kept) FROM (SELECT target."a", target."b", target."n", target."at") AS kept))) AND ROW(target."n", target."at")::record *<> ROW(yielded."n", yielded."at")::record;

-- look: walk
SELECT (near.neap_k0)::text, (near.neap_k1)::text, true AS work FROM (SELECT "public"."s"."a" AS neap_k0, "public"."s"."b" AS neap_k1 FROM "public"."s" WHERE ("public"."s"."a", "public"."s"."b") > (CAST('3' AS integer), CAST('it''s' AS text)) AND ("public"."s"."a", "public"."s"."b") <= (CAST('9' AS integer), CAST('z' AS text)) ORDER BY "public"."s"."a", "public"."s"."b" LIMIT 10000) AS near ORDER BY near.neap_k0 DESC, near.neap_k1 DESC LIMIT 1;

-- look
SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off;
SELECT 'M', "public"."s"."a", "public"."s"."b" FROM "public"."s" WHERE ("public"."s"."a", "public"."s"."b") > (CAST('3' AS integer), CAST('it''s' AS text)) AND ("public"."s"."a", "public"."s"."b") <= (CAST('4' AS integer), CAST('a' AS text)) AND (n > 0
) AND NOT EXISTS (SELECT FROM "public"."t" AS there WHERE there."a" = "public"."s"."a" AND there."b" = "public"."s"."b") AND NOT EXISTS (SELECT FROM neap.fill_changes_7 AS change WHERE change.op IN ('I', 'P', 'S') AND change.neap_k0 = "public"."s"."a" AND change.neap_k1 = "public"."s"."b");
