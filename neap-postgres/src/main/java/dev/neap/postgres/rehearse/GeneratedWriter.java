package dev.neap.postgres.rehearse;

import dev.neap.dialect.Practice;
import dev.neap.postgres.planning.LiveTable;
import dev.neap.postgres.planning.PlainSql;
import dev.neap.postgres.query.Names;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * An application made up for a table: rows like those that are there, under new keys or with values of each other. Each
 * write and its note in the account are one transaction.
 */
final class GeneratedWriter implements Practice.Traffic {
    private static final String NUMBER = Names.quote(Account.NUMBER);
    private static final String WATCHED = Names.quote(Account.WATCHED);

    private final Connection connection;
    private final Account account;
    private final Random random;
    private final List<Operation> operations = new ArrayList<>();

    /** Writes from the row of this number in the account; how many rows of the table it hit. */
    private interface Write {
        int apply(long row, long other) throws SQLException;
    }

    private record Operation(String kind, Write write) {}

    GeneratedWriter(Connection connection, Account account, long seed) {
        this.connection = connection;
        this.account = account;
        this.random = new Random(seed);
        if (account.writable()) {
            choose();
        }
    }

    private void choose() {
        operations.add(new Operation("delete", (row, other) -> deleteRow(row)));
        operations.add(new Operation("delete and insert", (row, other) -> deleteAndInsert(row)));
        if (account.key().stream().anyMatch(each -> fresh(each) != null)) {
            operations.add(new Operation("insert", this::insert));
            operations.add(new Operation("insert", this::insert));
        }
        List<String> besides = account.besides();
        if (!besides.isEmpty()) {
            operations.add(new Operation("update", (row, other) -> update(row, other, besides, false)));
        }
        List<String> recomputed = account.recomputed();
        if (account.recomputedAreFree()) {
            operations.add(new Operation("update", (row, other) -> update(row, other, recomputed, true)));
            operations.add(new Operation("update", (row, other) -> update(row, other, recomputed, true)));
        }
        boolean apart = account.placing().stream().noneMatch(account.inputs()::contains)
                && account.placing().stream().allMatch(account.stored()::contains);
        if (apart && !account.placing().isEmpty()) {
            List<String> placing = List.copyOf(account.placing());
            operations.add(new Operation("move", (row, other) -> update(row, other, placing, false)));
        }
    }

    @Override
    public Practice.Did once() {
        if (operations.isEmpty()) {
            return new Practice.Did("nothing to write", false, "");
        }
        Operation operation = operations.get(random.nextInt(operations.size()));
        try {
            account.beforeWrite(connection);
            Long row = row();
            Long other = row();
            int hit = row == null || other == null ? -1 : operation.write.apply(row, other);
            if (hit == -1) {
                connection.rollback();
                return new Practice.Did("nothing to write", false, "");
            }
            if (hit != 1) {
                connection.rollback();
                return new Practice.Did(
                        operation.kind, false, "a committed row was found " + hit + " times by a writer");
            }
            connection.commit();
            return new Practice.Did(operation.kind, true, "");
        } catch (SQLException e) {
            return Refusals.of(connection, e);
        }
    }

    /** A random row of the account that no reader watches, locked. */
    private @Nullable Long row() throws SQLException {
        List<Long> found = PlainSql.list(
                connection,
                "SELECT " + NUMBER + " FROM " + Account.ROWS + " WHERE " + WATCHED + " IS NULL AND " + NUMBER
                        + " >= (SELECT floor(" + random.nextDouble() + " * max(" + NUMBER + ")) FROM " + Account.ROWS
                        + ") ORDER BY " + NUMBER + " LIMIT 1 FOR UPDATE SKIP LOCKED",
                row -> row.getLong(1));
        return found.isEmpty() ? null : found.get(0);
    }

    private int insert(long row, long other) throws SQLException {
        String values = account.stored().stream()
                .map(each -> {
                    String made = account.key().contains(each) ? fresh(each) : null;
                    return made == null ? account.written(each) : made;
                })
                .collect(Collectors.joining(", "));
        return copy(values, row);
    }

    private int copy(String values, long row) throws SQLException {
        String columns = Names.list(account.stored());
        return count(
                "WITH made AS (INSERT INTO " + account.name() + " (" + columns + ") OVERRIDING SYSTEM VALUE SELECT "
                        + values + " FROM " + Account.ROWS + " AS live WHERE " + NUMBER + " = " + row + " RETURNING *)"
                        + " INSERT INTO " + Account.ROWS + " (" + columns + ") SELECT " + columns + " FROM made");
    }

    private int deleteRow(long row) throws SQLException {
        int hit = count("DELETE FROM " + account.name() + " AS l USING " + Account.ROWS + " AS a WHERE a." + NUMBER
                + " = " + row + " AND " + account.sameKey("l", "a"));
        count("DELETE FROM " + Account.ROWS + " WHERE " + NUMBER + " = " + row);
        return hit;
    }

    private int deleteAndInsert(long row) throws SQLException {
        int hit = count("DELETE FROM " + account.name() + " AS l USING " + Account.ROWS + " AS a WHERE a." + NUMBER
                + " = " + row + " AND " + account.sameKey("l", "a"));
        if (hit != 1) {
            return hit;
        }
        String columns = Names.list(account.stored());
        String values = account.stored().stream().map(account::written).collect(Collectors.joining(", "));
        String set = account.stored().stream()
                .map(each -> Names.quote(each) + " = made." + Names.quote(each))
                .collect(Collectors.joining(", "));
        return count("WITH made AS (INSERT INTO " + account.name() + " (" + columns
                + ") OVERRIDING SYSTEM VALUE SELECT "
                + values + " FROM " + Account.ROWS + " AS live WHERE " + NUMBER + " = " + row + " RETURNING *)"
                + " UPDATE " + Account.ROWS + " AS a SET " + set + " FROM made WHERE a." + NUMBER + " = " + row);
    }

    /**
     * Gives a row some values of another.
     *
     * @param whole whether they are everything that the recompute reads and writes, in the form that is written by now
     */
    private int update(long row, long other, List<String> columns, boolean whole) throws SQLException {
        if (row == other) {
            return -1;
        }
        String from = columns.stream()
                .map(each -> (whole ? account.written(each) : "live." + Names.quote(each)) + " AS " + Names.quote(each))
                .collect(Collectors.joining(", "));
        String set = columns.stream()
                .map(each -> Names.quote(each) + " = o." + Names.quote(each))
                .collect(Collectors.joining(", "));
        // The last write of all columns that are recomputed; of the others, only what was given.
        String noted = columns.stream()
                .map(each -> Names.quote(each) + " = made." + Names.quote(each))
                .collect(Collectors.joining(", "));
        String returned = columns.stream().map(each -> "l." + Names.quote(each)).collect(Collectors.joining(", "));
        String sql = "WITH o AS (SELECT " + from + " FROM " + Account.ROWS + " AS live WHERE " + NUMBER + " = " + other
                + "), made AS (UPDATE " + account.name() + " AS l SET " + set + " FROM o, " + Account.ROWS
                + " AS a WHERE a." + NUMBER + " = " + row + " AND " + account.sameKey("l", "a") + " RETURNING "
                + returned
                + ") UPDATE " + Account.ROWS + " AS n SET " + noted + " FROM made WHERE n." + NUMBER + " = " + row;
        return count(sql);
    }

    private int count(String sql) throws SQLException {
        try (var statement = connection.createStatement()) {
            statement.setEscapeProcessing(false);
            return statement.executeUpdate(sql);
        }
    }

    /** A value that no row has yet, for a column of the key; null where none can be made, or rows are placed by it. */
    private @Nullable String fresh(String column) {
        if (account.placing().contains(column)) {
            return null;
        }
        LiveTable.Column found = account.table().column(column).orElseThrow();
        String next = "nextval('" + Account.SCHEMA + ".fresh')";
        String type = found.type();
        if (type.equals("uuid")) {
            return "gen_random_uuid()";
        }
        if (type.equals("integer") || type.equals("bigint") || type.startsWith("numeric")) {
            String most = "(SELECT coalesce(max(" + Names.quote(column) + "), 0) FROM " + Account.ROWS + ")";
            return type.startsWith("numeric") ? most + " + 1" : "(" + most + " + " + next + " % 1000 + 1)::" + type;
        }
        return type.startsWith("character varying") || type.equals("text") ? "(" + next + ")::text" : null;
    }

    @Override
    public void close() {
        try {
            connection.close();
        } catch (SQLException e) {
            // The server ends the session.
            return;
        }
    }
}
