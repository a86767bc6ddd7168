package dev.neap.postgres.rebuild;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neap.backfill.Backfill;
import dev.neap.dialect.Tuning;
import dev.neap.parity.Figure;
import dev.neap.parity.Survey;
import dev.neap.plan.Plan;
import dev.neap.postgres.PostgresDialect;
import dev.neap.rebuild.Point;
import dev.neap.run.Engine;
import dev.neap.run.Neap;
import dev.neap.run.Probe;
import dev.neap.run.RunResult;
import dev.neap.run.Stop;
import dev.neap.testkit.PostgresServer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Readers on a hot standby that the file names. */
class StandbyTest {
    private static long rows(Statement s) throws SQLException {
        try (ResultSet rs = s.executeQuery("SELECT count(*) FROM ledger_3")) {
            rs.next();
            return rs.getLong(1);
        }
    }

    private static RunResult run(Ledger ledger, PostgresServer standby, Probe probe) {
        Engine engine = ledger.engine(probe);
        Plan plan = engine.plan(ledger.backfill(Map.of(), List.of(standby.url(ledger.database))));
        assertThat(plan.refused()).as(plan.findings().toString()).isFalse();
        return engine.run(plan, ledger.events::add, new Stop());
    }

    @Test
    void a_transaction_there_that_is_older_than_the_shadow_is_waited_for_and_never_sees_an_empty_partition()
            throws Exception {
        try (PostgresServer primary = PostgresServer.start(18, Map.of());
                PostgresServer standby = primary.standby()) {
            Ledger ledger = new Ledger(primary, "standby_reader").withRows(2_000);
            primary.awaitReplay(standby);
            CompletableFuture<Long> seen = new CompletableFuture<>();
            Probe probe = new Once(Point.AFTER_LOAD_BATCH, () -> {
                Connection there = snapshot(standby, ledger.database);
                new Thread(() -> {
                            try (there;
                                    Statement s = there.createStatement()) {
                                ledger.awaitSaid("snapshot older than the shadow");
                                Thread.sleep(1_000);
                                seen.complete(rows(s));
                                there.commit();
                            } catch (Exception | Error e) {
                                seen.completeExceptionally(e);
                            }
                        })
                        .start();
            });

            RunResult result = run(ledger, standby, probe);

            assertThat(result.outcome()).as(ledger.events.toString()).isEqualTo(RunResult.Outcome.DONE);
            assertThat(seen.get(20, TimeUnit.SECONDS)).isEqualTo(2_000);
            assertThat(ledger.events.toString()).contains("standby");
        }
    }

    @Test
    void a_role_that_does_not_see_the_readers_there_is_refused_until_it_does() {
        try (PostgresServer primary = PostgresServer.start(18, Map.of());
                PostgresServer standby = primary.standby()) {
            Ledger ledger = new Ledger(primary, "standby_blind").withRows(10);
            primary.execute(ledger.database, "CREATE ROLE \"sees-little\" LOGIN");
            primary.awaitReplay(standby);
            Backfill backfill = ledger.backfill(Map.of(), List.of(standby.url(ledger.database, "sees-little")));

            Plan blind = ledger.engine().plan(backfill);

            assertThat(blind.refused()).isTrue();
            assertThat(blind.findings())
                    .filteredOn(finding -> finding.check().equals("replicas"))
                    .singleElement()
                    .satisfies(finding -> {
                        assertThat(finding.what())
                                .isEqualTo("replicas.0: \"sees-little\" may not see what other sessions do");
                        assertThat(finding.fix())
                                .isEqualTo("GRANT pg_read_all_stats TO \"sees-little\", on the primary");
                    });

            primary.execute(ledger.database, "GRANT pg_read_all_stats TO \"sees-little\"");
            primary.awaitReplay(standby);
            assertThat(ledger.engine().plan(backfill).refused()).isFalse();
        }
    }

    private static Connection snapshot(PostgresServer server, String database) {
        try {
            Connection c = server.connect(database);
            c.setAutoCommit(false);
            c.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            try (Statement s = c.createStatement()) {
                s.executeQuery("SELECT count(*) FROM account").close();
            }
            return c;
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void a_standby_that_does_not_replay_is_a_reason_to_wait() throws Exception {
        try (PostgresServer primary = PostgresServer.start(18, Map.of());
                PostgresServer standby = primary.standby()) {
            Ledger ledger = new Ledger(primary, "standby_paused").withRows(1_000);
            primary.awaitReplay(standby);
            CompletableFuture<Void> resumed = new CompletableFuture<>();
            Probe probe = new Once(Point.AFTER_LOAD, () -> {
                standby.execute(ledger.database, "SELECT pg_wal_replay_pause()");
                new Thread(() -> {
                            try {
                                ledger.awaitSaid("has not replayed the shadow yet");
                                resumed.complete(null);
                            } catch (RuntimeException | Error e) {
                                resumed.completeExceptionally(e);
                            } finally {
                                standby.execute(ledger.database, "SELECT pg_wal_replay_resume()");
                            }
                        })
                        .start();
            });

            RunResult result = run(ledger, standby, probe);

            assertThat(result.outcome()).as(ledger.events.toString()).isEqualTo(RunResult.Outcome.DONE);
            resumed.get(20, TimeUnit.SECONDS);
        }
    }

    @Test
    void a_standby_is_compared_but_for_how_fast_it_writes() throws Exception {
        try (PostgresServer primary = PostgresServer.start(18, Map.of());
                PostgresServer standby = primary.standby()) {
            Ledger ledger = new Ledger(primary, "standby_parity").withRows(1_000);
            primary.awaitReplay(standby);
            Engine there = new Neap(new PostgresDialect(), standby.target(ledger.database), Tuning.DEFAULT, Probe.NONE);

            Survey survey = there.survey(ledger.backfill(Map.of(), List.of()), true);

            assertThat(survey.unseen()).contains("commits and batches: the server is a standby, or lets nobody write");
            assertThat(survey.figures())
                    .extracting(Figure::name)
                    .contains("round trip, p99")
                    .doesNotContain("commit, p99", "batch");
            assertThat(survey.facts())
                    .filteredOn(fact -> fact.name().equals("the plan"))
                    .singleElement()
                    .satisfies(plan -> assertThat(plan.value()).startsWith("refused by"));
        }
    }
}
