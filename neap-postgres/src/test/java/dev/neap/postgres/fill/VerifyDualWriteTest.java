package dev.neap.postgres.fill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.neap.dialect.Difference;
import dev.neap.dialect.SecondWrites;
import dev.neap.dialect.TableVerifier.Part;
import dev.neap.rebuild.Point;
import dev.neap.run.RunEvent;
import dev.neap.run.Stop;
import dev.neap.testkit.PostgresServer;
import dev.neap.verify.Claim;
import dev.neap.verify.TableReport;
import dev.neap.verify.VerifyRequest;
import dev.neap.verify.VerifyRequest.Scope;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Whether an application writes both places is seen from what it writes, before a fill and after it. */
class VerifyDualWriteTest {
    private static final VerifyRequest WATCH = new VerifyRequest(Scope.WRITTEN, Duration.ofMillis(700));
    private static final Duration LONGEST = Duration.ofMinutes(1);
    /** Between the two writes of an application that is given little of a processor. */
    private static final Duration SECOND_WRITE = Duration.ofSeconds(2);
    /** Between one round of writes and the next: longer than a second write may take. */
    private static final Duration REST = Duration.ofSeconds(3);

    private static final String FILL =
            "fill: { from: s, into: t, set: { id: id, v: CASE id % 5000 WHEN 0 THEN v ELSE upper(v) END } }\n";

    private static FillDatabase database() throws SQLException {
        return database(FillDatabase.SHORT.secondWrite());
    }

    private static FillDatabase database(Duration secondWrite) throws SQLException {
        FillDatabase db = FillDatabase.create(secondWrite);
        tables(db);
        return db;
    }

    private static void tables(FillDatabase db) throws SQLException {
        db.execute(
                "CREATE TABLE s (id int PRIMARY KEY, v text)",
                "CREATE TABLE t (id bigint PRIMARY KEY, v text)",
                "INSERT INTO s SELECT n, 'old' FROM generate_series(1, 12000) n");
    }

    /** An application that writes these keys, one after another, the source first. */
    private static Beside application(FillDatabase db, List<Integer> keys, String second) {
        return new Beside(db, (connection, random) -> {
            for (int key : keys) {
                old(connection, key, random.nextInt());
                Beside.pause(20);
                second(connection, key, second);
            }
        });
    }

    private static void old(Connection connection, int key, int value) throws SQLException {
        Beside.execute(
                connection,
                "INSERT INTO s VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET v = EXCLUDED.v",
                key,
                "new" + value);
    }

    private static void second(Connection connection, int key, String value) throws SQLException {
        Beside.execute(
                connection,
                "INSERT INTO t SELECT id, " + value
                        + " FROM s WHERE id = ? ON CONFLICT (id) DO UPDATE SET v = EXCLUDED.v",
                key);
    }

    private static TableReport watch(FillDatabase db) {
        return db.verify(FILL, WATCH).tables().get(0);
    }

    /** Watches longer and longer, until the application came to write enough. */
    private static TableReport watch(FillDatabase db, Predicate<TableReport> enough) {
        TableReport report = watch(db);
        for (Duration longer = WATCH.watch();
                !enough.test(report) && longer.compareTo(LONGEST) < 0;
                longer = longer.multipliedBy(2)) {
            report = db.verify(FILL, new VerifyRequest(Scope.WRITTEN, longer))
                    .tables()
                    .get(0);
        }
        return report;
    }

    private static Stream<String> named(TableReport report) {
        return report.named().stream().map(m -> m.kind() + " " + m.key().get(0));
    }

    @Test
    void an_application_that_writes_both_places_is_proved_before_anything_is_filled() throws Exception {
        try (FillDatabase db = database(SECOND_WRITE);
                Beside application = application(db, List.of(3, 8_000, 20_001, 20_002), "upper(v)")) {
            TableReport report = watch(db, seen -> seen.rows().expected() == 4);

            assertThat(named(report)).isEmpty();
            assertThat(report.rows().expected()).isEqualTo(4);
            assertThat(report.proved()).isTrue();
            assertThat(application.end()).isPositive();
        }
    }

    @Test
    void one_that_writes_the_old_place_alone_is_found() throws Exception {
        try (FillDatabase db = database(SECOND_WRITE);
                Beside application = new Beside(db, (connection, random) -> {
                    old(connection, 20_001, random.nextInt());
                    old(connection, 20_002, random.nextInt());
                    old(connection, 7, random.nextInt());
                    second(connection, 7, "upper(v)");
                    // One that was always between its two writes would never be seen to agree.
                    Beside.pause(REST.toMillis());
                })) {
            TableReport report = watch(db, seen -> seen.rows().expected() == 3);

            assertThat(report.proved()).isFalse();
            assertThat(named(report)).hasSize(2).allMatch(m -> m.endsWith(" 20001") || m.endsWith(" 20002"));
            assertThat(application.end()).isPositive();
        }
    }

    @Test
    void a_bug_of_the_transform_in_one_row_of_5000_is_found_by_what_the_application_wrote() throws Exception {
        AtomicInteger last = new AtomicInteger(20_000);
        try (FillDatabase db = database();
                Beside application = new Beside(db, (connection, random) -> {
                    int from = last.getAndAdd(5_000);
                    String rows = " FROM generate_series(" + (from + 1) + ", " + (from + 5_000) + ") n";
                    Beside.together(
                            connection,
                            () -> Beside.execute(connection, "INSERT INTO s SELECT n, 'new'" + rows),
                            () -> Beside.execute(connection, "INSERT INTO t SELECT n, 'NEW'" + rows));
                    Beside.pause(250);
                })) {
            TableReport report = watch(db, seen -> seen.rows().expected() >= 5_000);

            assertThat(report.named()).isNotEmpty().allSatisfy(m -> {
                assertThat(m.kind()).isEqualTo(Difference.Kind.WRONG);
                assertThat(Integer.parseInt(m.key().get(0)) % 5_000).isZero();
            });
            assertThat(report.rows().expected()).isGreaterThanOrEqualTo(5_000);
            assertThat(application.end()).isPositive();
        }
    }

    @Test
    void nothing_written_is_no_evidence() throws Exception {
        List<RunEvent> said = new CopyOnWriteArrayList<>();
        try (FillDatabase db = database()) {
            TableReport report =
                    db.verify(FILL, WATCH, said::add, new Stop()).tables().get(0);

            assertThat(report.rows().expected()).isZero();
            assertThat(report.proved()).isFalse();
            // Its pace is that of the rows that it reads: the time that it only waits is none of it.
            assertThat(said)
                    .filteredOn(event -> !(event instanceof RunEvent.SpeedLimit))
                    .startsWith(new RunEvent.Waiting(0, "700ms, for what the application writes"))
                    .element(1)
                    .isInstanceOf(RunEvent.ComparisonStarted.class);
        }
    }

    /** What the rows with these keys, all written since a moment but for the last one's copy, say of how they came there. */
    private static SecondWrites writes(FillDatabase db) throws Exception {
        db.execute("INSERT INTO t VALUES (7, 'OLD')");
        try (PostgresTableVerifier bench = verifier(db, OptionalLong.empty());
                Connection application = db.connect()) {
            String since = bench.moment();
            Beside.together(application, () -> old(application, 3, 1), () -> second(application, 3, "upper(v)"));
            Beside.together(
                    application,
                    () -> old(application, 4, 1),
                    () -> Beside.execute(application, "SAVEPOINT later"),
                    () -> second(application, 4, "upper(v)"));
            second(application, 5, "upper(v)");
            Beside.pause(40);
            Beside.execute(application, "UPDATE s SET v = v WHERE id IN (5, 7)");
            List<List<String>> keys = bench.written(Part.ALL, since);

            assertThat(keys).hasSize(4);
            assertThat(bench.look(keys, true).differing()).isEmpty();
            return bench.writes(keys, since);
        }
    }

    @Test
    void of_rows_that_agree_it_is_told_how_many_were_written_in_both_places_and_how_late_the_second_one_came()
            throws Exception {
        try (FillDatabase db = database()) {
            // Nothing but the transaction is known, and a savepoint has one of its own.
            assertThat(writes(db)).isEqualTo(new SecondWrites(4, 3, 1, null));
        }
        try (PostgresServer keeps =
                        PostgresServer.start(PostgresServer.newest().major(), Map.of("track_commit_timestamp", "on"));
                FillDatabase db = FillDatabase.create(keeps)) {
            tables(db);
            SecondWrites writes = writes(db);

            assertThat(writes).isEqualTo(new SecondWrites(4, 3, 2, writes.longest()));
            assertThat(writes.longest()).isBetween(Duration.ofMillis(40), Duration.ofSeconds(30));
        }
    }

    @Test
    void what_agreement_rests_on_is_the_application_unless_a_trigger_or_an_expectation_stands_in() throws Exception {
        String trigger = FILL.replace("} }", "}, dual_write: trigger }");
        String expect = FILL.replace("} }", "}, expect: { v: upper(v) } }");
        try (FillDatabase db = database()) {
            assertThat(bases(db, FILL)).containsExactly(Claim.Basis.APPLICATION);
            assertThat(bases(db, expect)).containsExactly(Claim.Basis.APPLICATION, Claim.Basis.EXPECT);
            assertThat(bases(db, trigger)).containsExactly(Claim.Basis.TRANSFORM);
        }
    }

    private static List<Claim.Basis> bases(FillDatabase db, String fill) {
        TableReport report = db.verify(fill, new VerifyRequest(Scope.WRITTEN, Duration.ofMillis(1)))
                .tables()
                .get(0);
        return report.claims().stream().map(Claim::basis).toList();
    }

    /** A run that died after a batch, and has copied the rows of this database that come first. */
    private static void diesAfterABatch(FillDatabase db, String fill) {
        assertThatThrownBy(() -> db.run(db.backfill(fill), 1, at -> {
                    if (at == Point.AFTER_FILL_BATCH) {
                        throw new IllegalStateException("dies");
                    }
                }))
                .hasMessageContaining("dies");
    }

    /** @param beside the run whose rows do not count */
    private static PostgresTableVerifier verifier(FillDatabase db, OptionalLong beside) throws SQLException {
        return PostgresTableVerifier.open(db.connect(), db.backfill(FILL).fill(), beside, 1_000);
    }

    @Test
    void beside_an_unfinished_run_an_application_that_writes_both_places_is_proved() throws Exception {
        try (FillDatabase db = database()) {
            diesAfterABatch(db, FILL);
            try (PostgresTableVerifier beside = verifier(db, OptionalLong.of(1))) {
                String since = beside.moment();
                db.execute(
                        "UPDATE s SET v = 'new' WHERE id = 3",
                        "UPDATE t SET v = 'NEW' WHERE id = 3",
                        "INSERT INTO s VALUES (20001, 'new')",
                        "INSERT INTO t VALUES (20001, 'NEW')");
                List<List<String>> keys = beside.written(Part.ALL, since);

                assertThat(keys).containsExactlyInAnyOrder(List.of("3"), List.of("20001"));
                assertThat(beside.look(keys, true).differing()).isEmpty();
            }
            assertThat(watch(db).notes())
                    .containsExactly("run 1 is not finished: a row of public.t that it wrote counts as not there");
        }
    }

    @Test
    void what_an_unfinished_run_put_in_the_second_place_is_not_taken_for_the_application_s() throws Exception {
        try (FillDatabase db = database()) {
            diesAfterABatch(db, FILL);
            assertThat(db.text("SELECT v FROM t WHERE id = 3")).isEqualTo("OLD");
            try (PostgresTableVerifier beside = verifier(db, OptionalLong.of(1));
                    PostgresTableVerifier blind = verifier(db, OptionalLong.empty())) {
                String since = beside.moment();
                db.execute("UPDATE s SET v = v WHERE id = 3");
                List<List<String>> keys = beside.written(Part.ALL, since);

                assertThat(keys).containsExactly(List.of("3"));
                assertThat(beside.look(keys, true).differing().get(List.of("3")))
                        .extracting(Difference::kind)
                        .containsExactly(Difference.Kind.MISSING);
                assertThat(blind.look(keys, true).differing()).isEmpty();
            }
        }
    }

    @Test
    void what_a_run_writes_meanwhile_is_no_evidence() throws Exception {
        try (FillDatabase db = database()) {
            diesAfterABatch(db, FILL);
            try (PostgresTableVerifier beside = verifier(db, OptionalLong.of(1));
                    PostgresTableVerifier blind = verifier(db, OptionalLong.empty())) {
                String since = beside.moment();
                diesAfterABatch(db, FILL);
                db.execute("INSERT INTO s VALUES (20001, 'new')", "INSERT INTO t VALUES (20002, 'NEW')");

                assertThat(blind.written(Part.ALL, since)).hasSizeGreaterThan(2);
                assertThat(beside.written(Part.ALL, since))
                        .containsExactlyInAnyOrder(List.of("20001"), List.of("20002"));
                assertThat(beside.tellsApart()).isTrue();
                db.run(FILL);
                assertThat(beside.tellsApart()).isFalse();
            }
        }
    }

    @Test
    void a_run_that_has_forgotten_its_rows_is_not_judged_by_them() throws Exception {
        try (FillDatabase db = database()) {
            diesAfterABatch(db, FILL);
            db.execute("DROP SEQUENCE neap.alive_until_1");

            assertThatThrownBy(() -> db.verify(FILL, WATCH))
                    .hasMessageStartingWith(
                            "run 1 ended, or had not begun its work, while its application was watched");
        }
    }

    @Test
    void a_run_whose_rows_cannot_be_told_from_the_application_s_is_not_watched() throws Exception {
        String overwrite = FILL.replace("} }", "}, conflict: overwrite }");
        try (FillDatabase db = database()) {
            diesAfterABatch(db, overwrite);

            assertThatThrownBy(() -> db.verify(overwrite, WATCH))
                    .hasMessageContaining(
                            "run 1 of this backfill is not finished, and with this conflict rule it writes"
                                    + " over rows of the application's");
        }
        String inPlace = "fill: { into: s, set: { w: upper(v) } }\n";
        try (FillDatabase db = database()) {
            db.execute("ALTER TABLE s ADD COLUMN w text");
            diesAfterABatch(db, inPlace);

            assertThatThrownBy(() -> db.verify(inPlace, WATCH))
                    .hasMessageContaining("what it writes into a row hides who wrote the row before");
        }
    }
}
