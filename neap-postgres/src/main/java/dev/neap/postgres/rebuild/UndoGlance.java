package dev.neap.postgres.rebuild;

import dev.neap.dialect.Undoable;
import dev.neap.postgres.query.Query;
import dev.neap.postgres.shadow.KeptFit;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Looks at many replaced partitions at once, and finds those that nothing speaks against. Of each other one {@link UndoCheck}
 * finds out what is the matter.
 */
final class UndoGlance {
    /**
     * How large a table was when it was last analyzed, with its indexes. To measure them the server opens each, which takes
     * most of the time that thousands of tables take; what is out of line no ANALYZE counts.
     */
    private static final String ABOUT = """
            CASE WHEN k.reltuples < 0 THEN pg_total_relation_size(k.oid)
                 ELSE (k.relpages + (SELECT coalesce(sum(x.relpages), 0)::bigint FROM pg_index i
                                     JOIN pg_class x ON x.oid = i.indexrelid WHERE i.indrelid = k.oid))
                      * current_setting('block_size')::bigint
                      + CASE k.reltoastrelid WHEN 0 THEN 0 ELSE pg_relation_size(k.reltoastrelid) END END""";

    /** Of a partition with more writes than this it takes its time to see whether one of them is a TRUNCATE. */
    private static final int FEW_CHANGES = 50_000;

    /**
     * A bound holds no columns, so that the server words it without its table, which it would open. A table that was never
     * truncated or rewritten has the file that it was made with.
     */
    private static final String SOUND = """
            SELECT u.id, l.oid::bigint, k.oid::bigint, {about}, recorded.changes, l.relfilenode <> l.oid
            FROM neap.unit u
            JOIN pg_class k ON k.oid = u.live_oid AND k.relname = u.partition_name
            JOIN pg_namespace kn ON kn.oid = k.relnamespace AND kn.nspname = 'neap_kept_' || u.run_id
            JOIN pg_class l ON l.oid = u.shadow_oid AND l.relname = u.partition_name
            JOIN pg_namespace ln ON ln.oid = l.relnamespace AND ln.nspname = u.schema_name
            CROSS JOIN LATERAL (SELECT to_regclass('neap.undo_' || u.id || '_seq') AS sequence OFFSET 0) AS counted
            CROSS JOIN LATERAL (
                SELECT coalesce(pg_sequence_last_value(counted.sequence), 0) AS changes OFFSET 0) AS recorded
            WHERE u.id = ANY (?::bigint[]) AND u.state = 'done' AND u.kept_until > clock_timestamp()
              AND pg_get_expr(l.relpartbound, 0) = u.bound
              AND to_regclass('neap.undo_' || u.id) IS NOT NULL
              AND counted.sequence IS NOT NULL AND recorded.changes <= {few}
              AND (SELECT count(*) FROM pg_trigger t
                   WHERE t.tgrelid = l.oid AND t.tgenabled = 'A'
                     AND t.tgname IN ('neap_undo_' || u.id, 'neap_undo_' || u.id || '_truncate')) = 2
            """.replace("{about}", ABOUT).replace("{few}", String.valueOf(FEW_CHANGES));

    private record Found(long unit, long live, long kept, long bytes, long changes, boolean otherFile) {}

    private UndoGlance() {}

    /** By the unit's id; units of which more is to be found out are missing. */
    static Map<Long, Undoable> at(Connection connection, List<Long> units) throws SQLException {
        List<Found> found = Query.of(connection, SOUND, units)
                .list(r -> new Found(
                        r.getLong(1), r.getLong(2), r.getLong(3), r.getLong(4), r.getLong(5), r.getBoolean(6)));
        Set<Long> truncated = truncated(connection, found);
        Set<Long> alike = KeptFit.alike(
                connection,
                found.stream().map(Found::live).toList(),
                found.stream().map(Found::kept).toList());
        Map<Long, Undoable> all = new HashMap<>();
        for (Found each : found) {
            if (alike.contains(each.live()) && !truncated.contains(each.unit())) {
                all.put(each.unit(), new Undoable(each.bytes(), each.changes(), null, ""));
            }
        }
        return all;
    }

    private static Set<Long> truncated(Connection connection, List<Found> found) throws SQLException {
        String each = found.stream()
                .filter(unit -> unit.changes() > 0 && unit.otherFile())
                .map(unit -> "SELECT " + unit.unit() + "::bigint WHERE EXISTS (SELECT FROM neap.undo_" + unit.unit()
                        + " WHERE op = 'T')")
                .collect(Collectors.joining("\nUNION ALL "));
        return each.isEmpty() ? Set.of() : Set.copyOf(Query.of(connection, each).list(r -> r.getLong(1)));
    }
}
