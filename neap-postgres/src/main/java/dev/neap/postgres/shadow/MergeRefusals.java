package dev.neap.postgres.shadow;

import dev.neap.postgres.query.Query;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Collection;
import java.util.List;

/** Why rows of live partitions cannot be updated where they are, one batch after another. */
public final class MergeRefusals {
    private MergeRefusals() {}

    /**
     * Each one sentence with a remedy; empty when they can.
     *
     * @param live the OIDs of the partitions
     * @param set the recomputed columns, unquoted
     */
    public static List<String> of(Connection connection, Collection<Long> live, Collection<String> set)
            throws SQLException {
        List<String> oids = live.stream().map(String::valueOf).toList();
        boolean old = connection.getMetaData().getDatabaseMajorVersion() < 15;
        String query = REFUSALS.replace(
                "$silent",
                old
                        ? "(SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user)"
                        : "has_parameter_privilege(current_user, 'session_replication_role', 'SET')");
        List<String> keyed = Query.of(connection, RowKey.COLUMNS, oids).texts();
        return Query.of(connection, query, oids, List.copyOf(set), keyed).texts();
    }

    /** A generated column is taken for one that changes. */
    private static final String REFUSALS = """
            WITH unit AS (
                SELECT c.* FROM unnest(?::oid[]) AS u(oid) JOIN pg_catalog.pg_class c ON c.oid = u.oid),
            changed AS (
                SELECT a.attrelid, a.attnum, a.attname FROM unit JOIN pg_catalog.pg_attribute a ON a.attrelid = unit.oid
                WHERE a.attnum > 0 AND NOT a.attisdropped AND (a.attname = ANY (?::text[]) OR a.attgenerated <> '')),
            trigger AS (
                SELECT t.* FROM unit JOIN pg_catalog.pg_trigger t ON t.tgrelid = unit.oid
                WHERE NOT t.tgisinternal AND t.tgtype & 16 <> 0 AND t.tgenabled <> 'D'
                  AND NOT starts_with(t.tgname, 'neap_'))
            SELECT DISTINCT format('%s is no plain table: leave it out with rebuild.partitions', unit.oid::regclass)
            FROM unit WHERE unit.relkind <> 'r'
            UNION
            SELECT format('%s has neither a primary key nor a unique index over columns that refuse null, and a merge goes by'
                          || ' it: add one, or say cutover: swap', unit.oid::regclass)
            FROM unit WHERE NOT unit.oid::bigint = ANY (?::bigint[])
            UNION
            SELECT format('%I is in the unique index or exclusion constraint %s, and in the middle of a merge old and new'
                          || ' values could collide: say cutover: swap', changed.attname, i.indexrelid::regclass)
            FROM changed JOIN pg_catalog.pg_index i ON i.indrelid = changed.attrelid
            WHERE (i.indisunique OR i.indisexclusion) AND (
                changed.attnum = ANY (i.indkey) OR EXISTS (
                    SELECT FROM pg_catalog.pg_depend d
                    WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = i.indexrelid
                      AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid = changed.attrelid
                      AND d.refobjsubid = changed.attnum))
            UNION
            SELECT format('the constraint %I of %s was never validated, and rows that violate it cannot be updated: ALTER'
                          || ' TABLE … VALIDATE CONSTRAINT, or say cutover: swap', k.conname, unit.oid::regclass)
            FROM unit JOIN pg_catalog.pg_constraint k ON k.conrelid = unit.oid
            WHERE NOT k.convalidated AND NOT starts_with(k.conname, 'neap_')
              AND coalesce((to_jsonb(k) ->> 'conenforced')::boolean, true)
              AND (k.contype IN ('c', 'n') OR k.contype = 'f' AND EXISTS (
                  SELECT FROM changed WHERE changed.attrelid = unit.oid AND changed.attnum = ANY (k.conkey)))
            UNION
            SELECT format('the rule %I on %s would act instead of, or besides, the updates of a merge: drop it for the time'
                          || ' of the run, or say cutover: swap', w.rulename, unit.oid::regclass)
            FROM unit JOIN pg_catalog.pg_rewrite w ON w.ev_class = unit.oid WHERE w.ev_type = '2' AND w.ev_enabled <> 'D'
            UNION
            SELECT format('the trigger %I on %s is enabled ALWAYS or for replicas, so that it would fire for the updates of a'
                          || ' merge: ALTER TABLE … DISABLE TRIGGER for the time of the run, or say cutover: swap',
                          tgname, tgrelid::regclass)
            FROM trigger WHERE tgenabled IN ('A', 'R')
            UNION
            SELECT format('triggers on %s (%s) would fire for the updates of a merge, and %I may not keep them from it: GRANT'
                          || ' SET ON PARAMETER session_replication_role TO %3$I (from 15 on; before, only a superuser may),'
                          || ' disable them for the time of the run, or say cutover: swap',
                          tgrelid::regclass, string_agg(quote_ident(tgname), ', ' ORDER BY tgname), current_user)
            FROM trigger WHERE tgenabled = 'O' AND NOT $silent GROUP BY tgrelid
            UNION
            SELECT format('%s is published with its updates but has no replica identity, so no row of it can be updated:'
                          || ' ALTER TABLE … REPLICA IDENTITY DEFAULT, or say cutover: swap', unit.oid::regclass)
            FROM unit WHERE unit.relreplident = 'n' AND EXISTS (
                SELECT FROM pg_catalog.pg_publication p
                WHERE p.pubupdate AND (p.puballtables OR EXISTS (
                    SELECT FROM pg_get_publication_tables(p.pubname) t
                    WHERE t.relid IN (SELECT unit.oid UNION SELECT relid FROM pg_partition_ancestors(unit.oid)))))
            UNION
            SELECT format('the publication %I is for all tables, and there is a logical replication slot (%s): its readers'
                          || ' would be sent the control tables and shadows, which they do not have, and stop. Let it name'
                          || ' its tables, or drop the slot for the time of the run', p.pubname,
                          (SELECT string_agg(slot_name, ', ' ORDER BY slot_name) FROM pg_catalog.pg_replication_slots
                           WHERE slot_type = 'logical' AND database = current_database()))
            FROM pg_catalog.pg_publication p
            WHERE p.puballtables AND EXISTS (SELECT FROM pg_catalog.pg_replication_slots
                                             WHERE slot_type = 'logical' AND database = current_database())
            ORDER BY 1
            """;
}
