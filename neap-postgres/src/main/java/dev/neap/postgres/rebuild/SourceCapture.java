package dev.neap.postgres.rebuild;

import dev.neap.backfill.SourceRecompute;
import dev.neap.postgres.query.Names;
import java.util.List;
import java.util.stream.Collectors;

/**
 * What tells whether a table that a recompute reads has changed. Capture is the run's and not a unit's: each transaction
 * that writes such a table leaves its number once, and a unit compares the numbers with the snapshot of its load. The
 * triggers never make an application's write fail: past the deadline or the size they do nothing.
 */
public final class SourceCapture {
    private final long run;
    private final SourceRecompute source;

    SourceCapture(long run, SourceRecompute source) {
        this.run = run;
        this.source = source;
    }

    /** The trigger of a run on each table that is read. */
    public static String trigger(long run) {
        return "neap_source_" + run;
    }

    /** The same for rows that replication applies: it fires no triggers for statements. */
    public static String replicaTrigger(long run) {
        return "neap_source_" + run + "_replica";
    }

    private static String writers(long run) {
        return "neap.sources_" + run;
    }

    String writers() {
        return writers(run);
    }

    String sequence() {
        return "neap.sources_" + run + "_seq";
    }

    private static String function(long run) {
        return "neap.source_" + run + "()";
    }

    /**
     * The tables and their partitions, and every table that one of these is a partition of, as `tree (oid)`: a statement
     * that names a table above one fires nothing on it.
     */
    private String tree() {
        return "WITH RECURSIVE named AS (SELECT to_regclass(name)::oid AS oid FROM unnest(ARRAY["
                + source.reads().stream().map(Names::quote).map(Names::literal).collect(Collectors.joining(", "))
                + "]::text[]) AS name UNION SELECT i.inhrelid FROM named JOIN pg_catalog.pg_inherits i"
                + " ON i.inhparent = named.oid),"
                + " tree AS (SELECT oid FROM named UNION SELECT i.inhparent FROM tree JOIN pg_catalog.pg_inherits i"
                + " ON i.inhrelid = tree.oid)";
    }

    /** Each table's quoted name, whether it holds rows, whether its triggers are as they must be, and its OID; in one order. */
    String tables() {
        return tree() + """

                 SELECT format('%%I.%%I', n.nspname, c.relname), c.relkind = 'r',
                       EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = c.oid AND t.tgname = '%s' AND t.tgenabled = 'A')
                       AND (c.relkind <> 'r' OR EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = c.oid
                                                        AND t.tgname = '%s' AND t.tgenabled = 'R')),
                       c.oid::bigint
                FROM tree JOIN pg_class c ON c.oid = tree.oid JOIN pg_namespace n ON n.oid = c.relnamespace
                WHERE c.relkind IN ('r', 'p') ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C"
                """.formatted(trigger(run), replicaTrigger(run));
    }

    /**
     * Which tables there are, where their rows are, which triggers they have, and since when writes are counted, as one
     * value.
     */
    String state() {
        return "(" + tree() + """

                 SELECT md5(coalesce(string_agg(concat_ws(' ', c.oid, c.relfilenode, c.relnatts, t.triggers), ','
                            ORDER BY c.oid), '')
                            || (SELECT ' ' || s.relfilenode FROM pg_catalog.pg_class s WHERE s.oid = to_regclass('%s')))
                FROM tree LEFT JOIN pg_catalog.pg_class c ON c.oid = tree.oid
                LEFT JOIN LATERAL (SELECT string_agg(concat_ws(' ', t.oid, t.tgenabled), ' ' ORDER BY t.oid) AS triggers
                                   FROM pg_catalog.pg_trigger t
                                   WHERE t.tgrelid = c.oid AND t.tgname IN ('%s', '%s')) AS t ON true)""".formatted(sequence(), trigger(run), replicaTrigger(run));
    }

    /** The table of transactions that wrote, one row each, and the function that fills it. */
    List<String> create(long limit) {
        return List.of(
                "CREATE SEQUENCE IF NOT EXISTS " + sequence() + " NO CYCLE",
                "CREATE TABLE IF NOT EXISTS " + writers() + " (xid xid8 PRIMARY KEY, relation oid NOT NULL)",
                """
                CREATE OR REPLACE FUNCTION %s RETURNS trigger
                    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $neap$
                BEGIN
                    IF (SELECT last_value FROM %s) <= extract(epoch FROM clock_timestamp()) THEN
                        RETURN NULL;
                    END IF;
                    IF nextval('%s') > %d THEN
                        RETURN NULL;
                    END IF;
                    INSERT INTO %s VALUES (pg_current_xact_id(), TG_RELID) ON CONFLICT DO NOTHING;
                    RETURN NULL;
                END
                $neap$
                """.formatted(function(run), UnitNames.aliveUntil(run), sequence(), limit, writers()));
    }

    /** SQL: whether more writes came than are recorded. */
    String overflowed(long limit) {
        return "SELECT count(*) FROM " + sequence() + " WHERE last_value > " + limit;
    }

    /**
     * Counts from the beginning. It waits out whoever has written a table that is read and has not committed, and makes
     * {@link #state} another: a shadow that was loaded before is void, for what was not recorded it may not have seen.
     */
    String countAnew() {
        return "ALTER SEQUENCE " + sequence() + " RESTART";
    }

    /**
     * The triggers of one table. A statement that names a partition fires that partition's, one that names a table above
     * it fires that table's; what replication applies fires only triggers for rows.
     */
    List<String> createTriggers(String table, boolean holdsRows) {
        String one = Names.quote(trigger(run));
        String other = Names.quote(replicaTrigger(run));
        List<String> drop = dropTriggers(run, table);
        String statements = "CREATE TRIGGER " + one + " AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON " + table
                + " FOR EACH STATEMENT EXECUTE FUNCTION " + function(run);
        String always = "ALTER TABLE " + table + " ENABLE ALWAYS TRIGGER " + one;
        return holdsRows
                ? List.of(
                        drop.get(0),
                        drop.get(1),
                        statements,
                        "CREATE TRIGGER " + other + " AFTER INSERT OR UPDATE OR DELETE ON " + table
                                + " FOR EACH ROW EXECUTE FUNCTION " + function(run),
                        always + ", ENABLE REPLICA TRIGGER " + other)
                : List.of(drop.get(0), drop.get(1), statements, always);
    }

    /** Takes the triggers of a run off one table. */
    public static List<String> dropTriggers(long run, String table) {
        return List.of(
                "DROP TRIGGER IF EXISTS " + Names.quote(trigger(run)) + " ON " + table,
                "DROP TRIGGER IF EXISTS " + Names.quote(replicaTrigger(run)) + " ON " + table);
    }

    /** Drops what is left of capture once the triggers are gone. */
    public static List<String> dropRest(long run) {
        return List.of(
                "DROP FUNCTION IF EXISTS " + function(run),
                "DROP TABLE IF EXISTS " + writers(run),
                "DROP SEQUENCE IF EXISTS neap.sources_" + run + "_seq");
    }

    /** Forgets writers that every shadow of the run has seen. What a load does not see yet, it has said so before. */
    String forget() {
        return "DELETE FROM " + writers() + " AS w WHERE NOT EXISTS (SELECT FROM neap.unit u WHERE u.run_id = " + run
                + " AND u.state <> 'done' AND u.source_snapshot IS NOT NULL"
                + " AND NOT pg_visible_in_snapshot(w.xid, u.source_snapshot))";
    }

    /** The names of tables that were written by a transaction that the unit's load did not see. */
    String changed(long unit) {
        return "SELECT DISTINCT w.relation::regclass::text FROM " + writers() + " AS w WHERE " + unseen(unit);
    }

    private static String unseen(long unit) {
        return "coalesce(NOT pg_visible_in_snapshot(w.xid, (SELECT source_snapshot FROM neap.unit WHERE id = " + unit
                + ")), true)";
    }

    /** For the swap: raises an error unless everything is as the load has seen it. */
    String lastLook(long unit, long limit) {
        return """
                IF EXISTS (SELECT FROM %s AS w WHERE %s)
                   OR (SELECT last_value FROM %s) > %d
                   OR NOT EXISTS (SELECT FROM neap.unit WHERE id = %d AND source_state = %s) THEN
                    RAISE EXCEPTION 'a table that the recompute reads has changed' USING ERRCODE = 'NP004';
                END IF;
                """.formatted(writers(), unseen(unit), sequence(), limit, unit, state());
    }

    /** The locks that hold writers of these tables off until the swap has committed. */
    List<String> hold() {
        return source.reads().stream()
                .map(Names::quote)
                .sorted()
                .map(table -> "LOCK TABLE " + table + " IN SHARE MODE")
                .toList();
    }

    /** Locks that stall nobody and make an autovacuum give way. */
    List<String> courtesy() {
        return source.reads().stream()
                .map(Names::quote)
                .sorted()
                .map(table -> "LOCK TABLE " + table + " IN SHARE UPDATE EXCLUSIVE MODE")
                .toList();
    }
}
