-- The fingerprint as before, the same hash of the same words. Its last part read every dependency on a type that there is
-- in the database, and so took time that grew with the number of tables, under the swap's locks too.
-- A hash of all that a shadow copies from its live partition ($1), and of all that a swap relies on in it and in its
-- parent ($2), with the bounds above them and, for a DEFAULT partition, beside it. Same words in, same hash out, in every
-- session: catalog rows as they are stored, no expression spelled anew, nothing that VACUUM, ANALYZE or REINDEX changes,
-- and nothing that Neap itself adds (neap_…).
-- Called under the swap's locks: call it once before, in the same session, and its plan is there already.
CREATE OR REPLACE FUNCTION neap.fingerprint(live oid, parent oid) RETURNS text
    LANGUAGE plpgsql STABLE STRICT
    SET search_path = ''
    SET bytea_output = 'hex'
    SET plan_cache_mode = 'force_generic_plan'
    SET jit = off
    SET enable_seqscan = off
AS $fingerprint$
BEGIN
RETURN (
SELECT encode(sha256(convert_to(string_agg(line, E'\n' ORDER BY line COLLATE "C"), 'UTF8')), 'hex')
FROM (
    -- The two tables; the live one's file too: TRUNCATE and VACUUM FULL put the rows elsewhere.
    SELECT format('relation %s %s %s %s', n.nspname, to_jsonb(c) - ARRAY['relpages', 'reltuples', 'relallvisible',
               'relallfrozen', 'relfrozenxid', 'relminmxid', 'relhasindex', 'relhasrules', 'relhastriggers', 'relchecks',
               'reltoastrelid', 'relrewrite'], toast.reloptions,
               (SELECT jsonb_agg(jsonb_build_array(d.objsubid, d.description) ORDER BY d.objsubid)
                FROM pg_catalog.pg_description d
                WHERE d.objoid = c.oid AND d.classoid = 'pg_catalog.pg_class'::regclass)) AS line
    FROM pg_catalog.pg_class c
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN pg_catalog.pg_class toast ON toast.oid = c.reltoastrelid
    WHERE c.oid IN ($1, $2)
    UNION ALL
    SELECT format('inherits %s', to_jsonb(h)) FROM pg_catalog.pg_inherits h WHERE h.inhrelid = $1
    UNION ALL
    SELECT format('partitioned %s %s %s', to_jsonb(p), d.relnamespace, d.relname)
    FROM pg_catalog.pg_partitioned_table p LEFT JOIN pg_catalog.pg_class d ON d.oid = p.partdefid
    WHERE p.partrelid = $2
    UNION ALL
    -- What lies above the parent: its bounds are part of the bound.
    SELECT format('above %s %s %s', a.oid, a.relpartbound IS NOT NULL,
               regexp_replace(a.relpartbound::text, ':location -?[0-9]+', '', 'g'))
    FROM pg_catalog.pg_partition_ancestors($2) AS up(relid) JOIN pg_catalog.pg_class a ON a.oid = up.relid
    UNION ALL
    -- The bound of a DEFAULT partition is what its siblings leave.
    SELECT format('beside %s', regexp_replace(b.relpartbound::text, ':location -?[0-9]+', '', 'g'))
    FROM pg_catalog.pg_partitioned_table p
    JOIN pg_catalog.pg_inherits h ON h.inhparent = p.partrelid
    JOIN pg_catalog.pg_class b ON b.oid = h.inhrelid
    WHERE p.partrelid = $2 AND p.partdefid = $1 AND b.oid <> $1
    UNION ALL
    SELECT format('column %s', to_jsonb(a) - ARRAY['atthasmissing', 'attmissingval', 'attcacheoff'])
    FROM pg_catalog.pg_attribute a WHERE a.attrelid IN ($1, $2) AND a.attnum > 0
    UNION ALL
    SELECT format('default %s', to_jsonb(d) - 'oid') FROM pg_catalog.pg_attrdef d WHERE d.adrelid IN ($1, $2)
    UNION ALL
    -- REINDEX CONCURRENTLY forgets (on 14) where in its statement an expression stood.
    SELECT format('index %s %s %s %s %s %s %s %s', x.relname,
               regexp_replace((to_jsonb(i) - ARRAY['indexrelid', 'indcheckxmin'])::text, ':location -?[0-9]+', '', 'g'),
               x.relam, x.reltablespace, x.reloptions, up.relname,
               (SELECT d.description FROM pg_catalog.pg_description d WHERE d.objoid = x.oid AND d.objsubid = 0
                AND d.classoid = 'pg_catalog.pg_class'::regclass),
               (SELECT jsonb_agg(jsonb_build_array(a.attnum, a.attstattarget, a.attoptions) ORDER BY a.attnum)
                FROM pg_catalog.pg_attribute a WHERE a.attrelid = x.oid))
    FROM pg_catalog.pg_index i
    JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid
    LEFT JOIN pg_catalog.pg_inherits h ON h.inhrelid = x.oid
    LEFT JOIN pg_catalog.pg_class up ON up.oid = h.inhparent
    WHERE i.indrelid IN ($1, $2)
    UNION ALL
    -- A key to a partitioned table has a row for each partition there; those come and go by themselves.
    SELECT format('constraint %s %s %s', to_jsonb(co) - ARRAY['oid', 'conindid', 'conparentid'], up.conname,
               (SELECT d.description FROM pg_catalog.pg_description d
                WHERE d.objoid = co.oid AND d.classoid = 'pg_catalog.pg_constraint'::regclass))
    FROM pg_catalog.pg_constraint co LEFT JOIN pg_catalog.pg_constraint up ON up.oid = co.conparentid
    WHERE co.conrelid IN ($1, $2) AND NOT starts_with(co.conname, 'neap_')
      AND up.conrelid IS DISTINCT FROM co.conrelid
    UNION ALL
    -- By their triggers (14 has none on a partitioned table, but has them on the leaf): pg_constraint has no index for
    -- this, and pg_depend has a row for each partition.
    SELECT DISTINCT format('referenced by %s %s', co.conrelid, co.conname)
    FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_constraint co ON co.oid = t.tgconstraint
    WHERE t.tgrelid IN ($1, $2) AND co.contype = 'f' AND co.confrelid = t.tgrelid
    UNION ALL
    SELECT format('trigger %s %s %s', to_jsonb(t) - ARRAY['oid', 'tgparentid', 'tgconstraint'], t.tgparentid <> 0,
               (SELECT d.description FROM pg_catalog.pg_description d
                WHERE d.objoid = t.oid AND d.classoid = 'pg_catalog.pg_trigger'::regclass))
    FROM pg_catalog.pg_trigger t
    WHERE t.tgrelid IN ($1, $2) AND (t.tgconstraint = 0 OR NOT t.tgisinternal) AND NOT starts_with(t.tgname, 'neap_')
    UNION ALL
    SELECT format('internal trigger %s %s %s', t.tgrelid, t.tgfoid, t.tgenabled)
    FROM pg_catalog.pg_trigger t
    WHERE t.tgrelid IN ($1, $2) AND t.tgconstraint <> 0 AND t.tgisinternal AND t.tgenabled <> 'O'
    UNION ALL
    SELECT format('policy %s %s', to_jsonb(p) - 'oid',
               (SELECT d.description FROM pg_catalog.pg_description d
                WHERE d.objoid = p.oid AND d.classoid = 'pg_catalog.pg_policy'::regclass))
    FROM pg_catalog.pg_policy p WHERE p.polrelid IN ($1, $2)
    UNION ALL
    SELECT format('rule %s %s', to_jsonb(w) - 'oid',
               (SELECT d.description FROM pg_catalog.pg_description d
                WHERE d.objoid = w.oid AND d.classoid = 'pg_catalog.pg_rewrite'::regclass))
    FROM pg_catalog.pg_rewrite w WHERE w.ev_class IN ($1, $2)
    UNION ALL
    SELECT format('statistics %s %s', to_jsonb(s) - 'oid',
               (SELECT d.description FROM pg_catalog.pg_description d
                WHERE d.objoid = s.oid AND d.classoid = 'pg_catalog.pg_statistic_ext'::regclass))
    FROM pg_catalog.pg_statistic_ext s WHERE s.stxrelid IN ($1, $2)
    UNION ALL
    SELECT format('published %s', to_jsonb(r) - 'oid')
    FROM pg_catalog.pg_publication_rel r WHERE r.prrelid IN ($1, $2)
    UNION ALL
    SELECT format('published by %s', p.pubname) FROM pg_catalog.pg_publication p WHERE p.puballtables
    UNION ALL
    SELECT format('sequence %s %s %s %s %s', d.refobjsubid, d.deptype, s.relnamespace, s.relname, s.relowner)
    FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_class s ON s.oid = d.objid AND s.relkind = 'S'
    WHERE d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid = $1
      AND d.classid = 'pg_catalog.pg_class'::regclass AND d.deptype IN ('a', 'i')
    UNION ALL
    SELECT format('label %s', to_jsonb(l))
    FROM pg_catalog.pg_seclabel l WHERE l.objoid = $1 AND l.classoid = 'pg_catalog.pg_class'::regclass
    UNION ALL
    -- Views, rules elsewhere, functions in SQL: whatever would go on with the old rows.
    SELECT DISTINCT format('dependent %s %s %s', d.classid, d.objid, d.objsubid)
    FROM (
        SELECT t.classid, t.objid, t.objsubid, t.deptype FROM pg_catalog.pg_depend t
        WHERE t.refclassid = 'pg_catalog.pg_class'::regclass AND t.refobjid = $1
        UNION ALL
        -- An array and no subquery: else all types of the database are read.
        SELECT t.classid, t.objid, t.objsubid, t.deptype FROM pg_catalog.pg_depend t
        WHERE t.refclassid = 'pg_catalog.pg_type'::regclass AND t.refobjid = ANY (ARRAY(
            SELECT c.reltype FROM pg_catalog.pg_class c WHERE c.oid = $1
            UNION ALL SELECT t.typarray FROM pg_catalog.pg_class c
            JOIN pg_catalog.pg_type t ON t.oid = c.reltype WHERE c.oid = $1))) AS d
    -- A CASE, so that no index is taken for it: it would name nearly everything in the catalog.
    WHERE CASE WHEN d.classid IN ('pg_catalog.pg_rewrite'::regclass, 'pg_catalog.pg_proc'::regclass,
                                  'pg_catalog.pg_type'::regclass, 'pg_catalog.pg_class'::regclass,
                                  'pg_catalog.pg_policy'::regclass) THEN d.deptype <> 'i' ELSE false END
      AND CASE d.classid
          WHEN 'pg_catalog.pg_rewrite'::regclass THEN
              (SELECT w.ev_class <> $1 FROM pg_catalog.pg_rewrite w WHERE w.oid = d.objid)
          WHEN 'pg_catalog.pg_policy'::regclass THEN
              (SELECT p.polrelid <> $1 FROM pg_catalog.pg_policy p WHERE p.oid = d.objid)
          WHEN 'pg_catalog.pg_class'::regclass THEN
              d.objsubid <> 0 OR (SELECT x.relkind NOT IN ('i', 'S', 't') FROM pg_catalog.pg_class x WHERE x.oid = d.objid)
          ELSE true END
) AS everything
);
END
$fingerprint$;
COMMENT ON FUNCTION neap.fingerprint(oid, oid) IS 'A hash of what a shadow copies from its live partition and its parent';
REVOKE ALL ON FUNCTION neap.fingerprint(oid, oid) FROM PUBLIC;

-- How many units wait for their swap, and whether any is left, is asked once for each unit.
CREATE INDEX unit_held ON neap.unit (run_id, position) WHERE state = 'held';
