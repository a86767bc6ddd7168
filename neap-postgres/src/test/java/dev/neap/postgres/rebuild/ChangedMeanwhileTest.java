package dev.neap.postgres.rebuild;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.neap.dialect.NeapException;
import dev.neap.dialect.Tuning;
import dev.neap.rebuild.Point;
import dev.neap.run.RunEvent;
import dev.neap.run.RunResult;
import dev.neap.testkit.PostgresServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the application, or a colleague, does to the partition while its shadow is built. Unit 1 is ledger_3. */
class ChangedMeanwhileTest {
    /** Its deadline is longer than a busy machine stalls it, and shorter than what comes in late takes to be mended. */
    private static final Tuning UNHURRIED = new Tuning(
            Tuning.DEFAULT.lease(),
            Duration.ofMillis(1_500),
            Ledger.QUICK.courtesy(),
            Ledger.QUICK.patience(),
            Ledger.QUICK.captureLife(),
            Ledger.QUICK.captureLimit());

    private final PostgresServer server = PostgresServer.newest();

    private Ledger run(String database, Point where, String... sql) {
        Ledger ledger = new Ledger(server, database).withRows(2_000);
        Once once = new Once(where, () -> server.execute(database, sql));
        RunResult result = ledger.run(once);
        assertThat(once.did()).as("the run came to " + where).isTrue();
        assertThat(result.outcome()).as(ledger.events.toString()).isEqualTo(RunResult.Outcome.DONE);
        assertThat(ledger.number("SELECT count(*) FROM ledger WHERE form <> 2")).isZero();
        assertThat(ledger.number("SELECT count(*) FROM pg_trigger WHERE tgname LIKE 'neap_capture%'"))
                .isZero();
        return ledger;
    }

    private static boolean startedOver(Ledger ledger) {
        return ledger.events.stream()
                .anyMatch(e -> e instanceof RunEvent.Note note && note.text().contains("back to the beginning"));
    }

    @Test
    void rows_written_during_the_load_are_replayed() {
        Ledger ledger = run(
                "meanwhile_write",
                Point.AFTER_LOAD_BATCH,
                "UPDATE ledger SET amount = 7 WHERE day = '2026-01-03' AND id = 2",
                "DELETE FROM ledger WHERE day = '2026-01-03' AND id = 5",
                "UPDATE ledger SET id = 900001 WHERE day = '2026-01-03' AND id = 8",
                "INSERT INTO ledger VALUES ('2026-01-03', 900002, 1, 9, 1, 'new')");

        assertThat(ledger.number("SELECT amount::bigint FROM ledger WHERE id = 2"))
                .isEqualTo(700);
        assertThat(ledger.number("SELECT count(*) FROM ledger WHERE id IN (5, 8)"))
                .isZero();
        assertThat(ledger.number("SELECT amount::bigint FROM ledger WHERE id = 900001"))
                .isEqualTo(800);
        assertThat(ledger.number("SELECT amount::bigint FROM ledger WHERE id = 900002"))
                .isEqualTo(900);
        assertThat(ledger.number("SELECT count(*) FROM ledger")).isEqualTo(6_000);
    }

    @Test
    void rows_that_move_into_a_done_partition_in_the_old_form_are_recomputed_there() {
        Ledger ledger = run(
                "meanwhile_move",
                Point.AFTER_SWAP,
                "UPDATE ledger SET day = '2026-01-03' WHERE day = '2026-01-01' AND id = 3",
                "UPDATE ledger SET day = '2026-01-01' WHERE day = '2026-01-03' AND id = 2");

        assertThat(ledger.number("SELECT amount::bigint FROM ledger WHERE id = 3"))
                .isEqualTo(300);
        assertThat(ledger.number("SELECT amount::bigint FROM ledger WHERE id = 2"))
                .isEqualTo(200);
    }

    @Test
    void a_done_partition_that_is_written_faster_than_it_is_mended_is_not_mended_for_ever() {
        String database = "meanwhile_fast";
        Ledger ledger = new Ledger(server, database).withRows(2_000);
        AtomicInteger rounds = new AtomicInteger();
        RunResult result = ledger.run(at -> {
            // Twice what a round looks at.
            if (at == Point.BEFORE_SETTLE || (at == Point.SETTLE_BATCH && rounds.incrementAndGet() < 100)) {
                server.execute(database, "UPDATE ledger SET note = note WHERE day = '2026-01-03' AND id <= 3000");
            }
        });

        assertThat(result.outcome()).isEqualTo(RunResult.Outcome.DONE);
        assertThat(rounds.get()).isBetween(1, 20);
    }

    /** A TRUNCATE empties a table for older snapshots too, which do not see that it was recorded. */
    @Test
    void a_truncate_between_the_snapshot_of_a_verification_and_its_look_is_no_mismatch() throws Exception {
        String database = "meanwhile_truncate_verify";
        Ledger ledger = new Ledger(server, database).withRows(2_000);
        AtomicReference<CompletableFuture<Void>> truncated = new AtomicReference<>();
        RunResult result = ledger.run(at -> {
            if (at == Point.BEFORE_VERIFY && truncated.get() == null) {
                truncated.set(truncateInsideVerification(database));
            }
        });
        truncated.get().get(30, TimeUnit.SECONDS);

        assertThat(result.outcome()).as(ledger.events.toString()).isEqualTo(RunResult.Outcome.DONE);
        assertThat(startedOver(ledger)).isTrue();
        assertThat(ledger.number("SELECT count(*) FROM ledger_3")).isZero();
        assertThat(ledger.number("SELECT count(*) FROM ledger WHERE form = 2")).isEqualTo(4_000);
    }

    /** Holds up the verification where its snapshot is taken and no row is read, and truncates what it is about. */
    private CompletableFuture<Void> truncateInsideVerification(String database) {
        try {
            Connection connection = server.connect(database);
            connection.setAutoCommit(false);
            Statement s = connection.createStatement();
            s.execute("LOCK TABLE neap.changes_1 IN ACCESS EXCLUSIVE MODE");
            return CompletableFuture.runAsync(() -> {
                try (connection) {
                    HeldUp.awaitTrue(
                            s,
                            "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted"
                                    + " AND relation = 'neap.changes_1'::regclass)");
                    s.execute("TRUNCATE ledger_3");
                    connection.commit();
                } catch (SQLException | InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            });
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void a_truncate_sends_the_unit_back_to_its_load() {
        Ledger ledger = run("meanwhile_truncate", Point.AFTER_INDEX, "TRUNCATE ledger_3");

        assertThat(startedOver(ledger)).isTrue();
        assertThat(ledger.number("SELECT count(*) FROM ledger_3")).isZero();
    }

    @Test
    void an_index_made_meanwhile_is_on_the_partition_after_the_swap() {
        Ledger ledger = run("meanwhile_index", Point.AFTER_VERIFY, "CREATE INDEX made_meanwhile ON ledger (note)");

        assertThat(startedOver(ledger)).isTrue();
        assertThat(ledger.number(
                        "SELECT count(*) FROM pg_indexes WHERE schemaname = 'public' AND tablename = 'ledger_3'"
                                + " AND indexdef LIKE '%(note)%'"))
                .isEqualTo(1);
    }

    @Test
    void what_is_granted_or_indexed_while_the_catalog_is_read_is_on_the_partition_after_the_swap() {
        Ledger ledger = new Ledger(server, "meanwhile_read").withRows(500);
        AtomicReference<CompletableFuture<Void>> changed = new AtomicReference<>();

        RunResult result = ledger.run(new Once(
                Point.BEFORE_SHADOW,
                () -> changed.set(HeldUp.changeBeforeTheShadow(
                        ledger,
                        1,
                        "CREATE INDEX made_meanwhile ON ledger_3 (note)",
                        "GRANT SELECT ON ledger_3 TO PUBLIC"))));

        changed.get().join();
        assertThat(result.outcome()).as(ledger.events.toString()).isEqualTo(RunResult.Outcome.DONE);
        assertThat(ledger.number("SELECT count(*) FROM pg_indexes WHERE schemaname = 'public'"
                        + " AND tablename = 'ledger_3' AND indexdef LIKE '%(note)%'"))
                .isEqualTo(1);
        assertThat(ledger.text("SELECT relacl::text FROM pg_class WHERE oid = 'ledger_3'::regclass"))
                .contains("=r/postgres");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "AFTER_LOAD_BATCH | ALTER TABLE ledger ADD COLUMN extra int DEFAULT 5 | SELECT count(*) FROM ledger WHERE extra = 5",
                "AFTER_INDEX | ALTER TABLE ledger DROP COLUMN note | SELECT count(*) FROM ledger WHERE to_jsonb(ledger)->'note' IS NULL",
                "AFTER_VERIFY | ALTER TABLE ledger ALTER COLUMN note TYPE varchar(90) | SELECT count(*) FROM ledger WHERE pg_typeof(note)::text = 'character varying'",
                "BEFORE_SWAP | ALTER TABLE ledger ALTER COLUMN note SET NOT NULL | SELECT count(*) FROM ledger WHERE note IS NOT NULL"
            })
    void a_column_that_is_altered_meanwhile_sends_the_unit_back_and_no_row_is_lost(
            Point where, String sql, String whole) {
        Ledger ledger = run("meanwhile_column", where, sql);

        assertThat(startedOver(ledger)).isTrue();
        assertThat(ledger.number(whole)).isEqualTo(6_000);
    }

    @Test
    void a_recomputed_column_that_is_renamed_meanwhile_sets_the_unit_aside_and_leaves_it_as_it_was() {
        Ledger ledger = new Ledger(server, "meanwhile_dropped").withRows(500);
        Once once = new Once(
                Point.BEFORE_SWAP,
                () -> server.execute(ledger.database, "ALTER TABLE ledger RENAME COLUMN amount TO cents"));

        RunResult result = ledger.run(once);

        assertThat(once.did()).isTrue();
        assertThat(result.outcome()).as(ledger.events.toString()).isEqualTo(RunResult.Outcome.FAILED);
        assertThat(result.causes().toString())
                .contains("public.ledger_3 has no column amount any more, which rebuild.set computes");
        assertThat(ledger.number("SELECT count(*) FROM ledger WHERE form = 1")).isEqualTo(1_500);
    }

    @Test
    void a_recomputed_column_that_is_renamed_after_the_swaps_is_asked_for_and_what_is_left_is_recomputed_then() {
        Ledger ledger = new Ledger(server, "meanwhile_renamed_late").withRows(500);
        Once once = new Once(
                Point.BEFORE_SETTLE,
                () -> server.execute(
                        ledger.database,
                        "UPDATE ledger SET amount = 1, form = 1 WHERE id <= 3",
                        "ALTER TABLE ledger RENAME COLUMN amount TO cents"));

        assertThatThrownBy(() -> ledger.run(once))
                .isInstanceOf(NeapException.class)
                .hasMessageContaining("public.ledger_3 has no column amount any more, which rebuild.set computes");

        assertThat(once.did()).isTrue();
        server.execute(ledger.database, "ALTER TABLE ledger RENAME COLUMN cents TO amount");
        assertThat(ledger.run(once).outcome()).isEqualTo(RunResult.Outcome.DONE);
        assertThat(ledger.number("SELECT count(*) FROM ledger WHERE form = 1")).isZero();
    }

    @Test
    void capture_that_somebody_dropped_voids_the_shadow() {
        Ledger ledger = run(
                "meanwhile_trigger",
                Point.AFTER_INDEX,
                "DROP TRIGGER neap_capture_1 ON ledger_3",
                "UPDATE ledger SET amount = 7 WHERE day = '2026-01-03' AND id = 2");

        assertThat(startedOver(ledger)).isTrue();
        assertThat(ledger.number("SELECT amount::bigint FROM ledger WHERE id = 2"))
                .isEqualTo(700);
    }

    @Test
    void capture_that_lapsed_voids_the_shadow_and_never_fails_a_write() {
        Ledger ledger = run(
                "meanwhile_lapse",
                Point.AFTER_INDEX,
                "SELECT setval('neap.alive_until_1', 1)",
                "UPDATE ledger SET amount = 7 WHERE day = '2026-01-03' AND id = 2");

        assertThat(ledger.number("SELECT amount::bigint FROM ledger WHERE id = 2"))
                .isEqualTo(700);
    }

    @Test
    void a_parent_row_may_be_deleted_with_its_child_while_the_shadow_has_its_foreign_key() {
        Ledger ledger = run(
                "meanwhile_parent",
                Point.BEFORE_SWAP,
                "INSERT INTO account VALUES (900, 'short-lived')",
                "INSERT INTO ledger VALUES ('2026-01-03', 900003, 900, 1, 1, 'child')",
                "BEGIN; DELETE FROM ledger WHERE id = 900003; DELETE FROM account WHERE id = 900; COMMIT",
                """
                BEGIN; UPDATE ledger SET account = 2 WHERE account = 1 AND day = '2026-01-03';
                DELETE FROM ledger WHERE account = 1; DELETE FROM account WHERE id = 1; COMMIT
                """);

        assertThat(ledger.number("SELECT count(*) FROM account WHERE id IN (1, 900)"))
                .isZero();
    }

    @Test
    void after_the_swap_the_kept_rows_do_not_stop_the_application_from_deleting_what_they_referenced() {
        run(
                "meanwhile_kept",
                Point.AFTER_SWAP,
                "BEGIN; DELETE FROM ledger WHERE account = 1; DELETE FROM account WHERE id = 1; COMMIT");
    }

    @Test
    void more_changes_than_capture_keeps_after_a_swap_are_found_by_looking_through_the_whole_partition() {
        Ledger ledger = new Ledger(server, "meanwhile_overflow").withRows(2_000);
        Once once = new Once(
                Point.AFTER_SWAP,
                () -> server.execute(
                        ledger.database,
                        "UPDATE ledger SET day = '2026-01-03' WHERE day = '2026-01-01' AND id % 2 = 0"));

        RunResult result = ledger.run(Ledger.FORGETFUL, once);

        assertThat(result.outcome()).as(ledger.events.toString()).isEqualTo(RunResult.Outcome.DONE);
        assertThat(result.rowsMended()).isGreaterThan(500);
        assertThat(ledger.number("SELECT count(*) FROM ledger WHERE form <> 2 OR amount <> id * 100"))
                .isZero();
    }

    /** Inserts rows in the old form into the unit that is settled second. */
    private void late(Ledger ledger, int from, int rows) {
        server.execute(
                ledger.database,
                "INSERT INTO ledger SELECT '2026-01-02', " + from + " + i, 1, " + from
                        + " + i, 1, 'late' FROM generate_series(1, " + rows + ") AS i");
    }

    @Test
    void what_comes_in_faster_than_it_is_mended_ends_no_session_of_neaps() {
        Ledger ledger = new Ledger(server, "meanwhile_late").withRows(50);
        server.execute(
                ledger.database,
                "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(0.002); RETURN NEW; END'",
                "CREATE TRIGGER slow BEFORE UPDATE ON ledger FOR EACH ROW EXECUTE FUNCTION slow()");
        AtomicInteger settled = new AtomicInteger();
        AtomicInteger batches = new AtomicInteger();

        RunResult result = ledger.run(UNHURRIED, at -> {
            if (at == Point.AFTER_SETTLE && settled.incrementAndGet() == 1) {
                late(ledger, 10_000, 800);
            }
            // Past the changes that were there when mending began, and more than are mended under the lock.
            if (at == Point.SETTLE_BATCH && settled.get() == 1 && batches.incrementAndGet() == 1) {
                late(ledger, 20_000, 1_500);
            }
        });

        assertThat(result.outcome()).as(ledger.events.toString()).isEqualTo(RunResult.Outcome.DONE);
        assertThat(batches.get()).isPositive();
        assertThat(ledger.events.toString()).doesNotContain("attaches again");
        assertThat(ledger.number("SELECT count(*) FROM ledger WHERE form <> 2 OR amount <> id * 100"))
                .isZero();
    }
}
