package dev.neap.postgres.rehearse;

import dev.neap.backfill.TableName;
import dev.neap.dialect.Practice;
import dev.neap.postgres.planning.PlainSql;
import dev.neap.postgres.query.Names;
import dev.neap.postgres.query.Query;
import dev.neap.postgres.query.SqlFailures;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * An application made up for the tables that a recompute reads; nobody else writes them. It exchanges values between
 * rows, writes what is there once more, and deletes and inserts a row in one transaction: so the recompute yields rows
 * that the rebuilt table takes, whenever it looks.
 */
final class SourceWriter implements Practice.Traffic {
    private final Connection connection;
    private final SourceAccount sources;
    private final Random random;
    private final List<Operation> operations = new ArrayList<>();

    /** Makes a statement from the places of two rows. */
    private interface Write {
        String sql(String row, String other);
    }

    private record Operation(String kind, TableName table, Write write) {}

    SourceWriter(Connection connection, SourceAccount sources, List<Exchanges.Column> free, long seed) {
        this.connection = connection;
        this.sources = sources;
        this.random = new Random(seed);
        try {
            for (TableName table : sources.source().reads()) {
                choose(table);
            }
            connection.rollback();
        } catch (SQLException e) {
            throw SqlFailures.explain(e);
        }
        for (Exchanges.Column column : free) {
            Operation exchange =
                    new Operation("exchange in a source", column.table(), (row, other) -> exchange(column, row, other));
            operations.add(exchange);
            operations.add(exchange);
        }
    }

    private void choose(TableName table) throws SQLException {
        String name = Names.quote(table);
        List<String> stored = Query.of(connection, """
                        SELECT attname FROM pg_attribute WHERE attrelid = ?::regclass AND attnum > 0
                          AND NOT attisdropped AND attgenerated = '' ORDER BY attidentity = 'a', attnum
                        """, name).texts();
        String columns = Names.list(stored);
        String first = Names.quote(stored.get(0));
        operations.add(new Operation(
                "update in a source",
                table,
                (row, other) -> "UPDATE " + name + " SET " + first + " = " + first + " WHERE ctid = '" + row + "'"));
        // A row that is referenced cannot go, or would take others along.
        boolean referenced = Query.of(
                        connection,
                        "SELECT EXISTS (SELECT FROM pg_constraint WHERE confrelid = ?::regclass AND contype = 'f')",
                        name)
                .truth();
        if (!referenced) {
            operations.add(new Operation(
                    "delete and insert in a source",
                    table,
                    (row, other) -> "WITH gone AS (DELETE FROM " + name + " WHERE ctid = '" + row + "' RETURNING "
                            + columns + ") INSERT INTO " + name + " (" + columns + ") OVERRIDING SYSTEM VALUE SELECT "
                            + columns + " FROM gone"));
        }
    }

    private static String exchange(Exchanges.Column column, String row, String other) {
        String table = Names.quote(column.table());
        String name = Names.quote(column.name());
        return "UPDATE " + table + " AS one SET " + name + " = other." + name + " FROM " + table
                + " AS other WHERE one.ctid = '" + row + "' AND other.ctid = '" + other + "' OR one.ctid = '" + other
                + "' AND other.ctid = '" + row + "'";
    }

    @Override
    public Practice.Did once() {
        Operation operation = operations.get(random.nextInt(operations.size()));
        try {
            List<String> rows = PlainSql.list(
                    connection,
                    "SELECT ctid FROM " + Names.quote(operation.table) + " ORDER BY random() LIMIT 2",
                    row -> row.getString(1));
            if (rows.size() < 2) {
                connection.rollback();
                return new Practice.Did("nothing to write", false, "");
            }
            sources.beforeSourceWrite(connection);
            PlainSql.execute(connection, operation.write.sql(rows.get(0), rows.get(1)));
            connection.commit();
            return new Practice.Did(operation.kind, true, "");
        } catch (SQLException e) {
            return Refusals.of(connection, e);
        }
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
