package dev.neap.postgres.fill;

import dev.neap.backfill.Conflict;
import dev.neap.backfill.Fill;
import dev.neap.postgres.planning.LiveTable;
import dev.neap.postgres.planning.OneExpression;
import dev.neap.postgres.planning.PlainSql;
import dev.neap.postgres.query.Names;
import dev.neap.postgres.query.Query;
import dev.neap.preflight.Finding;
import dev.neap.transform.Schema;
import dev.neap.transform.TransformSource;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What speaks against a fill. Compiles its statements, executes none. */
final class FillFindings {
    /** Of no run: nothing of it is executed. */
    private static final FillNames NAMES = new FillNames(0, 1);

    private final Connection connection;
    private final FillTables tables;
    private final Fill fill;
    private final List<Finding> findings = new ArrayList<>();

    FillFindings(Connection connection, FillTables tables) {
        this.connection = connection;
        this.tables = tables;
        this.fill = tables.fill();
    }

    List<Finding> look() throws SQLException {
        TransformSource transform = fill.transform();
        if (transform != null) {
            findings.addAll(new TransformCheck(connection, transform).look(tables));
        }
        if (!findings.isEmpty() || !texts() || !keys()) {
            return findings;
        }
        privileges();
        if (fill.inPlace()) {
            knownRight();
        } else {
            filled();
            found();
        }
        compiles();
        return findings;
    }

    private boolean texts() {
        fill.set().forEach((column, sql) -> text("fill.set." + column, sql));
        text("fill.where", fill.where());
        text("fill.already_right", fill.alreadyRight());
        return findings.isEmpty();
    }

    private void text(String where, @Nullable String sql) {
        if (sql == null) {
            return;
        }
        OneExpression.objection(sql)
                .ifPresent(objection -> error(
                        "one-expression",
                        where + " is not one SQL expression: " + objection,
                        "it is put between parentheses, and must stay there",
                        "write one expression over the row's columns, such as lower(email)"));
    }

    private boolean keys() {
        for (List<String> bound : new ArrayList<>(
                java.util.Arrays.asList(fill.keys().from(), fill.keys().to()))) {
            if (bound != null && bound.size() != tables.key().size()) {
                error(
                        "key-bounds",
                        "fill.keys: " + bound.size() + " values, but the key has "
                                + tables.key().size() + " columns",
                        "a bound is a whole key",
                        "write one value for each of "
                                + tables.key().stream().map(k -> k.name()).collect(Collectors.joining(", ")));
                return false;
            }
        }
        return true;
    }

    private void privileges() throws SQLException {
        privilege(tables.from(), fill.inPlace() ? "SELECT, UPDATE" : "SELECT, TRIGGER");
        if (!fill.inPlace()) {
            privilege(tables.into(), "SELECT, INSERT, UPDATE, DELETE");
        }
    }

    private void privilege(LiveTable table, String wanted) throws SQLException {
        for (String one : wanted.split(", ", -1)) {
            if (!Query.of(connection, "SELECT has_table_privilege(?::oid, ?)", table.oid(), one)
                    .truth()) {
                error(
                        "privileges",
                        "the role may not " + one + " on " + table.name(),
                        "the fill needs it",
                        "GRANT " + one + " ON " + table.name().sql() + " TO the role");
            }
        }
    }

    /** Whether null means that a column was not filled yet. */
    private void knownRight() throws SQLException {
        if (fill.alreadyRight() != null) {
            return;
        }
        boolean keeps = fill.conflict().rule() == Conflict.Rule.KEEP;
        for (String column : fill.columns()) {
            boolean always =
                    Query.of(connection, """
                            SELECT a.attnotnull OR a.atthasdef FROM pg_attribute a
                            WHERE a.attrelid = ?::oid AND a.attname = ?
                            """, tables.into().oid(), column).truth();
            if (keeps && always) {
                error(
                        "already-right",
                        set(column) + ": the column is not null or has a default, so null does not tell"
                                + " which rows are still to be filled",
                        "with conflict: keep a value that is there is left alone, and here one is always there",
                        "write already_right, a predicate that is true for rows that need nothing, such as '" + column
                                + " <> 0'");
            }
            if (!keeps && readsWhatIsSet(column)) {
                error(
                        "already-right",
                        set(column) + " reads a column that the fill sets",
                        "a row that is met twice, after its key changed or a look at the end, would be transformed twice",
                        "write already_right, a predicate that is true for rows that were transformed");
            }
        }
    }

    /** What sets a column. */
    private String set(String column) {
        TransformSource transform = fill.transform();
        return transform == null
                ? "fill.set." + column
                : transform.place() + transform.name() + ", which writes " + column;
    }

    /** Its expression does not compile where the columns that are set are missing. */
    private boolean readsWhatIsSet(String column) throws SQLException {
        TransformSource transform = fill.transform();
        if (transform != null) {
            return transform.schema().reads().stream().map(Schema.Column::name).anyMatch(fill.columns()::contains);
        }
        String others = tables.into().columns().stream()
                .map(LiveTable.Column::name)
                .filter(c -> !fill.set().containsKey(c))
                .map(Names::quote)
                .collect(Collectors.joining(", "));
        String sql = "EXPLAIN SELECT (" + fill.set().get(column) + "\n) FROM (SELECT " + others + " FROM "
                + Names.quote(tables.into().name()) + ") AS "
                + Names.quote(tables.into().name().name());
        return failure(sql) != null;
    }

    /** Columns of the target that would have no value. */
    private void filled() throws SQLException {
        List<String> without =
                Query.of(connection, """
                        SELECT attname FROM pg_attribute WHERE attrelid = ?::oid AND attnum > 0 AND NOT attisdropped
                          AND attnotnull AND NOT atthasdef AND attidentity = '' AND attgenerated = ''
                          AND attname <> ALL (?::text[]) ORDER BY attnum
                        """, tables.into().oid(), fill.columns()).texts();
        for (String column : without) {
            error(
                    "not-null-column",
                    tables.into().name() + "." + column + " is not null, has no default, and is not set",
                    "every row would be refused",
                    "set it, give it a default, or let it be null until the fill is done");
        }
    }

    /** What was written is found again by the key that it came from. */
    private void found() throws SQLException {
        boolean indexed = Query.of(connection, """
                        SELECT array_agg(a.attname::text ORDER BY k.place) FROM pg_index x
                        CROSS JOIN LATERAL unnest(x.indkey::smallint[]) WITH ORDINALITY AS k(attnum, place)
                        JOIN pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = k.attnum
                        WHERE x.indrelid = ?::oid AND x.indisvalid AND x.indpred IS NULL AND k.place <= x.indnkeyatts
                        GROUP BY x.indexrelid
                        """, tables.into().oid())
                .list(r -> List.of((String[]) r.getArray(1).getArray()))
                .stream()
                .anyMatch(columns -> columns.size() >= tables.carried().size()
                        && new HashSet<>(columns.subList(0, tables.carried().size()))
                                .equals(new HashSet<>(tables.carried())));
        if (!indexed) {
            error(
                    "key-index",
                    "no index of " + tables.into().name() + " begins with " + String.join(", ", tables.carried()),
                    "rows that the application changes meanwhile are found again by it; without one each look reads the"
                            + " whole table",
                    "CREATE INDEX CONCURRENTLY ON " + tables.into().name().sql() + " (" + Names.list(tables.carried())
                            + ")");
        }
    }

    private void compiles() throws SQLException {
        String failure = failure("EXPLAIN " + new WalkSql(tables, NAMES).compiled());
        if (failure != null) {
            error(
                    "expressions",
                    "the statement of a batch does not compile: " + failure,
                    "each expression stands over a row of " + tables.from().name(),
                    "correct fill.set, fill.where or fill.already_right");
            return;
        }
        String alone = fill.inPlace() || fill.transform() != null
                ? null
                : failure("EXPLAIN " + new ReconcileSql(tables, NAMES).fromWas("'{}'::jsonb"));
        if (alone != null) {
            error(
                    "expressions",
                    "fill.set does not compile over a single row: " + alone,
                    "a row that was changed meanwhile is looked at as it was before",
                    "write the columns of " + tables.from().name() + " without its schema");
        }
    }

    /** What the server says against a statement; null when nothing. */
    private @Nullable String failure(String sql) throws SQLException {
        Savepoint before = connection.setSavepoint();
        try {
            PlainSql.list(connection, sql, row -> row.getString(1));
            return null;
        } catch (SQLException e) {
            connection.rollback(before);
            return PlainSql.message(e);
        }
    }

    private void error(String check, String what, String why, String fix) {
        findings.add(Finding.error(check, what, why, fix));
    }
}
