package dev.neap.postgres.planning;

import dev.neap.backfill.LiveWrites;
import dev.neap.backfill.Rebuild;
import dev.neap.postgres.query.Names;
import dev.neap.preflight.Finding;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Applies the recompute once and twice to a sample of rows, and says what it saw. */
final class SampleCheck {
    static final int ROWS = 1000;
    static final int PARTITIONS = 5;

    private final Connection connection;
    private final LiveTable table;
    private final Rebuild rebuild;

    SampleCheck(Connection connection, LiveTable table, Rebuild rebuild) {
        this.connection = connection;
        this.table = table;
        this.rebuild = rebuild;
    }

    /**
     * What was seen.
     *
     * @param rows how many rows were recomputed
     * @param rowGrowth by how many bytes a recomputed row is longer, on average
     * @param changed of these rows, the share that the recompute changes, 0 to 1
     */
    record Seen(List<Finding> findings, long rows, double rowGrowth, double changed) {
        /** Nothing was recomputed. */
        static Seen nothing(List<Finding> findings) {
            return new Seen(findings, 0, 0, 0);
        }
    }

    private record Counts(long rows, long changed, long unstable, long nulls, double growth) {
        Counts plus(Counts other) {
            long all = rows + other.rows;
            double mean = all == 0 ? 0 : (growth * rows + other.growth * other.rows) / all;
            return new Counts(all, changed + other.changed, unstable + other.unstable, nulls + other.nulls, mean);
        }
    }

    /**
     * Looks at up to five of the units that have rows, spread over their order.
     *
     * @param rows rows of each unit, in the same order
     */
    Seen look(List<Leaf> units, List<Long> rows) throws SQLException {
        Counts all = new Counts(0, 0, 0, 0, 0);
        for (int i : spread(units, rows)) {
            Savepoint before = connection.setSavepoint();
            try {
                all = all.plus(counts(units.get(i), rows.get(i)));
            } catch (SQLException e) {
                connection.rollback(before);
                return Seen.nothing(List.of(fails(units.get(i), e)));
            }
        }
        return new Seen(findings(all), all.rows, all.growth, all.rows == 0 ? 0 : (double) all.changed / all.rows);
    }

    /** Spread over those that have rows, if any has. */
    private static List<Integer> spread(List<Leaf> units, List<Long> rows) {
        List<Integer> filled = IntStream.range(0, units.size())
                .filter(i -> rows.get(i) > 0)
                .boxed()
                .toList();
        return filled.isEmpty()
                ? spread(units.size())
                : spread(filled.size()).stream().map(filled::get).toList();
    }

    /** The first, the last, and some between. */
    static List<Integer> spread(int size) {
        List<Integer> places = new ArrayList<>();
        for (int i = 0; i < Math.min(size, PARTITIONS); i++) {
            places.add(size <= PARTITIONS ? i : (int) ((long) i * (size - 1) / (PARTITIONS - 1)));
        }
        return places;
    }

    private Counts counts(Leaf leaf, long rows) throws SQLException {
        Recompute recompute = new Recompute(table, rebuild);
        String sql = """
                SELECT count(*),
                       count(*) FILTER (WHERE neap_before *<> neap_once),
                       count(*) FILTER (WHERE neap_once *<> %1$s),
                       count(*) FILTER (WHERE %2$s),
                       coalesce(avg(pg_column_size(neap_once) - pg_column_size(neap_before)), 0)
                FROM (%3$s) AS twice
                """.formatted(recompute.record(), forbiddenNulls(), recompute.twice(sample(leaf, rows)));
        // A plain statement: in a prepared one the driver would read the operator ? as a parameter.
        return PlainSql.list(
                        connection,
                        sql,
                        row -> new Counts(
                                row.getLong(1), row.getLong(2), row.getLong(3), row.getLong(4), row.getDouble(5)))
                .get(0);
    }

    /** Random pages of a large partition: its first rows are its oldest, and may all be alike. */
    private static String sample(Leaf leaf, long rows) {
        String some = rows <= 20L * ROWS
                ? ""
                : " TABLESAMPLE SYSTEM (" + Math.min(100, 300.0 * ROWS / rows) + ") REPEATABLE (1)";
        return "SELECT * FROM ONLY " + Names.quote(leaf.name()) + some + " LIMIT " + ROWS;
    }

    private String forbiddenNulls() {
        List<String> nulls = table.columns().stream()
                .filter(c -> c.notNull() && rebuild.set().containsKey(c.name()))
                .map(c -> Names.quote(c.name()) + " IS NULL")
                .toList();
        return nulls.isEmpty() ? "false" : String.join(" OR ", nulls);
    }

    private List<Finding> findings(Counts seen) {
        List<Finding> findings = new ArrayList<>();
        findings.add(Finding.note(
                "recompute-sample",
                "of %,d sampled rows the recompute changes %,d".formatted(seen.rows, seen.changed),
                seen.rows == 0
                        ? "without rows, nothing could be tried"
                        : "rows that it leaves alone are copied as they are"));
        if (seen.nulls > 0) {
            findings.add(Finding.error(
                    "recompute-null",
                    "%,d of %,d sampled rows would get a null in a column of %s that refuses nulls"
                            .formatted(seen.nulls, seen.rows, table.name()),
                    "the load would fail on the first of them",
                    "make the expression in rebuild.set yield a value for every row, for example with coalesce(…)"));
        }
        if (seen.unstable > 0) {
            findings.add(twiceDiffers(seen));
        }
        return findings;
    }

    private Finding twiceDiffers(Counts seen) {
        String what = "on %,d of %,d sampled rows, recomputing twice differs from recomputing once"
                .formatted(seen.unstable, seen.rows);
        if (rebuild.alreadyRight() == null) {
            return Finding.error(
                    "already-right",
                    what,
                    "a row that is in the new form already would be transformed again",
                    "add rebuild.already_right, a predicate that is true for rows in the new form, such as"
                            + " \"version >= 2\" with \"version: 2\" in rebuild.set");
        }
        String fix = "make rebuild.already_right true for recomputed rows, for example by a version column that"
                + " rebuild.set writes";
        if (rebuild.writes() == LiveWrites.NONE && !rebuild.merges()) {
            return Finding.warning(
                    "already-right",
                    what,
                    "rebuild.already_right does not recognise a recomputed row; with writes: none each row is read once,"
                            + " but a second backfill would transform it again",
                    fix);
        }
        return Finding.error(
                "already-right",
                what,
                "rebuild.already_right does not recognise a recomputed row, so one that moves from a rebuilt partition to"
                        + " another while the run is under way would be transformed again",
                fix + "; or say writes: none when no application writes during the run");
    }

    private Finding fails(Leaf leaf, SQLException e) {
        return Finding.error(
                "recompute-fails",
                "the recompute fails on rows of " + leaf.name() + ": " + PlainSql.message(e),
                "the load would fail in the same way",
                "change the expression in rebuild.set, or rebuild.already_right, so that it works for every row");
    }
}
