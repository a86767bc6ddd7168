package dev.neap.postgres.shadow;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** Why a live partition cannot be swapped. What is not known to be harmless is a reason. */
final class RefusalSql {
    private RefusalSql() {}

    static List<String> refusals(Catalog catalog) throws SQLException {
        List<String> all = new ArrayList<>(catalog.texts(SHAPE));
        if (!all.isEmpty()) {
            return List.copyOf(all);
        }
        for (String query : List.of(
                UNPROVABLE,
                INBOUND_KEYS,
                DEPENDENTS,
                INDEXES,
                TRIGGERS,
                STATISTICS,
                EXTENSIONS,
                PUBLICATIONS,
                SUBSCRIPTIONS,
                PRIVILEGES)) {
            all.addAll(catalog.texts(query));
        }
        if (catalog.version() < 17) {
            all.addAll(catalog.texts(OWN_IDENTITY));
        }
        return List.copyOf(all);
    }

    /**
     * ATTACH proves the bound of a RANGE table's DEFAULT partition in time that grows with the square of its siblings:
     * 1.3 s for 1,000 on PostgreSQL 14 and 18, 14 ms for 100.
     */
    private static final String SHAPE =
            """
            SELECT unnest(ARRAY[
                CASE WHEN c.relkind = 'p' THEN
                    {name} || ' is partitioned itself: rebuild its partitions' END,
                CASE WHEN c.relkind = 'f' THEN
                    {name} || ' is a foreign table: recompute it where it lives' END,
                CASE WHEN c.relkind NOT IN ('r', 'p', 'f') THEN {name} || ' is no table' END,
                CASE WHEN c.relpersistence = 't' THEN {name} || ' is temporary: there is nothing to keep online' END,
                CASE WHEN h.inhparent IS NULL OR NOT c.relispartition THEN
                    {name} || ' is not attached to that parent: plan again' END,
                CASE WHEN h.inhparent IS NOT NULL AND coalesce(p.partstrat, '') NOT IN ('r', 'l', 'h') THEN
                    {name} || ' is not a RANGE, LIST or HASH partition: say cutover: merge' END,
                CASE WHEN p.partdefid = c.oid AND p.partstrat = 'r' AND siblings > 100 THEN
                    format('%s is the DEFAULT partition beside %s others, and ATTACH would compare their bounds each with'
                           || ' each under its lock, which takes long from 100 on: say cutover: merge, or leave it out'
                           || ' with rebuild.partitions', {name}, siblings) END,
                CASE WHEN EXISTS (SELECT FROM pg_catalog.pg_inherits d
                                  WHERE d.inhparent = {parent} AND d.inhdetachpending) THEN
                    'a partition of the same parent is being detached: ALTER TABLE … DETACH PARTITION … FINALIZE first'
                END,
                CASE WHEN EXISTS (SELECT FROM pg_catalog.pg_inherits d WHERE d.inhparent = {live})
                      AND c.relkind <> 'p' THEN
                    {name} || ' has tables that inherit from it: take them off first (NO INHERIT)' END,
                CASE WHEN EXISTS (SELECT FROM pg_catalog.pg_attribute a WHERE a.attrelid = {live} AND a.attnum > 0
                                  AND NOT a.attisdropped AND a.atttypid = 0) OR c.reloftype <> 0 THEN
                    {name} || ' is a typed table: ALTER TABLE … NOT OF first' END,
                CASE WHEN p.partdefid <> 0 AND p.partdefid <> c.oid AND own.bound IS NULL THEN
                    'the bound of ' || {name} || ' cannot be told from its ancestors'' bounds, so ATTACH would scan'
                    || ' the DEFAULT partition under its lock: say cutover: merge' END])
            FROM pg_catalog.pg_class c
            LEFT JOIN pg_catalog.pg_inherits h ON h.inhrelid = c.oid AND h.inhparent = {parent}
            LEFT JOIN pg_catalog.pg_partitioned_table p ON p.partrelid = h.inhparent
            CROSS JOIN (SELECT $own AS bound FROM $bounds) AS own
            CROSS JOIN (SELECT count(*) - 1 AS siblings FROM pg_catalog.pg_inherits WHERE inhparent = {parent}) AS beside
            WHERE c.oid = {live}""".replace("$own", ConstraintSql.OWN_BOUND).replace("$bounds", ConstraintSql.BOUNDS);

    /**
     * ATTACH takes a CHECK as proof only where it is the same tree as the bound, and not the same words: a hash of a text
     * has no collation there, and has one in every CHECK; a key with a collation of its own is spelled without it.
     */
    private static final String UNPROVABLE = """
            SELECT CASE WHEN p.partstrat = 'h' AND 0::oid <> ANY (p.partcollation) THEN
                       format('%s is partitioned by %s: ATTACH would scan %s under its lock, since no CHECK proves a bound'
                              || ' that hashes a text; say cutover: merge', p.partrelid::regclass, key, {name})
                   WHEN p.partstrat <> 'h' AND key LIKE '% COLLATE %' THEN
                       format('%s is partitioned by %s: ATTACH would scan %s under its lock, since no CHECK proves a bound'
                              || ' in a collation that is not the column''s; say cutover: merge', p.partrelid::regclass, key, {name})
                   END
            FROM pg_catalog.pg_partitioned_table p
            CROSS JOIN LATERAL (SELECT pg_get_partkeydef(p.partrelid) AS key) AS k
            WHERE p.partrelid IN (SELECT relid FROM pg_partition_ancestors({parent}))
            ORDER BY p.partrelid""";

    /** DETACH fails when a row is referenced and, worse, succeeds when none is. pg_constraint has no index for this. */
    private static final String INBOUND_KEYS = """
            SELECT DISTINCT format('%s references %s (foreign key %I): drop that key for the time of the rebuild, or say'
                                   || ' cutover: merge', co.conrelid::regclass, d.refobjid::regclass, co.conname)
            FROM pg_catalog.pg_depend d
            JOIN pg_catalog.pg_constraint co ON co.oid = d.objid AND co.contype = 'f' AND co.confrelid = d.refobjid
            LEFT JOIN pg_catalog.pg_constraint up ON up.oid = co.conparentid
            WHERE d.classid = 'pg_catalog.pg_constraint'::regclass
              AND d.refclassid = 'pg_catalog.pg_class'::regclass AND co.conparentid = 0
              AND d.refobjid IN (SELECT {live} UNION SELECT relid FROM pg_partition_ancestors({live}))
            ORDER BY 1""";

    /** A view, a rule, a function in SQL: they would go on reading the old rows in silence. */
    private static final String DEPENDENTS = """
            WITH row_types AS (
                SELECT c.reltype AS oid FROM pg_catalog.pg_class c WHERE c.oid = {live} AND c.reltype <> 0
                UNION SELECT t.typarray FROM pg_catalog.pg_class c JOIN pg_catalog.pg_type t ON t.oid = c.reltype
                      WHERE c.oid = {live} AND t.typarray <> 0)
            SELECT DISTINCT format('%s depends on %s itself, not on its name, and would go on with the old rows: drop it'
                                   || ' for the time of the rebuild, let it use %s instead, or say cutover: merge',
                                   CASE WHEN d.classid = 'pg_catalog.pg_rewrite'::regclass THEN
                                       (SELECT CASE c.relkind WHEN 'v' THEN 'view ' WHEN 'm' THEN 'materialized view '
                                                              ELSE 'a rule on ' END || w.ev_class::regclass
                                        FROM pg_catalog.pg_rewrite w JOIN pg_catalog.pg_class c ON c.oid = w.ev_class
                                        WHERE w.oid = d.objid)
                                   ELSE pg_describe_object(d.classid, d.objid, d.objsubid) END,
                                   {name}, {parent}::regclass)
            FROM pg_catalog.pg_depend d
            WHERE (d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid = {live}
                   OR d.refclassid = 'pg_catalog.pg_type'::regclass AND d.refobjid = ANY (ARRAY(SELECT oid FROM row_types)))
              AND NOT (d.classid = 'pg_catalog.pg_class'::regclass AND (
                           d.objid = {live}
                           OR EXISTS (SELECT FROM pg_catalog.pg_class x WHERE x.oid = d.objid AND (
                                          x.relkind IN ('i', 'S', 't') AND d.objsubid = 0
                                          AND d.refclassid = 'pg_catalog.pg_class'::regclass
                                          OR x.relkind IN ('v', 'm') AND d.objsubid > 0))))
              AND NOT (d.classid = 'pg_catalog.pg_type'::regclass AND d.objid IN (SELECT oid FROM row_types))
              AND NOT EXISTS (SELECT FROM pg_catalog.pg_attrdef o
                              WHERE d.classid = 'pg_catalog.pg_attrdef'::regclass AND o.oid = d.objid
                                AND o.adrelid = {live})
              AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint o
                              WHERE d.classid = 'pg_catalog.pg_constraint'::regclass AND o.oid = d.objid
                                AND (o.conrelid = {live} OR o.contype = 'f' AND o.confrelid = {live}))
              AND NOT EXISTS (SELECT FROM pg_catalog.pg_trigger o
                              WHERE d.classid = 'pg_catalog.pg_trigger'::regclass AND o.oid = d.objid
                                AND (o.tgrelid = {live} OR o.tgisinternal))
              AND NOT EXISTS (SELECT FROM pg_catalog.pg_rewrite o
                              WHERE d.classid = 'pg_catalog.pg_rewrite'::regclass AND o.oid = d.objid
                                AND o.ev_class = {live})
              AND NOT EXISTS (SELECT FROM pg_catalog.pg_policy o
                              WHERE d.classid = 'pg_catalog.pg_policy'::regclass AND o.oid = d.objid
                                AND o.polrelid = {live})
              AND d.classid <> ALL (ARRAY['pg_catalog.pg_statistic_ext'::regclass,
                                          'pg_catalog.pg_publication_rel'::regclass]::oid[])
            ORDER BY 1""";

    private static final String INDEXES = """
            SELECT format('index %s is not valid: REINDEX INDEX CONCURRENTLY it, or drop it', i.indexrelid::regclass)
            FROM pg_catalog.pg_index i
            WHERE i.indrelid = {live} AND NOT (i.indisvalid AND i.indisready AND i.indislive)
            UNION ALL
            SELECT format('the exclusion constraint of index %s comes from the parent, and ATTACH would build it again'
                          || ' under its lock: say cutover: merge', i.indexrelid::regclass)
            FROM pg_catalog.pg_index i JOIN pg_catalog.pg_inherits h ON h.inhrelid = i.indexrelid
            WHERE i.indrelid = {live} AND i.indisexclusion
            UNION ALL
            SELECT format('index %s of the parent has no partner on %s, and ATTACH would build it under its lock: create'
                          || ' it there and ALTER INDEX … ATTACH PARTITION, or drop it',
                          i.indexrelid::regclass, {name})
            FROM pg_catalog.pg_index i
            WHERE i.indrelid = {parent} AND NOT EXISTS (
                SELECT FROM pg_catalog.pg_inherits h JOIN pg_catalog.pg_index l ON l.indexrelid = h.inhrelid
                WHERE h.inhparent = i.indexrelid AND l.indrelid = {live})
            ORDER BY 1""";

    private static final String TRIGGERS = """
            SELECT format('triggers of foreign key %I are disabled on %s: ALTER TABLE … ENABLE TRIGGER ALL first',
                          co.conname, {name})
            FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_constraint co ON co.oid = t.tgconstraint AND co.contype <> 't'
            WHERE t.tgrelid = {live} AND t.tgisinternal AND t.tgenabled <> 'O'
            GROUP BY co.conname
            UNION ALL
            SELECT format('trigger %I on %s has a name that Neap keeps for itself: rename it', tgname, {name})
            FROM pg_catalog.pg_trigger
            WHERE tgrelid = {live} AND NOT tgisinternal AND starts_with(tgname, 'neap_')
              AND tgname !~ '^neap_(capture|undo)_[0-9]+'
            UNION ALL
            SELECT format('constraint %I on %s has a name that Neap keeps for itself: rename it', conname, {name})
            FROM pg_catalog.pg_constraint
            WHERE conrelid = {live} AND contype IN ('c', 'n') AND starts_with(conname, 'neap_')
              AND conname !~ '^neap_(bound|not)_[0-9]+$'
            ORDER BY 1""";

    /** What a subscription knows is the old table: the server leaves out all that comes for another, and says nothing. */
    private static final String SUBSCRIPTIONS = """
            SELECT format('subscription %s writes to %s, and would leave out all that comes for it after the swap: say'
                          || ' cutover: merge', string_agg(quote_ident(s.subname), ', ' ORDER BY s.subname), {name})
            FROM pg_catalog.pg_subscription_rel r JOIN pg_catalog.pg_subscription s ON s.oid = r.srsubid
            WHERE r.srrelid = {live}
            HAVING count(*) > 0""";

    private static final String STATISTICS = """
            SELECT format('two statistics objects on %s are called %I: rename one', {name}, stxname)
            FROM pg_catalog.pg_statistic_ext WHERE stxrelid = {live}
            GROUP BY stxname HAVING count(*) > 1
            UNION ALL
            SELECT format('statistics object %I on %s belongs to %I, and %I is not a member of that role: GRANT %3$I TO'
                          || ' %4$I', s.stxname, {name}, pg_get_userbyid(s.stxowner), current_user)
            FROM pg_catalog.pg_statistic_ext s
            WHERE s.stxrelid = {live} AND NOT pg_has_role(current_user, s.stxowner, 'USAGE')
            ORDER BY 1""";

    private static final String OWN_IDENTITY = """
            SELECT format('column %I of %s has an identity of its own: ALTER TABLE … ALTER COLUMN … DROP IDENTITY (rows'
                          || ' that come through the parent do not use it), or say cutover: merge', attname, {name})
            FROM pg_catalog.pg_attribute
            WHERE attrelid = {live} AND attnum > 0 AND NOT attisdropped AND attidentity <> ''""";

    private static final String EXTENSIONS = """
            SELECT DISTINCT format('%s belongs to, or depends on, the extension %I: ALTER EXTENSION … DROP it, or NO'
                                   || ' DEPENDS ON EXTENSION, first',
                                   pg_describe_object(d.classid, d.objid, 0), e.extname)
            FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_extension e ON e.oid = d.refobjid
            WHERE d.refclassid = 'pg_catalog.pg_extension'::regclass AND d.deptype IN ('e', 'x') AND (
                d.classid = 'pg_catalog.pg_class'::regclass
                    AND (d.objid = {live} OR d.objid IN (SELECT indexrelid FROM pg_catalog.pg_index
                                                         WHERE indrelid = {live}))
                OR d.classid = 'pg_catalog.pg_trigger'::regclass
                    AND d.objid IN (SELECT oid FROM pg_catalog.pg_trigger WHERE tgrelid = {live}))
            ORDER BY 1""";

    /** Rows that arrive by ATTACH are not sent. Which publication a slot's reader asks for, the catalog does not say. */
    private static final String PUBLICATIONS = """
            SELECT format('%s is published (%s) and there is a logical replication slot (%s), whose readers would not'
                          || ' get the new rows: say cutover: merge, or drop the slot', {name},
                          string_agg(DISTINCT quote_ident(p.pubname), ', '),
                          (SELECT string_agg(slot_name, ', ') FROM pg_catalog.pg_replication_slots
                           WHERE slot_type = 'logical' AND database = current_database()))
            FROM pg_catalog.pg_publication p
            WHERE EXISTS (SELECT FROM pg_catalog.pg_replication_slots
                          WHERE slot_type = 'logical' AND database = current_database())
              AND (p.puballtables OR EXISTS (
                  SELECT FROM pg_get_publication_tables(p.pubname) t
                  WHERE t.relid IN (SELECT {live} UNION SELECT relid FROM pg_partition_ancestors({live}))))
            HAVING count(*) > 0
            UNION ALL
            SELECT format('publication %I names %s and belongs to %I, which %I is not a member of: GRANT %3$I TO %4$I',
                          p.pubname, {name}, pg_get_userbyid(p.pubowner), current_user)
            FROM pg_catalog.pg_publication_rel r JOIN pg_catalog.pg_publication p ON p.oid = r.prpubid
            WHERE r.prrelid = {live} AND NOT pg_has_role(current_user, p.pubowner, 'USAGE')
            ORDER BY 1""";

    private static final String PRIVILEGES = """
            SELECT DISTINCT format('%s belongs to %I, and %I is not a member of that role: GRANT %2$I TO %3$I%4$s',
                                   c.oid::regclass, pg_get_userbyid(c.relowner), current_user,
                                   CASE as_member WHEN 'SET' THEN ' WITH INHERIT TRUE, SET TRUE' END)
            FROM pg_catalog.pg_class c
            CROSS JOIN (SELECT CASE WHEN current_setting('server_version_num')::int >= 160000 THEN 'SET' ELSE 'MEMBER' END)
                AS server (as_member)
            WHERE c.oid = ANY (ARRAY[{live}, {parent},
                                     (SELECT partdefid FROM pg_catalog.pg_partitioned_table WHERE partrelid = {parent})])
              AND NOT (pg_has_role(current_user, c.relowner, 'USAGE') AND pg_has_role(current_user, c.relowner, as_member))
            UNION ALL
            SELECT format('%I may not create tables in schema %I, where the shadow must go: GRANT CREATE ON SCHEMA %2$I TO'
                          || ' %1$I', current_user, n.nspname)
            FROM (SELECT relnamespace AS oid FROM pg_catalog.pg_class WHERE oid = {live}
                  UNION SELECT stxnamespace FROM pg_catalog.pg_statistic_ext WHERE stxrelid = {live}) AS used
            JOIN pg_catalog.pg_namespace n ON n.oid = used.oid
            WHERE NOT has_schema_privilege(current_user, n.oid, 'CREATE')
            UNION ALL
            SELECT DISTINCT format('%I may not create anything in tablespace %I: GRANT CREATE ON TABLESPACE %2$I TO %1$I',
                                   current_user, t.spcname)
            FROM pg_catalog.pg_class c JOIN pg_catalog.pg_tablespace t ON t.oid = c.reltablespace
            WHERE c.oid = ANY (ARRAY(SELECT {live}::oid UNION ALL
                                     SELECT indexrelid FROM pg_catalog.pg_index WHERE indrelid = {live}))
              AND NOT has_tablespace_privilege(current_user, t.oid, 'CREATE')
            UNION ALL
            SELECT DISTINCT format('%I may not reference %s, as the foreign key %I does: GRANT REFERENCES ON %2$s TO %1$I',
                                   current_user, co.confrelid::regclass, co.conname)
            FROM pg_catalog.pg_constraint co
            LEFT JOIN pg_catalog.pg_constraint up ON up.oid = co.conparentid
            WHERE co.conrelid = {live} AND co.contype = 'f' AND up.conrelid IS DISTINCT FROM co.conrelid
              AND EXISTS (SELECT FROM unnest(co.confkey) k
                          WHERE NOT has_column_privilege(current_user, co.confrelid, k, 'REFERENCES'))
            ORDER BY 1""";
}
