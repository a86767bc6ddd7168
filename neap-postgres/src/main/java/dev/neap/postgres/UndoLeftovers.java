package dev.neap.postgres;

import dev.neap.dialect.Leftover;
import dev.neap.postgres.query.Names;
import dev.neap.postgres.query.Query;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** Finds what is there so that a swap can be undone, and what an undo made on the way. */
final class UndoLeftovers {
    /** Whether an unfinished run undoes the unit {@code u}. */
    static final String BEING_UNDONE = """
            EXISTS (SELECT FROM neap.unit undo JOIN neap.run by ON by.id = undo.run_id
                    WHERE undo.undoes = u.id AND by.state IN ('running', 'stopped', 'failed'))""";

    /** An unfinished run may be about to make it. */
    private static final String NEEDED = "(" + BEING_UNDONE + """
             OR u.state = 'done' AND u.kept_until > clock_timestamp()
                AND to_regclass(format('neap_kept_%s.%I', u.run_id, u.partition_name)) IS NOT NULL
             OR u.state <> 'done' AND r.state IN ('running', 'stopped', 'failed'))""";

    private UndoLeftovers() {}

    /**
     * What records later writes, of each unit: the triggers go first, or a write of the application would find nothing to
     * write to.
     */
    static List<Leftover> records(Connection c, boolean control) throws SQLException {
        String needed = control
                ? "coalesce((SELECT " + NEEDED
                        + " FROM neap.unit u JOIN neap.run r ON r.id = u.run_id WHERE u.id = found.unit), false)"
                : "false";
        return Query.of(c, """
                        SELECT unit, coalesce(pg_total_relation_size(to_regclass('neap.undo_' || unit)), 0), %s, drops
                        FROM (SELECT unit, array_agg(drop ORDER BY drop) FILTER (WHERE drop IS NOT NULL) AS drops
                              FROM (SELECT substring(t.tgname from '^neap_undo_(\\d+)')::bigint AS unit,
                                           format('DROP TRIGGER IF EXISTS %%I ON %%s', t.tgname, t.tgrelid::regclass) AS drop
                                    FROM pg_trigger t
                                    WHERE t.tgname ~ '^neap_undo_\\d+(_truncate)?$' AND NOT t.tgisinternal
                                    UNION ALL
                                    SELECT substring(k.relname from '^undo_(\\d+)$')::bigint, NULL FROM pg_class k
                                    WHERE k.relnamespace = to_regnamespace('neap') AND k.relname ~ '^undo_\\d+$') AS each
                              GROUP BY unit) AS found
                        ORDER BY unit
                        """.formatted(needed)).list(r -> {
            long unit = r.getLong(1);
            List<String> drop = new ArrayList<>();
            if (r.getArray(4) != null) {
                drop.addAll(List.of((String[]) r.getArray(4).getArray()));
            }
            drop.add("DROP FUNCTION IF EXISTS neap.undo_" + unit + "()");
            drop.add("DROP TABLE IF EXISTS neap.undo_" + unit);
            drop.add("DROP SEQUENCE IF EXISTS neap.undo_" + unit + "_seq");
            boolean stays = r.getBoolean(3);
            return new Leftover(
                    "record for undo",
                    "neap.undo_" + unit,
                    r.getLong(2),
                    stays ? "its unit can be undone" : "its unit can not be undone any more",
                    !stays,
                    drop);
        });
    }

    /** Dead-man's switches that no trigger looks at, keys that were carried over, and constraints on kept partitions. */
    static List<Leftover> rest(Connection c, boolean control) throws SQLException {
        List<Leftover> all = new ArrayList<>();
        if (control) {
            all.addAll(carried(c));
            all.addAll(switches(c));
        }
        all.addAll(foreignKeys(c, control));
        return all;
    }

    private static List<Leftover> carried(Connection c) throws SQLException {
        return Query.of(c, """
                        SELECT k.relname, pg_total_relation_size(k.oid), coalesce(r.state IN ('running', 'stopped', 'failed'), false)
                        FROM pg_class k LEFT JOIN neap.unit u ON u.id = substring(k.relname from '\\d+')::bigint
                        LEFT JOIN neap.run r ON r.id = u.run_id
                        WHERE k.relnamespace = to_regnamespace('neap') AND k.relname ~ '^carried_\\d+$' AND k.relkind = 'r'
                        ORDER BY 1
                        """)
                .list(r -> of("carried keys", "neap." + r.getString(1), r.getLong(2), !r.getBoolean(3), "TABLE"));
    }

    private static List<Leftover> switches(Connection c) throws SQLException {
        return Query.of(c, """
                        SELECT k.relname, r.state IN ('running', 'stopped', 'failed') OR EXISTS (
                            SELECT FROM neap.unit u WHERE u.run_id = r.id AND to_regclass('neap.undo_' || u.id) IS NOT NULL)
                        FROM pg_class k LEFT JOIN neap.run r ON r.id = substring(k.relname from '\\d+')::bigint
                        WHERE k.relnamespace = to_regnamespace('neap') AND k.relname ~ '^undo_until_\\d+$' ORDER BY 1
                        """)
                .list(r -> of("switch for undo", "neap." + r.getString(1), 0, !r.getBoolean(2), "SEQUENCE"));
    }

    private static Leftover of(String kind, String name, long bytes, boolean due, String type) {
        return new Leftover(
                kind,
                name,
                bytes,
                due ? "nothing needs it any more" : "an undo may need it",
                due,
                List.of("DROP " + type + " IF EXISTS " + name));
    }

    /** A kept row must not stop the application from deleting what it references. */
    private static List<Leftover> foreignKeys(Connection c, boolean control) throws SQLException {
        String active = control
                ? "EXISTS (SELECT FROM neap.run r WHERE r.undoes = substring(n.nspname from '\\d+')::bigint"
                        + " AND r.state IN ('running', 'stopped', 'failed'))"
                : "false";
        return Query.of(c, """
                        SELECT n.nspname, k.relname, o.conname, %s
                        FROM pg_constraint o JOIN pg_class k ON k.oid = o.conrelid JOIN pg_namespace n ON n.oid = k.relnamespace
                        WHERE n.nspname ~ '^neap_kept_\\d+$' AND o.contype = 'f' AND o.conparentid = 0 ORDER BY 1, 2, 3
                        """.formatted(active)).list(r -> {
            String table = Names.quote(r.getString(1)) + "." + Names.quote(r.getString(2));
            return new Leftover(
                    "foreign key",
                    r.getString(3) + " on " + table,
                    0,
                    r.getBoolean(4) ? "an undo is not finished" : "its undo is over",
                    !r.getBoolean(4),
                    List.of("ALTER TABLE " + table + " DROP CONSTRAINT IF EXISTS " + Names.quote(r.getString(3))));
        });
    }
}
