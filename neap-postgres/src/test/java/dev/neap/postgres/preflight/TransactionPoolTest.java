package dev.neap.postgres.preflight;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.neap.backfill.ApplicationWrites;
import dev.neap.backfill.Backfill;
import dev.neap.backfill.ConnectionTarget;
import dev.neap.backfill.LiveWrites;
import dev.neap.backfill.Pace;
import dev.neap.backfill.PartitionRange;
import dev.neap.backfill.Profile;
import dev.neap.backfill.Rebuild;
import dev.neap.backfill.TableName;
import dev.neap.dialect.Tuning;
import dev.neap.plan.Plan;
import dev.neap.postgres.PostgresDialect;
import dev.neap.preflight.Finding;
import dev.neap.run.Neap;
import dev.neap.run.Probe;
import dev.neap.run.RunListener;
import dev.neap.run.Stop;
import dev.neap.run.UndoRequest;
import dev.neap.testkit.CatalogDescription;
import dev.neap.testkit.PostgresServer;
import java.sql.Connection;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TransactionPoolTest {
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void a_pool_in_transaction_mode_is_seen_and_refused(boolean takingTurns) throws Exception {
        PostgresServer server = PostgresServer.newest();
        server.createDatabase("pooled");
        server.execute(
                "pooled",
                "CREATE TABLE events (id int PRIMARY KEY, amount int) PARTITION BY RANGE (id)",
                "CREATE TABLE events_01 PARTITION OF events FOR VALUES FROM (0) TO (100)");
        List<String> before = catalog(server);
        try (TransactionPool pool = new TransactionPool(server.port(), takingTurns)) {
            ConnectionTarget target = new ConnectionTarget(
                    "postgresql", "localhost", pool.port(), "pooled", PostgresServer.ADMIN, null, Map.of());

            Plan plan = new Neap(new PostgresDialect(), target, Tuning.DEFAULT, Probe.NONE).plan(backfill());

            assertThat(plan.refused()).isTrue();
            if (takingTurns) {
                refusesWhatHasNoPlan(server, target);
            }
            assertThat(plan.findings())
                    .filteredOn(f -> f.severity() == Finding.Severity.ERROR)
                    .extracting(Finding::what)
                    .containsExactly("the statements of one session are answered by different server processes");
        }
        assertThat(catalog(server)).isEqualTo(before);
    }

    /** What is written without a plan is refused as well. */
    private static void refusesWhatHasNoPlan(PostgresServer server, ConnectionTarget pooled) throws Exception {
        List<String> before = catalog(server);
        Neap direct = new Neap(new PostgresDialect(), server.target("pooled"), Tuning.DEFAULT, Probe.NONE);
        direct.run(direct.plan(backfill()), RunListener.SILENT, new Stop());
        List<String> done = catalog(server);
        Neap neap = new Neap(new PostgresDialect(), pooled, Tuning.DEFAULT, Probe.NONE);
        UndoRequest undo = new UndoRequest(0, "pooled", List.of(), List.of(), false);

        assertThatThrownBy(() -> neap.undoPlan(undo)).hasMessageContaining("a pooler that pools by transaction");
        assertThatThrownBy(neap::cleanup).hasMessageContaining("connect to the server itself");
        assertThatThrownBy(() -> neap.uninstall(true)).hasMessageContaining("different server processes");
        assertThat(catalog(server)).isEqualTo(done);
        assertThat(direct.undoPlan(undo).units()).hasSize(1);
        direct.uninstall(true);
        assertThat(catalog(server)).isEqualTo(before);
    }

    private static Backfill backfill() {
        Rebuild rebuild = new Rebuild(
                new TableName("public", "events"),
                PartitionRange.all(),
                Map.of("amount", "abs(amount)"),
                null,
                ApplicationWrites.OLD,
                LiveWrites.CAPTURE,
                Duration.ofDays(7));
        return new Backfill("pooled", Profile.DEV, rebuild, Pace.unlimited(), 100, 1, Map.of(), List.of());
    }

    private static List<String> catalog(PostgresServer server) throws Exception {
        try (Connection c = server.connect("pooled")) {
            return CatalogDescription.ofDatabase(c);
        }
    }
}
