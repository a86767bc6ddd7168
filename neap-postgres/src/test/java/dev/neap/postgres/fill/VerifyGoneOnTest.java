package dev.neap.postgres.fill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.neap.control.ControlStore;
import dev.neap.control.Verifications;
import dev.neap.control.Verifications.Kept;
import dev.neap.control.Verifications.Reached;
import dev.neap.control.Verifications.Subject;
import dev.neap.dialect.Database;
import dev.neap.dialect.Leftover;
import dev.neap.dialect.NeapException;
import dev.neap.run.Probe;
import dev.neap.run.RunListener;
import dev.neap.run.Stop;
import dev.neap.testkit.ChildJvm;
import dev.neap.verify.TableReport;
import dev.neap.verify.VerifyReport;
import dev.neap.verify.VerifyRequest;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A full verification that dies is gone on with behind its last checkpoint, but only where that makes the same claim. */
class VerifyGoneOnTest {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final String FILL = "fill: { from: s, into: t, set: { id: id, v: upper(v) } }\n";

    /** So slow that it is stopped long before its end. */
    private static final String SLOWLY = "pace: { rate: 200 rows/s }\n";

    private static FillDatabase filled() throws Exception {
        FillDatabase db = FillDatabase.create();
        db.execute(
                "CREATE TABLE s (id int PRIMARY KEY, v text)",
                "CREATE TABLE t (id int PRIMARY KEY, v text)",
                "INSERT INTO s SELECT n, 'v' || n FROM generate_series(1, 8000) n");
        db.run(FILL);
        return db;
    }

    private static List<String> named(TableReport table) {
        return table.named().stream().map(m -> m.kind() + " " + m.key().get(0)).toList();
    }

    private static TableReport only(VerifyReport report) {
        assertThat(report.tables()).hasSize(1);
        return report.tables().get(0);
    }

    private static void awaitCheckpoint(FillDatabase db, int part) {
        await().atMost(PATIENCE)
                .until(() -> db.number(
                                "SELECT count(*) FROM neap.verification WHERE upto_key IS NOT NULL AND part = " + part)
                        == 1);
    }

    /** Begins a verification, and stops it as soon as a table has a checkpoint. */
    private static void stopped(FillDatabase db, String fill, int part) throws InterruptedException {
        AtomicReference<@Nullable Throwable> end = new AtomicReference<>();
        Stop stop = new Stop();
        Thread verification = new Thread(() -> {
            try {
                db.verify(fill + SLOWLY, VerifyRequest.EVERY_ROW, RunListener.SILENT, stop);
            } catch (NeapException e) {
                end.set(e);
            }
        });
        verification.start();
        awaitCheckpoint(db, part);
        stop.request("asked to");
        verification.join(PATIENCE.toMillis());
        assertThat(end.get())
                .hasMessageMatching("asked to; of public\\.\\w+ every row up to the key \\d+ was compared, and the same"
                        + " command goes on behind it")
                .extracting(e -> ((NeapException) e).kind())
                .isEqualTo(NeapException.Kind.STOPPED);
    }

    @Test
    void one_that_was_killed_is_gone_on_with_and_no_row_that_differs_is_lost() throws Exception {
        try (FillDatabase db = filled()) {
            db.execute(
                    "UPDATE t SET v = 'x' WHERE id IN (10, 20, 8000)",
                    "DELETE FROM t WHERE id = 30",
                    "INSERT INTO t VALUES (-1, 'extra')");
            try (ChildJvm child = ChildJvm.start(
                    VerifyChild.class.getName(),
                    List.of(String.valueOf(db.port()), db.name(), FILL + SLOWLY),
                    line -> {})) {
                awaitCheckpoint(db, 1);
                assertThat(child.kill()).as(child.output()).isEqualTo(ChildJvm.KILLED);
            }
            // The one is right before anybody goes on; the other is spoiled where nobody looks again, as the report
            // says.
            db.execute("UPDATE t SET v = 'V20' WHERE id = 20", "UPDATE t SET v = 'x' WHERE id = 40");
            List<String> upTo = List.of(db.text("SELECT upto_key::json ->> 0 FROM neap.verification"));

            TableReport table = only(db.verify(FILL));

            assertThat(named(table)).containsExactlyInAnyOrder("WRONG 10", "MISSING 30", "EXTRA -1", "WRONG 8000");
            assertThat(table.rows().expected()).isEqualTo(8_000);
            assertThat(table.rows().actual()).isEqualTo(8_000);
            assertThat(table.rows().settled()).isEqualTo(1);
            TableReport.Sittings sittings = table.sittings();
            assertThat(sittings).isNotNull();
            assertThat(sittings.number()).isEqualTo(2);
            assertThat(sittings.upTo()).isEqualTo(upTo);
            assertThat(sittings.began()).isBefore(sittings.stopped());
            assertThat(sittings.stopped()).isBefore(sittings.resumed());
            assertThat(sittings.resumed()).isBefore(sittings.ended());
            assertThat(db.number("SELECT count(*) FROM neap.verification")).isZero();

            TableReport anew = only(db.verify(FILL));

            assertThat(named(anew)).contains("WRONG 40");
            assertThat(anew.sittings()).isNull();
        }
    }

    @Test
    void what_would_be_another_claim_begins_anew_and_says_why() throws Exception {
        try (FillDatabase db = filled()) {
            stopped(db, FILL, 1);
            String other = FILL.replace("upper(v)", "upper(v) || ''");
            assertAnew(db.verify(other), "the file expects something else now");

            stopped(db, FILL, 1);
            db.execute("ALTER TABLE t ADD COLUMN note text");
            assertAnew(db.verify(FILL), "the columns of the tables are not the same");

            stopped(db, FILL, 1);
            db.execute("UPDATE neap.verification SET saved_at = saved_at - interval '25 hours'");
            assertAnew(db.verify(FILL), "that was more than 24 hours ago");

            stopped(db, FILL, 1);
            db.run(FILL);
            assertAnew(db.verify(FILL), "run 2 was made since");

            stopped(db, FILL, 1);
            TableReport same = only(db.verify(FILL));
            assertThat(same.sittings()).isNotNull();
            assertThat(same.notes()).isEmpty();
        }
    }

    private static void assertAnew(VerifyReport report, String why) {
        TableReport table = only(report);
        assertThat(table.sittings()).isNull();
        assertThat(table.notes()).containsExactly("an earlier verification was not gone on with: " + why);
        assertThat(table.rows().expected()).isEqualTo(8_000);
    }

    @Test
    void of_several_tables_those_that_are_through_stay_so() throws Exception {
        String two = """
                fill:
                  - { from: s, into: t, set: { id: id, v: upper(v) } }
                  - { from: large, into: u, set: { id: id, v: lower(v) } }
                """;
        try (FillDatabase db = FillDatabase.create()) {
            db.execute(
                    "CREATE TABLE s (id int PRIMARY KEY, v text)",
                    "CREATE TABLE t (id int PRIMARY KEY, v text)",
                    "CREATE TABLE u (id int PRIMARY KEY, v text)",
                    "INSERT INTO s SELECT n, 'v' || n FROM generate_series(1, 600) n",
                    "CREATE TABLE large (id int PRIMARY KEY, v text)",
                    "INSERT INTO large SELECT n, 'v' || n FROM generate_series(1, 8000) n");
            db.run(two);
            stopped(db, two, 2);

            VerifyReport report = db.verify(two);

            assertThat(report.proved()).isTrue();
            assertThat(report.tables())
                    .extracting(table -> table.rows().expected())
                    .containsExactly(600L, 8_000L);
            assertThat(report.tables().get(0).sittings())
                    .isNotNull()
                    .satisfies(first -> assertThat(first.upTo()).containsExactly("600"));
            assertThat(report.tables().get(1).sittings()).isNotNull();
        }
    }

    @Test
    void what_another_process_has_gone_on_with_is_its_own() throws Exception {
        Subject subject = new Subject("test", 1, "declared", "shape", 1);
        Reached early = new Reached(List.of("10", "a \"quoted\" {key}"), 10, 9, 1, 2, 3, List.of(List.of("4", "")));
        Reached late = new Reached(List.of("20", "b"), 20, 20, 0, 0, 5, List.of());
        try (FillDatabase db = filled();
                Database database = db.open();
                ControlStore one = database.control("one");
                ControlStore other = database.control("other")) {
            Verifications first = new Verifications(one);
            Verifications second = new Verifications(other);
            Kept begun = first.begin(subject);
            assertThat(begun.reached()).isNull();
            assertThat(first.save(begun, early)).isTrue();
            Kept found = second.find("test", 1).orElseThrow();
            assertThat(found.reached()).isEqualTo(early);

            Kept taken = second.takeUp(found).orElseThrow();

            assertThat(second.takeUp(found))
                    .as("by a third one that had read it, too")
                    .isEmpty();
            assertThat(second.save(taken, late)).isTrue();
            assertThat(first.save(begun, early)).isFalse();
            first.over(begun);
            assertThat(first.find("test", 1).orElseThrow().reached()).isEqualTo(late);
            second.over(taken);
            assertThat(first.find("test", 1)).isEmpty();
        }
    }

    @Test
    void a_role_that_may_not_write_the_control_tables_and_one_beside_an_unfinished_run_keep_none_and_say_so()
            throws Exception {
        try (FillDatabase db = filled()) {
            db.execute(
                    "DROP ROLE IF EXISTS looks_on", "CREATE ROLE looks_on LOGIN", "GRANT SELECT ON s, t TO looks_on");

            VerifyReport looked = db.verifyAs("looks_on", FILL);

            assertThat(looked.proved()).isTrue();
            assertThat(only(looked).notes())
                    .singleElement()
                    .asString()
                    .contains("cannot write the table neap.verification");
            db.execute("DROP OWNED BY looks_on", "DROP ROLE looks_on", "UPDATE neap.run SET state = 'stopped'");

            VerifyReport beside = db.verify(FILL);

            assertThat(beside.proved()).isTrue();
            assertThat(only(beside).notes()).containsExactly("kept no checkpoint to go on from: run 1 is not finished");
        }
    }

    @Test
    void a_checkpoint_that_nobody_may_go_on_from_is_due_for_cleanup_and_no_other() throws Exception {
        try (FillDatabase db = filled()) {
            stopped(db, FILL, 1);
            assertThat(db.leftovers())
                    .filteredOn(left -> left.kind().equals("verification"))
                    .singleElement()
                    .satisfies(left -> assertThat(left.why()).startsWith("neap verify goes on from it until "))
                    .extracting(Leftover::due)
                    .isEqualTo(false);

            db.execute("UPDATE neap.verification SET saved_at = saved_at - interval '25 hours'");
            List<Leftover> dropped = db.neap(Probe.NONE).cleanup();

            assertThat(dropped).extracting(Leftover::name).containsExactly("checkpoint 1 of test");
            assertThat(db.leftovers()).isEmpty();
        }
    }

    @Test
    void only_what_compares_every_row_and_mends_none_is_gone_on_with() throws Exception {
        try (FillDatabase db = filled()) {
            stopped(db, FILL, 1);
            db.execute("UPDATE t SET v = 'x' WHERE id = 40");

            TableReport mended = only(db.verify(FILL, VerifyRequest.everyRow(VerifyRequest.Fix.PRINT)));

            assertThat(named(mended)).as("where the checkpoint has passed").containsExactly("WRONG 40");
            assertThat(mended.sittings()).isNull();
        }
    }
}
