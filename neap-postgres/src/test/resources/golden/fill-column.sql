-- walk
WITH few AS MATERIALIZED (SELECT seen.neap_k0, seen.neap_k1, seen.looked FROM (SELECT near.neap_k0, near.neap_k1, near.wanted, row_number() OVER (ORDER BY near.neap_k0, near.neap_k1 ROWS UNBOUNDED PRECEDING) AS looked FROM (SELECT "public"."s"."a" AS neap_k0, "public"."s"."b" AS neap_k1, coalesce(true AND ("public"."s"."up" IS NULL), false) AS wanted FROM "public"."s" WHERE ("public"."s"."a", "public"."s"."b") > (CAST('3' AS integer), CAST('it''s' AS text)) AND ("public"."s"."a", "public"."s"."b") <= (CAST('9' AS integer), CAST('z' AS text)) ORDER BY "public"."s"."a", "public"."s"."b" LIMIT 10000) AS near) AS seen WHERE seen.wanted ORDER BY seen.neap_k0, seen.neap_k1 LIMIT 500), all_near AS MATERIALIZED (SELECT near.neap_k0, near.neap_k1 FROM (SELECT "public"."s"."a" AS neap_k0, "public"."s"."b" AS neap_k1 FROM "public"."s" WHERE ("public"."s"."a", "public"."s"."b") > (CAST('3' AS integer), CAST('it''s' AS text)) AND ("public"."s"."a", "public"."s"."b") <= (CAST('9' AS integer), CAST('z' AS text)) ORDER BY "public"."s"."a", "public"."s"."b" LIMIT 10000) AS near) (SELECT (few.neap_k0)::text, (few.neap_k1)::text, few.looked, 500::bigint AS wanted FROM few WHERE (SELECT count(*) FROM few) = 500 ORDER BY few.looked DESC LIMIT 1) UNION ALL (SELECT (last.neap_k0)::text, (last.neap_k1)::text, (SELECT count(*) FROM all_near) AS looked, (SELECT count(*) FROM few) FROM (SELECT all_near.neap_k0, all_near.neap_k1 FROM all_near ORDER BY all_near.neap_k0 DESC, all_near.neap_k1 DESC LIMIT 1) AS last WHERE (SELECT count(*) FROM few) < 500);

-- write
UPDATE "public"."s" SET "up" = CASE WHEN "public"."s"."up" IS NULL THEN (upper(tags)
) ELSE "public"."s"."up" END WHERE ("public"."s"."a", "public"."s"."b") > (CAST('3' AS integer), CAST('it''s' AS text)) AND ("public"."s"."a", "public"."s"."b") <= (CAST('4' AS integer), CAST('a' AS text)) AND true AND (("public"."s"."up" IS NULL AND (upper(tags)
) IS NOT NULL));

-- look: walk
WITH near AS MATERIALIZED (SELECT "public"."s"."a" AS neap_k0, "public"."s"."b" AS neap_k1, coalesce(true AND (("public"."s"."up" IS NULL AND (upper(tags)
) IS NOT NULL)), false) AS neap_wanted FROM "public"."s" WHERE ("public"."s"."a", "public"."s"."b") > (CAST('3' AS integer), CAST('it''s' AS text)) AND ("public"."s"."a", "public"."s"."b") <= (CAST('9' AS integer), CAST('z' AS text)) ORDER BY "public"."s"."a", "public"."s"."b" LIMIT 10000) SELECT (near.neap_k0)::text, (near.neap_k1)::text, (SELECT bool_or(near.neap_wanted) FROM near) AS work FROM near ORDER BY near.neap_k0 DESC, near.neap_k1 DESC LIMIT 1;

-- look
UPDATE "public"."s" SET "up" = CASE WHEN "public"."s"."up" IS NULL THEN (upper(tags)
) ELSE "public"."s"."up" END WHERE ("public"."s"."a", "public"."s"."b") > (CAST('3' AS integer), CAST('it''s' AS text)) AND ("public"."s"."a", "public"."s"."b") <= (CAST('4' AS integer), CAST('a' AS text)) AND true AND (("public"."s"."up" IS NULL AND (upper(tags)
) IS NOT NULL));
