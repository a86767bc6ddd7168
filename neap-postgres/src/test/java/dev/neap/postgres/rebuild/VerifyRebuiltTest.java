package dev.neap.postgres.rebuild;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import dev.neap.backfill.Backfill;
import dev.neap.backfill.Verification;
import dev.neap.dialect.NeapException;
import dev.neap.rebuild.Point;
import dev.neap.run.Probe;
import dev.neap.run.RunListener;
import dev.neap.run.RunResult;
import dev.neap.run.Stop;
import dev.neap.testkit.PostgresServer;
import dev.neap.verify.Assertion;
import dev.neap.verify.Claim;
import dev.neap.verify.Mismatch;
import dev.neap.verify.TableReport;
import dev.neap.verify.VerifyReport;
import dev.neap.verify.VerifyRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A finished rebuild, verified against the partitions that it replaced. */
class VerifyRebuiltTest {
    private static final Duration DAYS = Duration.ofDays(7);

    private final PostgresServer server = PostgresServer.newest();

    private static void run(Ledger ledger, Backfill backfill) {
        RunResult result = ledger.engine().run(ledger.engine().plan(backfill), RunListener.SILENT, new Stop());
        assertThat(result.outcome()).as(result.causes().toString()).isEqualTo(RunResult.Outcome.DONE);
    }

    private static VerifyReport verify(
            Ledger ledger, Backfill backfill, Map<String, String> expect, VerifyRequest which) {
        Verification held = new Verification(Verification.MATCH, Verification.CONFIDENCE, List.of(expect));
        return ledger.engine().verify(backfill, held, which);
    }

    private static VerifyReport verify(Ledger ledger) {
        return verify(ledger, ledger.backfill(), Map.of(), VerifyRequest.EVERY_ROW);
    }

    private static TableReport of(VerifyReport report, String partition) {
        return report.tables().stream()
                .filter(table -> table.into().name().equals(partition))
                .findFirst()
                .orElseThrow();
    }

    private static List<String> differences(VerifyReport report) {
        return report.tables().stream().flatMap(VerifyRebuiltTest::named).toList();
    }

    private static Stream<String> named(TableReport table) {
        return table.named().stream().map(VerifyRebuiltTest::words);
    }

    private static String words(Mismatch mismatch) {
        return mismatch.kind() + " " + mismatch.key().get(1) + " " + String.join(",", mismatch.columns());
    }

    /** Writes of which no record is left, as where somebody has switched the triggers off. */
    private static void spoil(Ledger ledger, String partition, String sql) {
        long unit = ledger.number("SELECT id FROM neap.unit WHERE partition_name = '" + partition + "'");
        ledger.server.execute(ledger.database, sql, "DELETE FROM neap.undo_" + unit);
    }

    @ParameterizedTest
    @ValueSource(ints = {14, 18})
    void every_row_is_as_the_recompute_makes_it_of_the_replaced_partition_and_what_was_written_since_is_left_out(
            int major) {
        Ledger ledger = new Ledger(PostgresServer.of(major), "rebuilt_right").withRows(2_000);
        ledger.server.execute(
                ledger.database,
                "UPDATE ledger SET form = 2 WHERE id = 30",
                "UPDATE ledger SET note = NULL WHERE id = 33",
                "INSERT INTO ledger VALUES ('2025-01-01', 8000, 1, 1, 1, 'in the default partition')");
        ledger.run(Probe.NONE);
        ledger.server.execute(
                ledger.database,
                "UPDATE ledger SET amount = 7, note = 'since' WHERE id = 9",
                "DELETE FROM ledger WHERE id = 12",
                "UPDATE ledger SET id = 900001, note = 'since' WHERE id = 15",
                "INSERT INTO ledger VALUES ('2026-01-01', 900002, 1, 9, 2, 'since')");

        VerifyReport report = verify(ledger);

        assertThat(differences(report)).isEmpty();
        assertThat(report.proved()).as(report.toString()).isTrue();
        assertThat(report.tables()).hasSize(4).allMatch(TableReport::replaced);
        TableReport.Rows rows = of(report, "ledger_1").rows();
        assertThat(rows.expected()).isEqualTo(1_997);
        assertThat(rows.actual()).isEqualTo(1_997);
        assertThat(rows.written()).as("9, 12, 15, 900001 and 900002").isEqualTo(5);
        assertThat(of(report, "ledger_1").claims())
                .containsExactlyInAnyOrder(
                        new Claim(List.of("day", "id", "account", "note"), Claim.Basis.REPLACED),
                        new Claim(List.of("amount", "form"), Claim.Basis.TRANSFORM));
        assertThat(of(report, "ledger_rest").rows().expected()).isEqualTo(1);
    }

    @Test
    void each_row_that_was_lost_added_or_changed_unrecorded_is_named() {
        Ledger ledger = new Ledger(server, "rebuilt_spoiled").withRows(3_000);
        ledger.run(Probe.NONE);
        spoil(
                ledger,
                "ledger_2",
                "DELETE FROM ledger_2 WHERE id = 10; UPDATE ledger_2 SET amount = amount + 0.01 WHERE id = 13;"
                        + " UPDATE ledger_2 SET note = '' WHERE id = 16;"
                        + " INSERT INTO ledger_2 VALUES ('2026-01-02', 77777, 1, 1, 2, 'x')");

        VerifyReport report = verify(ledger);

        assertThat(differences(report))
                .containsExactly("MISSING 10 ", "WRONG 13 amount", "WRONG 16 note", "EXTRA 77777 ");
        assertThat(report.proved()).isFalse();
        assertThat(of(report, "ledger_3").proved()).isTrue();

        VerifyReport some = verify(
                ledger,
                ledger.backfill(),
                Map.of(),
                VerifyRequest.EVERY_ROW.of(List.of("ledger_3", "public.ledger_1")));
        assertThat(some.tables()).hasSize(2);
        assertThat(some.proved()).isTrue();
        assertThatThrownBy(() ->
                        verify(ledger, ledger.backfill(), Map.of(), VerifyRequest.EVERY_ROW.of(List.of("ledger_9"))))
                .isInstanceOf(NeapException.class)
                .hasMessageContaining("has replaced a partition 'ledger_9'");
    }

    @Test
    void a_mistake_of_the_recompute_is_seen_by_an_expectation_alone() {
        Ledger ledger = new Ledger(server, "rebuilt_expect").withRows(500);
        Backfill wrong = ledger.other(
                "wrong-cents",
                Map.of("amount", "CASE WHEN id % 300 = 0 THEN amount * 10 ELSE amount * 100 END", "form", "2"),
                "form = 2",
                DAYS);
        run(ledger, wrong);

        assertThat(verify(ledger, wrong, Map.of(), VerifyRequest.EVERY_ROW).proved())
                .isTrue();
        VerifyReport report =
                verify(ledger, wrong, Map.of("amount", "(amount::text || 'e2')::numeric"), VerifyRequest.EVERY_ROW);

        assertThat(differences(report))
                .containsExactlyInAnyOrder(
                        "WRONG 300 amount",
                        "WRONG 600 amount",
                        "WRONG 900 amount",
                        "WRONG 1200 amount",
                        "WRONG 1500 amount");
        assertThat(of(report, "ledger_1").claims()).contains(new Claim(List.of("amount"), Claim.Basis.EXPECT));
    }

    @Test
    void where_the_old_partition_is_gone_or_the_record_is_void_it_is_said_and_assertions_are_asked_still() {
        Ledger ledger = new Ledger(server, "rebuilt_gone").withRows(300);
        ledger.run(Probe.NONE);
        server.execute(
                ledger.database,
                "DROP TABLE neap_kept_1.ledger_1",
                "ALTER TABLE ledger_2 DISABLE TRIGGER ALL",
                "UPDATE ledger SET form = 3 WHERE id = 5");

        VerifyReport report = verify(
                ledger,
                ledger.backfill(Map.of(
                        "new form", "SELECT bool_and(form = 2) FROM :shadow s",
                        "as many", "SELECT (SELECT count(*) FROM :shadow) = (SELECT count(*) FROM :live)")),
                Map.of(),
                VerifyRequest.EVERY_ROW.of(List.of("ledger_1", "ledger_2", "ledger_3")));

        assertThat(report.proved()).isFalse();
        assertThat(of(report, "ledger_1").notes().toString())
                .contains("not compared: old one gone")
                .contains("not asked: the assertion 'as many'");
        assertThat(of(report, "ledger_2").notes().toString()).contains("not compared: recording stopped");
        assertThat(of(report, "ledger_3").proved()).isTrue();
        assertThat(report.assertions())
                .extracting(Assertion::name, Assertion::holds)
                .containsExactlyInAnyOrder(tuple("new form (public.ledger_3)", false), tuple("as many", true));
    }

    @Test
    void a_sample_finds_what_is_common_and_aggregates_name_what_does_not_cancel_out() {
        Ledger ledger = new Ledger(server, "rebuilt_sample").withRows(2_000);
        ledger.run(Probe.NONE);
        Verification coarse = new Verification(0.99, 0.99, List.of(Map.of()));
        VerifyRequest one = VerifyRequest.SAMPLE.of(List.of("ledger_2"));
        assertThat(ledger.engine().verify(ledger.backfill(), coarse, one).proved())
                .isTrue();
        VerifyRequest together = VerifyRequest.AGGREGATES.of(List.of("ledger_2"));
        assertThat(ledger.engine()
                        .verify(ledger.backfill(), coarse, together)
                        .tables()
                        .get(0)
                        .proved())
                .isTrue();
        spoil(ledger, "ledger_2", "UPDATE ledger_2 SET note = 'spoiled' WHERE id % 5 = 0");
        TableReport aggregates = ledger.engine()
                .verify(ledger.backfill(), coarse, together)
                .tables()
                .get(0);
        assertThat(aggregates.scope()).isEqualTo(VerifyRequest.Scope.AGGREGATES);
        assertThat(aggregates.proved()).isFalse();
        assertThat(aggregates.differing())
                .isEqualTo(ledger.engine()
                        .verify(ledger.backfill(), coarse, VerifyRequest.EVERY_ROW.of(List.of("ledger_2")))
                        .tables()
                        .get(0)
                        .differing());

        TableReport spoiled =
                ledger.engine().verify(ledger.backfill(), coarse, one).tables().get(0);

        assertThat(spoiled.scope()).isEqualTo(VerifyRequest.Scope.SAMPLE);
        assertThat(spoiled.rows().expected()).isEqualTo(459);
        assertThat(spoiled.differing()).isBetween(40L, 160L);
        assertThat(spoiled.proved()).isFalse();
    }

    @Test
    void without_a_run_of_this_very_declaration_there_is_nothing_to_verify() {
        Ledger ledger = new Ledger(server, "rebuilt_none").withRows(100);
        assertThatThrownBy(() -> verify(ledger)).hasMessageContaining("has replaced a partition in this database");
        ledger.run(Probe.NONE);
        assertThatThrownBy(() -> verify(ledger, ledger.otherBackfill(), Map.of(), VerifyRequest.EVERY_ROW))
                .isInstanceOf(NeapException.class)
                .hasMessageContaining("a run is verified with the file that it was begun with");
        UndoTest.undo(ledger, UndoTest.all(), Probe.NONE);
        assertThat(verify(ledger).tables())
                .allMatch(table -> !table.proved() && table.notes().get(0).startsWith("not compared: undone already"));
    }

    @Test
    void a_recompute_from_other_tables_is_computed_again() {
        Revenue revenue = new Revenue(server, "rebuilt_source");
        revenue.run();
        revenue.execute("UPDATE events SET revenue = 1 WHERE id = 4", "DELETE FROM events WHERE id = 5000");

        VerifyReport right = verify(revenue);
        assertThat(differences(right)).isEmpty();
        assertThat(right.proved()).as(right.toString()).isTrue();
        assertThat(of(right, "events_1").rows().written()).isEqualTo(2);

        revenue.execute(
                "UPDATE events SET revenue = 1 WHERE id = 7",
                "DELETE FROM events WHERE id = 5001",
                "DELETE FROM neap.undo_" + revenue.number("SELECT id FROM neap.unit WHERE partition_name = 'events_2'"),
                "UPDATE fx SET rate = 3 WHERE day = '2026-01-01' AND currency = 'EUR'");

        VerifyReport report = verify(revenue);
        assertThat(named(of(report, "events_2"))).containsExactly("WRONG 7 revenue", "MISSING 5001 ");
        assertThat(of(report, "events_1").differing())
                .as("what it reads was changed since")
                .isPositive();
        assertThat(of(report, "events_1").notes().toString()).contains("read its tables as they are now");
    }

    private static VerifyReport verify(Revenue revenue) {
        Verification held = new Verification(Verification.MATCH, Verification.CONFIDENCE, List.of(Map.of()));
        return revenue.engine(Probe.NONE).verify(revenue.backfill(), held, VerifyRequest.EVERY_ROW);
    }

    @Test
    void what_need_not_be_the_same_each_time_is_not_compared_without_an_expectation() {
        Ledger ledger = new Ledger(server, "rebuilt_unsteady").withRows(100);
        server.execute(
                ledger.database,
                "CREATE FUNCTION rate() RETURNS numeric STABLE LANGUAGE sql AS 'SELECT min(id) FROM account'");
        Backfill reads =
                ledger.other("rated", Map.of("amount", "amount * 100 * rate()", "form", "2"), "form = 2", DAYS);
        run(ledger, reads);
        server.execute(ledger.database, "DELETE FROM ledger WHERE account = 1; DELETE FROM account WHERE id = 1");

        VerifyReport report = verify(ledger, reads, Map.of(), VerifyRequest.EVERY_ROW);

        assertThat(report.proved()).as(report.toString()).isTrue();
        assertThat(of(report, "ledger_1").notes().toString())
                .contains("not compared: amount, whose recompute need not");
        assertThat(verify(ledger, reads, Map.of("amount", "amount * 100"), VerifyRequest.EVERY_ROW)
                        .proved())
                .isTrue();
        assertThat(verify(ledger, reads, Map.of("amount", "amount * 101"), VerifyRequest.EVERY_ROW)
                        .proved())
                .isFalse();
    }

    @Test
    void where_an_undo_was_begun_nothing_is_compared() {
        Ledger ledger = new Ledger(server, "rebuilt_undone").withRows(100);
        ledger.run(Probe.NONE);
        server.execute(ledger.database, "UPDATE ledger SET note = 'since' WHERE id = 6");
        Once once = new Once(Point.BEFORE_SWAP, () -> {
            throw new IllegalStateException("as far as that");
        });
        assertThatThrownBy(() -> UndoTest.undo(ledger, UndoTest.all(), once)).isNotNull();

        assertThat(verify(ledger).tables())
                .isNotEmpty()
                .allMatch(table -> !table.proved() && table.notes().toString().contains("an undo of it was begun"));
    }

    @Test
    void where_the_record_ends_while_it_is_read_nothing_is_called_wrong() throws Exception {
        Ledger ledger = new Ledger(server, "rebuilt_meanwhile").withRows(100);
        ledger.run(Probe.NONE);
        Backfill slow = ledger.backfill(Map.of("slow", "SELECT pg_sleep(3) IS NOT NULL"));
        CompletableFuture<VerifyReport> report = CompletableFuture.supplyAsync(
                () -> verify(ledger, slow, Map.of(), VerifyRequest.EVERY_ROW.of(List.of("ledger_2"))));
        await().until(() -> ledger.number("SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep%'"
                        + " AND wait_event = 'PgSleep'")
                == 1);
        server.execute(
                ledger.database,
                "ALTER TABLE ledger_2 DISABLE TRIGGER ALL",
                "UPDATE ledger_2 SET note = 'unrecorded' WHERE id = 4");

        TableReport table = report.get(60, TimeUnit.SECONDS).tables().get(0);

        assertThat(table.differing()).isZero();
        assertThat(table.proved()).isFalse();
        assertThat(table.notes().toString()).contains("not compared: recording stopped");
    }

    @Test
    void nothing_is_called_wrong_beside_an_application_that_writes() throws Exception {
        Ledger ledger = new Ledger(server, "rebuilt_beside").withRows(3_000);
        ledger.run(Probe.NONE);
        AtomicBoolean over = new AtomicBoolean();
        CompletableFuture<Long> writes = CompletableFuture.supplyAsync(() -> {
            SplittableRandom random = new SplittableRandom(4);
            long done = 0;
            while (!over.get()) {
                int id = 1 + random.nextInt(9_000);
                server.execute(
                        ledger.database,
                        "UPDATE ledger SET note = 'since', amount = " + random.nextInt(99) + " WHERE id = " + id,
                        "DELETE FROM ledger WHERE id = " + (1 + random.nextInt(9_000)),
                        "UPDATE ledger SET day = '2026-01-02' WHERE id = " + (1 + random.nextInt(9_000)),
                        "INSERT INTO ledger VALUES ('2026-01-03', " + (100_000 + done++) + ", 1, 1, 2, 'since')");
            }
            return done;
        });
        List<VerifyReport> reports = new ArrayList<>();
        try {
            for (int i = 0; i < 5; i++) {
                reports.add(verify(ledger));
            }
        } finally {
            over.set(true);
        }

        assertThat(writes.get(30, TimeUnit.SECONDS)).isGreaterThan(20);
        assertThat(reports).flatExtracting(VerifyRebuiltTest::differences).isEmpty();
        assertThat(reports).allMatch(VerifyReport::proved);
        assertThat(of(reports.get(4), "ledger_3").rows().written()).isPositive();
    }
}
