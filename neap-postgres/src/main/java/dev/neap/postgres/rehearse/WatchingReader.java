package dev.neap.postgres.rehearse;

import dev.neap.dialect.Practice;
import dev.neap.postgres.planning.PlainSql;
import dev.neap.postgres.query.SqlFailures;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Random;

/**
 * Reads the watched rows of one partition in one statement, through the table: each must be there once, and where Neap
 * swaps, all in the old form or all in the new. Every second time it reads twice under one older snapshot. Where the rows
 * come from other tables, what it saw is judged at the end.
 */
final class WatchingReader implements Practice.Traffic {
    private final Connection connection;
    private final Account account;
    private final Random random;
    private final List<Long> partitions;

    WatchingReader(Connection connection, Account account, long seed) {
        this.connection = connection;
        this.account = account;
        this.random = new Random(seed);
        try {
            this.partitions = account.key().isEmpty()
                    ? List.of()
                    : PlainSql.list(
                            connection,
                            "SELECT DISTINCT partition::bigint FROM " + Account.ANCHORS + " ORDER BY 1",
                            row -> row.getLong(1));
            connection.rollback();
        } catch (SQLException e) {
            throw SqlFailures.explain(e);
        }
    }

    @Override
    public Practice.Did once() {
        if (partitions.isEmpty()) {
            return new Practice.Did("nothing to read", false, "");
        }
        long partition = partitions.get(random.nextInt(partitions.size()));
        try {
            String wrong = "";
            if (random.nextBoolean()) {
                connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
                wrong = look(partitions.get(random.nextInt(partitions.size())));
                Thread.sleep(20);
            } else {
                connection.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
            }
            wrong = wrong.isEmpty() ? look(partition) : wrong;
            connection.commit();
            return new Practice.Did("read", true, wrong);
        } catch (SQLException e) {
            return failed(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Practice.Did("interrupted", false, "");
        }
    }

    private Practice.Did failed(SQLException e) {
        try {
            connection.rollback();
        } catch (SQLException gone) {
            throw SqlFailures.explain(gone);
        }
        return new Practice.Did("read", false, "a read failed: " + PlainSql.message(e));
    }

    private String look(long partition) throws SQLException {
        WatchedStates states = account.states();
        if (states != null) {
            return states.look(connection, partition);
        }
        String first = dev.neap.postgres.query.Names.quote(account.key().get(0));
        String form = account.form("l");
        String sql = "SELECT count(*), count(l." + first + "), count(*) FILTER (WHERE a.old <> a.new AND " + form
                + " = a.old), count(*) FILTER (WHERE a.old <> a.new AND " + form
                + " = a.new), count(*) FILTER (WHERE l."
                + first + " IS NOT NULL AND " + form + " NOT IN (a.old, a.new)), (SELECT count(*) FROM "
                + Account.ANCHORS + " WHERE partition = " + partition + ") FROM " + Account.ANCHORS + " AS a LEFT JOIN "
                + account.name() + " AS l ON " + account.sameKey("a", "l") + " WHERE a.partition = " + partition;
        return PlainSql.list(connection, sql, row -> {
                    if (row.getLong(2) == 0) {
                        return "empty partition";
                    }
                    if (row.getLong(2) < row.getLong(6)) {
                        return "missing rows";
                    }
                    if (row.getLong(1) > row.getLong(6)) {
                        return "rows twice";
                    }
                    if (row.getLong(5) > 0) {
                        return "neither the old nor the new form";
                    }
                    return !account.merges() && row.getLong(3) > 0 && row.getLong(4) > 0 ? "old and new mixed" : "";
                })
                .get(0);
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
