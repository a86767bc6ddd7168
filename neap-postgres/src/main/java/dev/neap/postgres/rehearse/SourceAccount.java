package dev.neap.postgres.rehearse;

import dev.neap.backfill.SourceRecompute;
import dev.neap.postgres.planning.LiveTable;
import dev.neap.postgres.planning.PlainSql;
import dev.neap.postgres.planning.SourceSelect;
import dev.neap.postgres.query.Names;
import dev.neap.postgres.query.Query;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The account where the rows come from other tables. What a partition holds then depends on what those tables held at
 * its swap. So each writer first takes the locks of its write, which a swap cannot pass, and looks which partitions have
 * been swapped; where it is the first to see one, no source has changed since that swap, and it puts into the account
 * what the sources yield now. Neap's own tables are not asked: another table under the partition's name is a swap.
 */
final class SourceAccount {
    private static final String SWAPPED = Account.SCHEMA + ".swapped";

    private final LiveTable table;
    private final SourceRecompute source;
    private final List<String> key;
    private final List<Part> parts;

    /**
     * A partition.
     *
     * @param name quoted
     * @param live the table that it was at the beginning
     * @param bound a condition that is false for rows of other partitions
     * @param select the recompute
     */
    private record Part(int number, String name, long live, String bound, String select) {}

    private SourceAccount(LiveTable table, SourceRecompute source, List<String> key, List<Part> parts) {
        this.table = table;
        this.source = source;
        this.key = key;
        this.parts = List.copyOf(parts);
    }

    static SourceAccount read(Connection connection, LiveTable table, SourceRecompute source, List<String> key)
            throws SQLException {
        record Leaf(String name, long oid, String bound, String condition) {}
        List<Leaf> leaves = Query.of(connection, """
                        SELECT format('%I.%I', n.nspname, c.relname), c.oid::bigint, pg_get_expr(c.relpartbound, c.oid),
                               coalesce(pg_get_partition_constraintdef(c.oid), 'true')
                        FROM pg_partition_tree(?::oid::regclass) t JOIN pg_class c ON c.oid = t.relid
                        JOIN pg_namespace n ON n.oid = c.relnamespace WHERE t.isleaf ORDER BY c.oid
                        """, table.oid())
                .list(row -> new Leaf(row.getString(1), row.getLong(2), row.getString(3), row.getString(4)));
        List<Part> parts = new ArrayList<>();
        for (Leaf leaf : leaves) {
            parts.add(new Part(
                    parts.size(),
                    leaf.name,
                    leaf.oid,
                    leaf.condition,
                    SourceSelect.of(connection, source, leaf.oid, leaf.bound)));
        }
        return new SourceAccount(table, source, key, parts);
    }

    SourceRecompute source() {
        return source;
    }

    /** What makes the bookkeeping. */
    List<String> begin() {
        List<String> sql = new ArrayList<>();
        sql.add("CREATE TABLE " + SWAPPED
                + " (part int PRIMARY KEY, name text NOT NULL, live oid NOT NULL, noted boolean NOT NULL)");
        for (Part part : parts) {
            sql.add("INSERT INTO " + SWAPPED + " VALUES (" + part.number + ", " + Names.literal(part.name) + ", "
                    + part.live + ", false)");
        }
        return sql;
    }

    /** For each partition, an INSERT of what its recompute yields into a table with the same columns. */
    List<String> fill(String into) {
        String columns = Names.list(stored());
        return parts.stream()
                .map(part -> "INSERT INTO " + into + " (" + columns + ") SELECT " + columns + " FROM "
                        + SourceSelect.table(part.select))
                .toList();
    }

    private List<String> stored() {
        return table.columns().stream()
                .filter(each -> each.generation() == null)
                .map(LiveTable.Column::name)
                .toList();
    }

    /** In the transaction of a write to the rebuilt table, before it. */
    void beforeLiveWrite(Connection connection) throws SQLException {
        PlainSql.execute(connection, "LOCK TABLE ONLY " + Names.quote(table.name()) + " IN ROW EXCLUSIVE MODE");
        noteSwaps(connection);
    }

    /** In the transaction of a write to a table that is read, before it. */
    void beforeSourceWrite(Connection connection) throws SQLException {
        String tables = source.reads().stream().map(Names::quote).sorted().collect(Collectors.joining(", "));
        PlainSql.execute(connection, "LOCK TABLE " + tables + " IN ROW EXCLUSIVE MODE");
        noteSwaps(connection);
    }

    /** Puts into the account what partitions hold that were swapped since the last look. */
    void noteSwaps(Connection connection) throws SQLException {
        // Whoever comes second waits for the first, and then finds it noted.
        List<Integer> swapped = PlainSql.list(
                connection,
                "SELECT part FROM " + SWAPPED
                        + " WHERE NOT noted AND to_regclass(name)::oid IS DISTINCT FROM live ORDER BY part FOR UPDATE",
                row -> row.getInt(1));
        note(connection, swapped);
    }

    /**
     * The same at the end, when every partition must have been swapped: one that was not must hold what the sources yield
     * all the same.
     */
    void noteAll(Connection connection) throws SQLException {
        noteSwaps(connection);
        note(
                connection,
                PlainSql.list(
                        connection,
                        "SELECT part FROM " + SWAPPED + " WHERE NOT noted ORDER BY part",
                        row -> row.getInt(1)));
    }

    private void note(Connection connection, List<Integer> numbers) throws SQLException {
        for (int part : numbers) {
            for (String sql : note(parts.get(part))) {
                PlainSql.execute(connection, sql);
            }
            PlainSql.execute(connection, "UPDATE " + SWAPPED + " SET noted = true WHERE part = " + part);
        }
    }

    private List<String> note(Part part) {
        String columns = Names.list(stored());
        String fresh = "SELECT "
                + table.columns().stream()
                        .filter(each -> each.generation() == null)
                        .map(each -> each.assigned("neap_source." + Names.quote(each.name())) + " AS "
                                + Names.quote(each.name()))
                        .collect(Collectors.joining(", "))
                + " FROM " + SourceSelect.table(part.select);
        String within = "DELETE FROM " + Account.ROWS + " AS a WHERE (" + part.bound + ")";
        String insert = "INSERT INTO " + Account.ROWS + " (" + columns + ") SELECT " + columns + " FROM ";
        if (key.isEmpty()) {
            return List.of(within, insert + "(" + fresh + ") AS fresh");
        }
        String sameKey = key.stream()
                .map(each -> "fresh." + Names.quote(each) + " = a." + Names.quote(each))
                .collect(Collectors.joining(" AND "));
        String set = stored().stream()
                .map(each -> Names.quote(each) + " = excluded." + Names.quote(each))
                .collect(Collectors.joining(", "));
        String gone = source.keeps()
                ? ""
                : ", gone AS (" + within + " AND NOT EXISTS (SELECT FROM fresh WHERE " + sameKey + "))";
        return List.of("WITH fresh AS MATERIALIZED (" + fresh + ")" + gone + "\n" + insert + "fresh ON CONFLICT ("
                + Names.list(key) + ") DO UPDATE SET " + set);
    }
}
