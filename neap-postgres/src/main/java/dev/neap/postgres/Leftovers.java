package dev.neap.postgres;

import dev.neap.dialect.Leftover;
import dev.neap.postgres.query.Names;
import dev.neap.postgres.query.Query;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** Finds everything of Neap's in a database, by the catalog and not by memory: a dead run left no word. */
final class Leftovers {
    static final String ACTIVE = "r.state IN ('running', 'stopped', 'failed')";

    private Leftovers() {}

    static List<Leftover> find(Connection c) throws SQLException {
        List<Leftover> all = new ArrayList<>();
        boolean control = ControlScripts.installed(c);
        String runs = control
                ? "neap.run"
                : "(SELECT NULL::bigint AS id, NULL::text AS backfill, NULL::text AS state, NULL::timestamptz AS finished_at WHERE false)";
        all.addAll(captures(c, runs));
        all.addAll(UndoLeftovers.records(c, control));
        all.addAll(CaptureLeftovers.OF_SOURCES.triggers(c, runs));
        all.addAll(CaptureLeftovers.OF_FILLS.triggers(c, runs));
        all.addAll(DualWriteLeftovers.triggers(c, runs));
        all.addAll(defaultChecks(c, runs));
        all.addAll(shadows(c, runs));
        all.addAll(kept(c, control));
        all.addAll(captureRest(c, control));
        all.addAll(UndoLeftovers.rest(c, control));
        all.addAll(CaptureLeftovers.OF_SOURCES.rest(c, runs));
        all.addAll(CaptureLeftovers.OF_FILLS.rest(c, runs));
        all.addAll(DualWriteLeftovers.functions(c, runs));
        all.addAll(VerificationLeftovers.find(c));
        all.addAll(schemas(c, runs));
        return all;
    }

    /** Triggers on live tables, of units whose run is over. */
    private static List<Leftover> captures(Connection c, String runs) throws SQLException {
        String unit = "substring(t.tgname from 'neap_capture_(\\d+)')::bigint";
        String joins = runs.equals("neap.run")
                ? "LEFT JOIN neap.unit u ON u.id = " + unit + " LEFT JOIN neap.run r ON r.id = u.run_id"
                : "LEFT JOIN " + runs + " r ON false";
        return Query.of(
                        c,
                        "SELECT t.tgname, n.nspname, k.relname, coalesce(" + ACTIVE
                                + ", false) FROM pg_trigger t JOIN pg_class k ON k.oid = t.tgrelid "
                                + "JOIN pg_namespace n ON n.oid = k.relnamespace " + joins
                                + " WHERE t.tgname ~ '^neap_capture_\\d+(_truncate)?$' AND NOT t.tgisinternal ORDER BY 1")
                .list(r -> {
                    String table = Names.quote(r.getString(2)) + "." + Names.quote(r.getString(3));
                    boolean active = r.getBoolean(4);
                    return new Leftover(
                            "capture trigger",
                            r.getString(1) + " on " + table,
                            0,
                            active ? "its run is not finished" : "its run is over",
                            !active,
                            List.of("DROP TRIGGER IF EXISTS " + Names.quote(r.getString(1)) + " ON " + table));
                });
    }

    private static List<Leftover> defaultChecks(Connection c, String runs) throws SQLException {
        boolean active = Query.of(c, "SELECT EXISTS (SELECT FROM " + runs + " r WHERE " + ACTIVE + ")")
                .truth();
        return Query.of(c, """
                        SELECT o.conname, n.nspname, k.relname FROM pg_constraint o JOIN pg_class k ON k.oid = o.conrelid
                        JOIN pg_namespace n ON n.oid = k.relnamespace
                        WHERE o.conname ~ '^neap_(bound|not)_[0-9]+$' AND o.contype = 'c' AND n.nspname !~ '^neap_work_'
                        ORDER BY 1
                        """).list(r -> {
            String table = Names.quote(r.getString(2)) + "." + Names.quote(r.getString(3));
            return new Leftover(
                    "check",
                    r.getString(1) + " on " + table,
                    0,
                    active ? "a run is not finished" : "its run is over",
                    !active,
                    List.of("ALTER TABLE " + table + " DROP CONSTRAINT IF EXISTS " + Names.quote(r.getString(1))));
        });
    }

    private static List<Leftover> shadows(Connection c, String runs) throws SQLException {
        return Query.of(c, """
                        SELECT n.nspname, k.relname, pg_total_relation_size(k.oid), coalesce(%s, false),
                               ARRAY(SELECT conname FROM pg_constraint
                                     WHERE conrelid = k.oid AND conparentid = 0 AND contype = 'f' ORDER BY conname)
                        FROM pg_class k JOIN pg_namespace n ON n.oid = k.relnamespace
                        LEFT JOIN %s r ON r.id = substring(n.nspname from '\\d+')::bigint
                        WHERE n.nspname ~ '^neap_work_\\d+$' AND k.relkind IN ('r', 'p') ORDER BY 1, 2
                        """.formatted(ACTIVE, runs)).list(r -> {
            String table = Names.quote(r.getString(1)) + "." + Names.quote(r.getString(2));
            return new Leftover(
                    "shadow",
                    table,
                    r.getLong(3),
                    r.getBoolean(4) ? "its run is not finished" : "its run is over",
                    !r.getBoolean(4),
                    drop(table, (String[]) r.getArray(5).getArray()));
        });
    }

    /** Its foreign keys first, so that no table that it references is locked while another is waited for. */
    private static List<String> drop(String table, String... foreignKeys) {
        List<String> drop = new ArrayList<>();
        for (String key : foreignKeys) {
            drop.add("ALTER TABLE IF EXISTS " + table + " DROP CONSTRAINT IF EXISTS " + Names.quote(key));
        }
        drop.add("DROP TABLE IF EXISTS " + table);
        return drop;
    }

    private static List<Leftover> kept(Connection c, boolean control) throws SQLException {
        String joins = control
                ? "LEFT JOIN neap.unit u ON u.run_id = substring(n.nspname from '\\d+')::bigint AND u.partition_name = k.relname"
                : "LEFT JOIN (SELECT 0::bigint AS id, NULL::timestamptz AS kept_until) u ON true";
        String undoing = control ? UndoLeftovers.BEING_UNDONE : "false";
        return Query.of(c, """
                        SELECT n.nspname, k.relname, pg_total_relation_size(k.oid),
                               coalesce(u.kept_until <= clock_timestamp(), true) AND NOT (%s),
                               CASE WHEN %s THEN 'an undo of it is not finished'
                                    ELSE 'kept until ' || coalesce(to_char(u.kept_until, 'YYYY-MM-DD HH24:MI TZ'), 'unknown') END
                        FROM pg_class k JOIN pg_namespace n ON n.oid = k.relnamespace %s
                        WHERE n.nspname ~ '^neap_kept_\\d+$' AND k.relkind IN ('r', 'p') ORDER BY 1, 2
                        """.formatted(undoing, undoing, joins)).list(r -> {
            String table = Names.quote(r.getString(1)) + "." + Names.quote(r.getString(2));
            return new Leftover(
                    "kept partition",
                    table,
                    r.getLong(3),
                    r.getString(5),
                    r.getBoolean(4),
                    List.of("DROP TABLE IF EXISTS " + table));
        });
    }

    /** Functions, tables and sequences of capture whose run is over. */
    private static List<Leftover> captureRest(Connection c, boolean control) throws SQLException {
        if (!control) {
            return List.of();
        }
        return Query.of(c, """
                        SELECT DISTINCT u.id, coalesce(pg_total_relation_size(to_regclass('neap.changes_' || u.id)), 0)
                        FROM neap.unit u JOIN neap.run r ON r.id = u.run_id
                        WHERE NOT (%s) AND (to_regclass('neap.changes_' || u.id) IS NOT NULL
                              OR to_regproc('neap.capture_' || u.id) IS NOT NULL) ORDER BY 1
                        """.formatted(ACTIVE))
                .list(r -> new Leftover(
                        "captured changes",
                        "neap.changes_" + r.getLong(1),
                        r.getLong(2),
                        "its run is over",
                        true,
                        List.of(
                                "DROP FUNCTION IF EXISTS neap.capture_" + r.getLong(1) + "()",
                                "DROP TABLE IF EXISTS neap.changes_" + r.getLong(1),
                                "DROP SEQUENCE IF EXISTS neap.changes_" + r.getLong(1) + "_seq")));
    }

    /** Schemas of runs that are over: dropped last, and only when empty. */
    private static List<Leftover> schemas(Connection c, String runs) throws SQLException {
        return Query.of(c, """
                        SELECT n.nspname, coalesce(%s, false),
                               EXISTS (SELECT FROM pg_class k WHERE k.relnamespace = n.oid AND k.relkind IN ('r', 'p'))
                        FROM pg_namespace n LEFT JOIN %s r ON r.id = substring(n.nspname from '\\d+')::bigint
                        WHERE n.nspname ~ '^neap_(work|kept)_\\d+$' ORDER BY 1
                        """.formatted(ACTIVE, runs))
                .list(r -> new Leftover(
                        "schema",
                        r.getString(1),
                        0,
                        r.getBoolean(2) ? "its run is not finished" : r.getBoolean(3) ? "not empty yet" : "empty",
                        !r.getBoolean(2) && !r.getBoolean(3),
                        List.of("DROP SCHEMA IF EXISTS " + Names.quote(r.getString(1)))));
    }
}
