package dev.neap.postgres.rehearse;

import dev.neap.backfill.Backfill;
import dev.neap.dialect.NeapException;
import dev.neap.dialect.Practice;
import dev.neap.postgres.planning.LiveTable;
import dev.neap.postgres.planning.PlainSql;
import dev.neap.postgres.query.Names;
import dev.neap.postgres.query.SqlFailures;
import dev.neap.rehearse.Compared;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A rehearsal's account in a PostgreSQL database. */
public final class PostgresPractice implements Practice {
    private final Sessions sessions;
    private final Backfill backfill;
    private @Nullable Account account;
    private List<Exchanges.Column> exchanges = List.of();

    /** Where a session comes from. */
    @FunctionalInterface
    public interface Sessions {
        /** A session in autocommit, closed by who asked for it. */
        Connection open() throws SQLException;
    }

    public PostgresPractice(Sessions sessions, Backfill backfill) {
        this.sessions = sessions;
        this.backfill = backfill;
    }

    @Override
    public void begin() {
        try (Connection connection = sessions.open()) {
            Account read = Account.read(connection, backfill.rebuild());
            for (String sql : read.begin()) {
                PlainSql.execute(connection, sql);
            }
            SourceAccount sources = read.sources();
            if (sources != null) {
                exchanges = Exchanges.tried(connection, read, sources);
            }
            account = read;
        } catch (SQLException e) {
            throw failed(
                    "the rehearsal cannot begin, for the recompute fails on a copied row or its rows cannot be noted",
                    e);
        }
    }

    private Account account() {
        if (account == null) {
            throw new IllegalStateException("it has not begun");
        }
        return account;
    }

    @Override
    public Traffic writer(long seed) {
        SourceAccount sources = account().sources();
        if (sources != null && account().written() && seed % 2 == 0) {
            return new SourceWriter(application(), sources, exchanges, seed);
        }
        return new GeneratedWriter(application(), account(), seed);
    }

    @Override
    public Traffic reader(long seed) {
        return new WatchingReader(application(), account(), seed);
    }

    private Connection application() {
        try {
            Connection connection = sessions.open();
            PlainSql.execute(connection, "SET lock_timeout = 0");
            PlainSql.execute(connection, "SET statement_timeout = '60s'");
            connection.setAutoCommit(false);
            return connection;
        } catch (SQLException e) {
            throw SqlFailures.explain(e);
        }
    }

    @Override
    public Compared compare() {
        Account read = account();
        try (Connection connection = sessions.open()) {
            if (read.sources() != null) {
                read.sources().noteAll(connection);
            }
            for (String sql : read.expect()) {
                PlainSql.execute(connection, sql);
            }
            return read.key().isEmpty() ? wholeRows(connection, read) : byKey(connection, read);
        } catch (SQLException e) {
            throw failed("the recompute fails on a row", e);
        }
    }

    @Override
    public Map<String, Long> wrongReads() {
        WatchedStates states = account().states();
        if (states == null) {
            return Map.of();
        }
        try (Connection connection = sessions.open()) {
            return states.wrong(connection);
        } catch (SQLException e) {
            throw SqlFailures.explain(e);
        }
    }

    private static Compared byKey(Connection connection, Account account) throws SQLException {
        List<LiveTable.Column> columns = account.compared();
        String first = Names.quote(account.key().get(0));
        String both = "l." + first + " IS NOT NULL AND e." + first + " IS NOT NULL";
        String each = columns.stream()
                .map(column -> "count(*) FILTER (WHERE " + both + " AND " + differs(column) + ")")
                .collect(Collectors.joining(",\n"));
        String any = columns.stream().map(PostgresPractice::differs).collect(Collectors.joining(" OR "));
        String sql = "SELECT count(*) FILTER (WHERE l." + first + " IS NULL), count(*) FILTER (WHERE e." + first
                + " IS NULL), count(*) FILTER (WHERE " + both + " AND (" + any + ")), (SELECT count(*) FROM "
                + Account.EXPECTED + "), (SELECT count(*) FROM " + account.name() + "),\n" + each + "\nFROM "
                + Account.EXPECTED + " AS e FULL JOIN " + account.name() + " AS l ON " + account.sameKey("e", "l");
        return PlainSql.list(connection, sql, row -> compared(row, columns)).get(0);
    }

    private static String differs(LiveTable.Column column) {
        return "e." + Names.quote(column.name()) + "::text IS DISTINCT FROM l." + Names.quote(column.name()) + "::text";
    }

    private static Compared compared(ResultSet row, List<LiveTable.Column> columns) throws SQLException {
        Map<String, Long> differing = new TreeMap<>();
        for (int i = 0; i < columns.size(); i++) {
            long count = row.getLong(6 + i);
            if (count > 0) {
                differing.put(columns.get(i).name(), count);
            }
        }
        long missing = row.getLong(1);
        // A key that is there twice meets the expected row twice: the counts tell.
        long twice = Math.max(0, row.getLong(5) - (row.getLong(4) - missing) - row.getLong(2));
        return new Compared(row.getLong(4), missing, row.getLong(2) + twice, row.getLong(3), differing);
    }

    private static Compared wholeRows(Connection connection, Account account) throws SQLException {
        String names = account.table().columns().stream()
                .map(each -> Names.quote(each.name()))
                .collect(Collectors.joining(", "));
        String expected = "SELECT ROW(" + names + ")::text FROM " + Account.EXPECTED;
        String live = "SELECT ROW(" + names + ")::text FROM " + account.name();
        String sql = "SELECT (SELECT count(*) FROM " + Account.EXPECTED + "), (SELECT count(*) FROM (" + expected
                + " EXCEPT ALL " + live + ") AS m), (SELECT count(*) FROM (" + live + " EXCEPT ALL " + expected
                + ") AS x)";
        return PlainSql.list(
                        connection,
                        sql,
                        row -> new Compared(row.getLong(1), row.getLong(2), row.getLong(3), 0, Map.of()))
                .get(0);
    }

    private static NeapException failed(String what, SQLException e) {
        return new NeapException(NeapException.Kind.UNIT, what + ": " + PlainSql.message(e), e);
    }
}
