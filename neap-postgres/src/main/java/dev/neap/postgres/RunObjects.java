package dev.neap.postgres;

import dev.neap.backfill.Backfill;
import dev.neap.backfill.Rebuild;
import dev.neap.dialect.Tuning;
import dev.neap.postgres.fill.Sequences;
import dev.neap.postgres.query.Names;
import dev.neap.postgres.query.Query;
import dev.neap.postgres.rebuild.UnitNames;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/** What all units of a run share: the schemas of its shadows and kept partitions, and the dead-man's switch. */
final class RunObjects {
    private RunObjects() {}

    /** A fill needs no schemas: only the dead-man's switch of its capture, and sequences that hand out no copied id. */
    static void prepareFill(Connection c, long run, Backfill backfill, Tuning tuning) throws SQLException {
        try (Statement s = c.createStatement()) {
            aliveUntil(s, run, tuning);
        }
        Sequences.moveAll(c, backfill);
    }

    private static void aliveUntil(Statement s, long run, Tuning tuning) throws SQLException {
        s.execute("CREATE SEQUENCE IF NOT EXISTS " + UnitNames.aliveUntil(run) + " MINVALUE 0 START 0");
        s.execute("SELECT setval('" + UnitNames.aliveUntil(run) + "', " + until(tuning)
                + ") WHERE (SELECT NOT is_called FROM " + UnitNames.aliveUntil(run) + ")");
    }

    static void prepare(Connection c, long run, Rebuild rebuild, Tuning tuning) throws SQLException {
        // pg_partition_tree would lock them all, and the server's lock table does not hold thousands.
        List<String> owners = Query.of(c, """
                        WITH RECURSIVE tree AS (
                            SELECT to_regclass(?)::oid AS oid
                            UNION ALL
                            SELECT i.inhrelid FROM tree JOIN pg_inherits i ON i.inhparent = tree.oid)
                        SELECT DISTINCT pg_get_userbyid(t.relowner) FROM tree JOIN pg_class t ON t.oid = tree.oid
                        """, Names.quote(rebuild.table())).texts();
        try (Statement s = c.createStatement()) {
            // A merge replaces nothing that could be kept.
            List<String> schemas = rebuild.merges()
                    ? List.of(UnitNames.workSchema(run))
                    : List.of(UnitNames.workSchema(run), UnitNames.keptSchema(run));
            for (String schema : schemas) {
                s.execute("CREATE SCHEMA IF NOT EXISTS " + schema);
                // A table's owner must be allowed to have it there.
                for (String owner : owners) {
                    s.execute("GRANT USAGE, CREATE ON SCHEMA " + schema + " TO " + Names.quote(owner));
                }
            }
            aliveUntil(s, run, tuning);
            s.execute("CREATE SEQUENCE IF NOT EXISTS " + UnitNames.undoUntil(run) + " MINVALUE 0 START 0");
            s.execute(keepUndo(run, tuning));
        }
    }

    private static String until(Tuning tuning) {
        return "extract(epoch FROM clock_timestamp())::bigint + "
                + tuning.captureLife().toSeconds();
    }

    private static String keepUndo(long run, Tuning tuning) {
        return "SELECT neap.keep_undo(" + run + ", " + tuning.captureLife().toSeconds() + ")";
    }

    /** One second early, so that no writer can see it lapsed between this look and its renewal. */
    static boolean renew(Connection c, long run, Tuning tuning) throws SQLException {
        try (Statement s = c.createStatement()) {
            s.execute(keepUndo(run, tuning));
        }
        return Query.of(
                        c,
                        "SELECT CASE WHEN last_value > extract(epoch FROM clock_timestamp()) + 1 THEN setval('"
                                + UnitNames.aliveUntil(run) + "', greatest(last_value, " + until(tuning)
                                + ")) > 0 ELSE false END FROM " + UnitNames.aliveUntil(run))
                .truth();
    }

    static void restart(Connection c, long run, Tuning tuning) throws SQLException {
        Query.of(c, "SELECT setval('" + UnitNames.aliveUntil(run) + "', " + until(tuning) + ")")
                .number();
    }

    /**
     * Empty by then; whatever still is in a schema keeps it. A trigger that is left, whatever its unit, keeps the switch that
     * it looks at: without it each write of the application would fail.
     */
    static void dropWork(Connection c, long run) throws SQLException {
        try (Statement s = c.createStatement()) {
            s.execute("DROP SCHEMA IF EXISTS " + UnitNames.workSchema(run));
            if (!switchUsed(c, run)) {
                s.execute("DROP SEQUENCE IF EXISTS " + UnitNames.aliveUntil(run));
            }
            s.execute("DELETE FROM neap.batch WHERE run_id = " + run);
        }
    }

    private static boolean switchUsed(Connection c, long run) throws SQLException {
        return Query.of(
                        c,
                        "SELECT EXISTS (SELECT FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid"
                                + " WHERE p.pronamespace = 'neap'::regnamespace AND p.prosrc ~ ?)",
                        UnitNames.aliveUntil(run).replace(".", "\\.") + "\\M")
                .truth();
    }
}
