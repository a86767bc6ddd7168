package dev.neap.postgres.rebuild;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neap.rebuild.Point;
import dev.neap.testkit.PostgresServer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The first reader after a swap pays for nothing that could have been done before. */
class FirstReadTest {
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void the_first_index_only_scan_after_the_swap_visits_no_row_and_is_planned_with_statistics(boolean newest) {
        PostgresServer server = newest ? PostgresServer.newest() : PostgresServer.oldest();
        Ledger ledger = new Ledger(server, "first_read").withRows(20_000);
        List<String> plan = new ArrayList<>();
        List<Long> statistics = new ArrayList<>();

        ledger.run(new Once(Point.AFTER_SWAP, () -> {
            plan.addAll(firstScan(ledger));
            statistics.add(ledger.number(
                    "SELECT count(*) FROM pg_stats WHERE schemaname = 'public' AND tablename = 'ledger_3'"));
        }));

        assertThat(String.join("\n", plan)).contains("Index Only Scan").containsPattern("Heap Fetches: 0\\b");
        assertThat(statistics).as("columns with statistics").containsExactly(6L);
    }

    private static List<String> firstScan(Ledger ledger) {
        try (Connection c = ledger.server.connect(ledger.database);
                Statement s = c.createStatement()) {
            s.execute("SET enable_seqscan = off; SET enable_bitmapscan = off");
            try (ResultSet rs = s.executeQuery(
                    "EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) SELECT count(id) FROM ledger_3 WHERE day = '2026-01-03'")) {
                List<String> lines = new ArrayList<>();
                while (rs.next()) {
                    lines.add(rs.getString(1));
                }
                return lines;
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
