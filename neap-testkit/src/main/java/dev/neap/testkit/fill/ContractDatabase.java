package dev.neap.testkit.fill;

import dev.neap.dialect.Dialect;
import dev.neap.run.Neap;
import dev.neap.run.Probe;
import dev.neap.run.RunResult;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;

/** A database for each test of a contract, and fills on it. */
abstract class ContractDatabase {
    private static final String DATABASE = "fill_contract";

    protected abstract Dialect dialect();

    protected abstract FillEngine engine();

    @BeforeEach
    void aFreshDatabase() {
        engine().createDatabase(DATABASE);
    }

    protected final Connection connect() throws SQLException {
        return engine().connect(DATABASE);
    }

    protected final Neap neap(Probe probe) {
        return new FillRuns(dialect()).neap(engine().target(DATABASE), probe);
    }

    protected final String yaml(String fill) {
        return "backfill: contract\nprofile: dev\nconnection: " + engine().url(DATABASE) + "\n" + fill + "\n";
    }

    protected final RunResult run(String fill) throws Exception {
        return run(fill, at -> {});
    }

    protected final RunResult run(String fill, Probe probe) throws Exception {
        return new FillRuns(dialect()).run(neap(probe), yaml(fill), 1, event -> {});
    }

    protected final void execute(String... statements) {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e.getMessage(), e);
        }
    }

    /** Inserts rows that are numbered from 1. */
    protected final void insert(String table, int rows, IntFunction<String> row) {
        for (int from = 1; from <= rows; from += 10_000) {
            execute(IntStream.rangeClosed(from, Math.min(rows, from + 9_999))
                    .mapToObj(row)
                    .collect(Collectors.joining(", ", "INSERT INTO " + table + " VALUES ", "")));
        }
    }

    /** The first column of every row, with blanks between. */
    protected final String rows(String query) throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            StringBuilder all = new StringBuilder();
            while (row.next()) {
                all.append(all.isEmpty() ? "" : " ").append(row.getString(1));
            }
            return all.toString();
        }
    }
}
