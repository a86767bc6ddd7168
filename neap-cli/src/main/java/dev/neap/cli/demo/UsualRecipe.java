package dev.neap.cli.demo;

import dev.neap.cli.server.OwnServer;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** The often-copied recipe: for each partition LIKE, INSERT … SELECT, DETACH, ATTACH, each by itself. */
final class UsualRecipe implements Way {
    private static final int ATTEMPTS = 20;

    private final OwnServer server;
    private int retries;

    UsualRecipe(OwnServer server) {
        this.server = server;
    }

    @Override
    public String name() {
        return "usual recipe";
    }

    @Override
    public String how() {
        return "per partition: CREATE TABLE … LIKE INCLUDING ALL, INSERT … SELECT, DETACH, ATTACH";
    }

    @Override
    public Outcome rebuild(String database, Application application) throws SQLException {
        Bank bank = application.ledger().bank();
        List<Integer> newestFirst = new ArrayList<>(bank.indexes());
        Collections.reverse(newestFirst);
        long start = System.nanoTime();
        try (Connection connection = DriverManager.getConnection(server.url(database));
                Statement statement = connection.createStatement()) {
            for (int index : newestFirst) {
                for (String sql : steps(bank, index)) {
                    execute(statement, sql);
                }
            }
        }
        List<String> remarks = retries == 0 ? List.of() : List.of("its DDL met a deadlock " + retries + " times");
        return new Outcome(Duration.ofNanos(System.nanoTime() - start), remarks);
    }

    private static List<String> steps(Bank bank, int index) {
        String live = bank.partition(index);
        String copy = live + "_new";
        LocalDate first = bank.month(index).atDay(1);
        return List.of(
                "CREATE TABLE %s (LIKE %s INCLUDING ALL)".formatted(copy, live),
                """
                INSERT INTO %s
                SELECT id, booked_on, account_id, transfer_id,
                       CASE unit WHEN 'cent' THEN amount ELSE amount * 100 END, 'cent', version, note
                FROM %s""".formatted(copy, live),
                "ALTER TABLE bank.entry DETACH PARTITION " + live,
                "ALTER TABLE bank.entry ATTACH PARTITION %s FOR VALUES FROM ('%s') TO ('%s')"
                        .formatted(copy, first, first.plusMonths(1)));
    }

    private void execute(Statement statement, String sql) throws SQLException {
        for (int attempt = 1; ; attempt++) {
            try {
                statement.execute(sql);
                return;
            } catch (SQLException e) {
                if (attempt == ATTEMPTS || !"40P01".equals(e.getSQLState())) {
                    throw e;
                }
                retries++;
            }
        }
    }
}
