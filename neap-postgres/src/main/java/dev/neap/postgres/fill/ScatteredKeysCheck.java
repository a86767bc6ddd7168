package dev.neap.postgres.fill;

import dev.neap.postgres.planning.LiveTable;
import dev.neap.postgres.planning.MaskedSql;
import dev.neap.postgres.query.Names;
import dev.neap.postgres.query.Query;
import dev.neap.postgres.shadow.KeyColumn;
import dev.neap.preflight.Finding;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** Rows that lie elsewhere than next to those with the next keys: each one is a page of its own to read. */
final class ScatteredKeysCheck implements FillCheck {
    /** Below this the table is read once and stays in memory. */
    private static final long ROWS = 1_000_000;

    private static final double SCATTERED = 0.5;

    @Override
    public List<Finding> look(FillSubject subject) throws SQLException {
        LiveTable from = subject.tables().from();
        if (FillPlanner.rows(subject.connection(), subject.tables()) < ROWS) {
            return List.of();
        }
        Optional<Double> correlation = Query.of(
                        subject.connection(),
                        "SELECT abs(correlation) FROM pg_catalog.pg_stats"
                                + " WHERE schemaname = ? AND tablename = ? AND attname = ? AND NOT inherited"
                                + " AND correlation IS NOT NULL",
                        from.name().schema(),
                        from.name().name(),
                        subject.tables().key().get(0).name())
                .first(row -> row.getDouble(1));
        if (correlation.isEmpty() || correlation.get() >= SCATTERED) {
            return List.of();
        }
        return List.of(Finding.warning(
                "covering-index",
                "the rows of " + from.name() + " do not lie in the order of the key: their correlation is "
                        + "%.2f".formatted(correlation.get()),
                "a batch of 1,000 rows reads up to 1,000 pages, most of them from disk where the table does not fit in"
                        + " memory",
                covering(subject)));
    }

    /** What a walk reads, if the server need not look at the rows themselves. */
    private static String covering(FillSubject subject) {
        LiveTable from = subject.tables().from();
        List<String> key = subject.tables().key().stream().map(KeyColumn::name).toList();
        List<String> read = from.columns().stream()
                .map(LiveTable.Column::name)
                .filter(column -> !key.contains(column))
                .filter(column -> subject.texts().values().stream().anyMatch(sql -> mentions(sql, column)))
                .toList();
        String more = "pace.rate low enough for the disk";
        return read.isEmpty()
                ? "keep " + more
                : "CREATE INDEX CONCURRENTLY ON " + from.name().sql() + " (" + Names.list(key) + ") INCLUDE ("
                        + Names.list(read) + "), VACUUM, and fill; or " + more;
    }

    private static boolean mentions(String sql, String column) {
        return sql.contains(Names.quote(column))
                || Pattern.compile("(?<![\\w$])" + Pattern.quote(column) + "(?![\\w$])", Pattern.CASE_INSENSITIVE)
                        .matcher(MaskedSql.of(sql))
                        .find();
    }
}
