package dev.neap.postgres.rebuild;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neap.backfill.ConnectionTarget;
import dev.neap.postgres.PostgresDialect;
import dev.neap.rebuild.Point;
import dev.neap.run.Engine;
import dev.neap.run.Neap;
import dev.neap.run.RunEvent;
import dev.neap.run.RunResult;
import dev.neap.run.Stop;
import dev.neap.testkit.PostgresServer;
import dev.neap.testkit.TcpProxy;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** The server under a run is not the one any more that it was. */
class FailoverTest {
    private static final String FILLED =
            "SELECT coalesce(sum(rows_loaded), 0)::bigint FROM neap.unit WHERE state = 'running'";

    /**
     * The process stays. The standby has not got the last batches when the primary dies, and is promoted only after the
     * process has found it.
     */
    @Test
    void a_process_that_was_attached_looks_at_the_promoted_standby_before_it_goes_on() throws Exception {
        try (PostgresServer primary = PostgresServer.start(18, Map.of());
                PostgresServer standby = primary.standby();
                TcpProxy proxy = new TcpProxy(primary.port())) {
            Ledger ledger = new Ledger(primary, "failover").withRows(5_000);
            ConnectionTarget target = new ConnectionTarget(
                    "postgresql", "localhost", proxy.port(), ledger.database, PostgresServer.ADMIN, null, Map.of());
            long[] seen = new long[2];
            int[] batches = {0};
            Engine engine = new Neap(new PostgresDialect(), target, Ledger.QUICK, point -> {
                if (point == Point.AFTER_LOAD_BATCH && ++batches[0] == 2) {
                    primary.awaitReplay(standby);
                    standby.execute(
                            PostgresServer.ADMIN, "ALTER SYSTEM SET primary_conninfo = ''", "SELECT pg_reload_conf()");
                    Awaitility.await()
                            .atMost(Duration.ofSeconds(20))
                            .until(() -> ledger.numberOn(standby, "SELECT count(*) FROM pg_stat_wal_receiver") == 0);
                } else if (point == Point.AFTER_LOAD_BATCH && batches[0] == 4) {
                    seen[0] = ledger.number(FILLED);
                    seen[1] = ledger.numberOn(standby, FILLED);
                    primary.kill();
                    proxy.target(standby.port());
                    proxy.reset();
                    new Thread(() -> {
                                ledger.awaitSaid("is a standby");
                                standby.execute(PostgresServer.ADMIN, "SELECT pg_promote()");
                            })
                            .start();
                }
            });

            RunResult result = engine.run(engine.plan(ledger.backfill()), ledger.events::add, new Stop());

            assertThat(seen[1]).as("rows that the standby had got").isPositive().isLessThan(seen[0]);
            assertThat(result.outcome()).as(ledger.events.toString()).isEqualTo(RunResult.Outcome.DONE);
            assertThat(ledger.numberOn(standby, "SELECT count(*) FROM ledger WHERE form = 2 AND amount = id * 100"))
                    .isEqualTo(15_000);
            assertThat(ledger.numberOn(
                            standby,
                            "SELECT count(*) FROM neap.event WHERE kind = 'server changed'"
                                    + " AND message LIKE 'was %/00000001, is %/00000002'"))
                    .isEqualTo(1);
            assertThat(ledger.numberOn(
                            standby, "SELECT count(*) FROM neap.run WHERE server_identity LIKE '%/00000002'"))
                    .isEqualTo(1);
            assertThat(ledger.events.toString()).contains("looked at anew");
            assertThat(afterTheNews(ledger.events))
                    .as("goes on from what the standby had, not from what it remembers")
                    .isLessThan(seen[0]);
        }
    }

    /** The rows of the unit at its first step after it was said that the server is another one. */
    private static long afterTheNews(List<RunEvent> events) {
        boolean said = false;
        for (RunEvent event : events) {
            said |= event instanceof RunEvent.Note note && note.text().contains("looked at anew");
            if (said && event instanceof RunEvent.RowsLoaded loaded) {
                return loaded.unitRows();
            }
        }
        throw new AssertionError("nothing was loaded after the failover: " + events);
    }

    @Test
    void a_run_that_began_on_a_server_with_another_identity_says_so_and_goes_on() {
        PostgresServer server = PostgresServer.newest();
        Ledger ledger = new Ledger(server, "failover_identity").withRows(500);
        Stop stop = new Stop();
        Engine engine = ledger.engine(new Once(Point.AFTER_LOAD, () -> stop.request("in the middle")));
        engine.run(engine.plan(ledger.backfill()), ledger.events::add, stop);
        String real = ledger.text("SELECT server_identity FROM neap.run");
        server.execute(ledger.database, "UPDATE neap.run SET server_identity = '42/00000001'");
        ledger.events.clear();

        RunResult result = ledger.run(dev.neap.run.Probe.NONE);

        assertThat(result.outcome()).isEqualTo(RunResult.Outcome.DONE);
        assertThat(ledger.events.get(0).toString()).contains("looked at anew");
        assertThat(ledger.text("SELECT server_identity FROM neap.run")).isEqualTo(real);
        assertThat(ledger.text("SELECT message FROM neap.event WHERE kind = 'server changed'"))
                .isEqualTo("was 42/00000001, is " + real);
    }
}
