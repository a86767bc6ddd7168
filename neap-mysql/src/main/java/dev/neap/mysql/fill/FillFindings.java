package dev.neap.mysql.fill;

import dev.neap.backfill.Conflict;
import dev.neap.backfill.Fill;
import dev.neap.mysql.query.Names;
import dev.neap.mysql.query.OneExpression;
import dev.neap.mysql.query.Query;
import dev.neap.mysql.query.SqlFailures;
import dev.neap.preflight.Finding;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What speaks against a fill. Compiles its expressions, executes none. */
final class FillFindings {
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
        if (!texts() || !keys()) {
            return findings;
        }
        server();
        order();
        engine(tables.from());
        if (fill.inPlace()) {
            knownRight();
        } else {
            engine(tables.into());
            reads();
            filled();
            findings.addAll(KeyTypes.look(tables));
            triggers();
            cascades();
            inboundCascades();
        }
        findings.addAll(new TargetTriggers(connection, tables).look());
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
        for (List<String> bound : Arrays.asList(fill.keys().from(), fill.keys().to())) {
            if (bound != null && bound.size() != tables.key().size()) {
                error(
                        "key-bounds",
                        "fill.keys: " + bound.size() + " values, but the key has "
                                + tables.key().size() + " columns",
                        "a bound is a whole key",
                        "write one value for each of "
                                + String.join(", ", tables.walk().names()));
                return false;
            }
        }
        return true;
    }

    private void server() throws SQLException {
        if (Query.truth(connection, "SELECT @@global.read_only")) {
            error("read-only", "the server is read-only", "a fill writes", "run it on the primary");
        }
        if (Query.truth(connection, "SELECT @@global.log_bin AND @@session.binlog_format = 'STATEMENT'")) {
            error(
                    "binlog-format",
                    "binlog_format is STATEMENT",
                    "under READ COMMITTED the server refuses to log InnoDB writes by statement",
                    "SET GLOBAL binlog_format = 'MIXED', or ROW");
        }
        String refused = failure("SELECT count(*) FROM information_schema.innodb_trx");
        if (refused != null) {
            error(
                    "privileges",
                    "the user may not see other transactions: " + refused,
                    "the end of a fill waits for those that began before its last row",
                    "GRANT PROCESS ON *.* TO the user");
        }
    }

    /**
     * MariaDB 10.11.5, and some releases of its time, compare values of `uuid` in another order than they sort and index
     * them in (MDEV-31926): a part of such a key then is not what lies between its bounds, and rows would be left out.
     */
    private void order() throws SQLException {
        String low = "CAST('01000000-0000-7000-8000-000000000002' AS uuid)";
        String high = "CAST('02000000-0000-7000-8000-000000000001' AS uuid)";
        boolean trusted = tables.key().stream().noneMatch(LiveColumn::uuid)
                || Query.truth(
                        connection,
                        "SELECT (" + low + " < " + high + ") = (neap_first.id = " + low
                                + ") FROM (SELECT id FROM (SELECT "
                                + low + " AS id UNION ALL SELECT " + high
                                + ") AS neap_both ORDER BY id LIMIT 1) AS neap_first");
        if (!trusted) {
            error(
                    "uuid-order",
                    "this server compares values of uuid in another order than it sorts them in (MDEV-31926), and "
                            + tables.from().name() + " is walked along one",
                    "the parts of its key would leave out rows",
                    "update MariaDB to 10.11.6 or newer, or walk another unique key with fill.key");
        }
    }

    private void engine(LiveTable table) {
        if (!table.engine().equalsIgnoreCase("InnoDB")) {
            error(
                    "engine",
                    table.name() + " is " + table.engine() + ", not InnoDB",
                    "a batch and its checkpoint must commit together",
                    "ALTER TABLE " + Names.quote(table.name()) + " ENGINE = InnoDB");
        }
    }

    /** Whether null means that a column was not filled yet. */
    private void knownRight() throws SQLException {
        if (fill.alreadyRight() != null) {
            return;
        }
        boolean keeps = fill.conflict().rule() == Conflict.Rule.KEEP;
        for (String column : fill.set().keySet()) {
            LiveColumn live = tables.into().column(column).orElseThrow();
            if (keeps && (!live.nullable() || live.hasDefault())) {
                error(
                        "already-right",
                        "fill.set." + column + ": the column is not null or has a default, so null does not tell"
                                + " which rows are still to be filled",
                        "with conflict: keep a value that is there is left alone, and here one is always there",
                        "write already_right, a predicate that is true for rows that need nothing, such as '" + column
                                + " <> 0'");
            }
            if (!keeps && readsWhatIsSet(column)) {
                error(
                        "already-right",
                        "fill.set." + column + " reads a column that the fill sets",
                        "a row that is met twice, after its key changed or a look at the end, would be transformed twice",
                        "write already_right, a predicate that is true for rows that were transformed");
            }
        }
    }

    /** Its expression does not compile where the columns that are set are missing. */
    private boolean readsWhatIsSet(String column) throws SQLException {
        String others = tables.into().columns().stream()
                .filter(c -> !fill.set().containsKey(c.name()))
                .map(LiveColumn::quoted)
                .collect(Collectors.joining(", "));
        String alias = new Expressions(tables).alias();
        return failure("EXPLAIN SELECT (" + fill.set().get(column) + "\n) FROM (SELECT " + others + " FROM "
                        + Names.quote(tables.into().name()) + ") AS " + alias)
                != null;
    }

    /** What Neap wrote is known by what it makes of a row as it was, and so of nothing else. */
    private void reads() {
        if (!fill.reads().isEmpty()) {
            error(
                    "reads",
                    "fill.reads: another table is filled from more than the walked row",
                    "on MariaDB a row is known as the fill's own by what the fill makes of its source; what other tables"
                            + " held then is not known any more",
                    "leave fill.reads out; this is not done on MariaDB yet");
        }
    }

    /** Columns of the target that would have no value. */
    private void filled() {
        for (LiveColumn column : tables.into().columns()) {
            boolean valued = column.nullable()
                    || column.hasDefault()
                    || column.counted()
                    || column.generated()
                    || fill.set().containsKey(column.name());
            if (!valued) {
                error(
                        "not-null-column",
                        tables.into().name() + "." + column.name() + " is not null, has no default, and is not set",
                        "every row would be refused",
                        "set it in fill.set, give it a default, or let it be null until the fill is done");
            }
        }
    }

    private void triggers() throws SQLException {
        boolean trusted = Query.truth(
                connection,
                "SELECT NOT @@global.log_bin OR @@global.log_bin_trust_function_creators OR EXISTS (SELECT 1 FROM"
                        + " information_schema.user_privileges WHERE privilege_type = 'SUPER' AND grantee ="
                        + " concat('''', replace(current_user(), '@', '''@'''), ''''))");
        if (!trusted) {
            error(
                    "log-bin-trust",
                    "the server writes a binary log, log_bin_trust_function_creators is off, and the user lacks SUPER",
                    "the server then refuses the triggers that capture what the application writes",
                    "SET GLOBAL log_bin_trust_function_creators = 1 for the time of the fill");
        }
        findings.add(Finding.warning(
                "not-captured",
                "TRUNCATE of " + tables.from().name() + ", and ALTER TABLE that drops or renames a column of it",
                "no trigger sees the one, and the other makes the application's writes fail while the triggers are there",
                "do neither before the fill has ended"));
    }

    /** InnoDB changes rows by a cascade without any trigger. */
    private void cascades() throws SQLException {
        for (String name : Query.texts(
                connection,
                "SELECT constraint_name FROM information_schema.referential_constraints WHERE constraint_schema = "
                        + Names.literal(tables.from().name().schema()) + " AND table_name = "
                        + Names.literal(tables.from().name().name())
                        + " AND (delete_rule IN ('CASCADE', 'SET NULL') OR update_rule IN ('CASCADE', 'SET NULL'))")) {
            error(
                    "cascade",
                    "the foreign key " + name + " of " + tables.from().name()
                            + " changes or deletes its rows by a cascade",
                    "no trigger sees a cascade, so rows that it deletes would stay in "
                            + tables.into().name(),
                    "let the application delete them by itself for the time of the fill, with ON DELETE RESTRICT");
        }
    }

    /** A copy that goes because its source has gone takes with it what cascades. */
    private void inboundCascades() throws SQLException {
        List<String> cascading = Query.texts(
                connection,
                "SELECT concat(constraint_name, ' on ', table_name, ' (ON DELETE ', delete_rule, ')')"
                        + " FROM information_schema.referential_constraints WHERE unique_constraint_schema = "
                        + Names.literal(tables.into().name().schema()) + " AND referenced_table_name = "
                        + Names.literal(tables.into().name().name())
                        + " AND delete_rule IN ('CASCADE', 'SET NULL') ORDER BY 1 LIMIT 5");
        if (!cascading.isEmpty()) {
            findings.add(Finding.warning(
                    "inbound-foreign-keys",
                    "deleting a row of " + tables.into().name() + " changes others: " + String.join(", ", cascading),
                    "where the application deletes a row of " + tables.from().name()
                            + " that the fill had copied, Neap deletes the copy, and with it what refers to it",
                    "nothing, if these rows go with it in the application too; otherwise make the foreign key ON DELETE"
                            + " RESTRICT for the time of the run"));
        }
    }

    private void compiles() throws SQLException {
        Expressions user = new Expressions(tables);
        String failure =
                failure("EXPLAIN SELECT " + user.values() + " FROM " + user.from() + " WHERE " + user.wanted());
        if (failure != null) {
            error(
                    "expressions",
                    "the statement of a batch does not compile: " + failure,
                    "each expression stands over a row of " + tables.from().name(),
                    "correct fill.set, fill.where or fill.already_right; a column is written with the table's bare name"
                            + " or with none");
        }
    }

    /** What the server says against a statement; null when nothing. */
    private @Nullable String failure(String sql) throws SQLException {
        try {
            Query.list(connection, sql, row -> true);
            return null;
        } catch (SQLException e) {
            if (SqlFailures.state(e).startsWith("08")) {
                throw e;
            }
            return SqlFailures.words(e);
        }
    }

    private void error(String check, String what, String why, String fix) {
        findings.add(Finding.error(check, what, why, fix));
    }
}
