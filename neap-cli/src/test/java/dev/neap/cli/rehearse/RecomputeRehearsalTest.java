package dev.neap.cli.rehearse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neap.dialect.Practice;
import dev.neap.rehearse.Compared;
import dev.neap.rehearse.CopyRequest;
import dev.neap.testkit.PostgresServer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rehearsals of a rebuild whose rows come from other tables. */
class RecomputeRehearsalTest {
    private static final PostgresServer SERVER = PostgresServer.newest();
    private static final CopyRequest REQUEST = new CopyRequest(300, 6_000, 10, Set.of("customer.email"));

    @TempDir
    Path folder;

    @Test
    void killed_while_its_sources_and_its_rows_are_written_it_is_found_right() {
        String database = RehearsedSources.make(SERVER, "rehearsed_sources");
        Path file = RehearsedSources.file(folder, SERVER, database, "keep");

        Rehearsal.Result result = Rehearsing.rehearse(file, REQUEST, Kills.TIME, line -> {});

        assertThat(result.verdict()).as(result.text()).isEqualTo(Kills.VERDICT);
        assertThat(result.data().path("killed_at")).isNotEmpty();
        assertThat(result.data().path("not_killed_at").isEmpty()).isEqualTo(Kills.VERDICT == Verdict.GOOD);
        assertThat(result.data().path("sent_back").asInt()).isPositive();
        assertThat(result.data().path("units_done").asInt()).isEqualTo(3);
        assertThat(result.data().path("writes").fieldNames())
                .toIterable()
                .contains("exchange in a source", "delete and insert in a source", "update in a source", "delete");
        assertThat(result.text())
                .contains("rows of public.raw_events whose id, day no copied row has")
                .contains("9 rows of public.fx");
    }

    @Test
    void what_the_sources_do_not_yield_is_dropped_and_each_row_that_differs_is_counted() {
        String database = RehearsedSources.make(SERVER, "rehearsed_drop");
        Path file = RehearsedSources.file(folder, SERVER, database, "drop");

        Rehearsal.Result result = Rehearsing.rehearse(file, REQUEST, Duration.ZERO, line -> {
            if (line.startsWith("Done: public.events_1.")) {
                takeWatchedRowsAwayForAMoment();
            } else if (line.startsWith("Comparing")) {
                RehearsalFolder.execute(
                        "UPDATE events SET revenue = revenue + 1 WHERE id = (SELECT min(id) FROM events)");
                RehearsalFolder.execute("DELETE FROM events WHERE id = (SELECT max(id) FROM events)");
            }
        });

        assertThat(result.verdict()).as(result.text()).isEqualTo(Verdict.MISMATCH);
        assertThat(result.text())
                .contains("1 missing, 0 that should not be there, 1 with other values (1 revenue)")
                .containsPattern("WRONG: [0-9,]+ empty partition\n");
    }

    private static void takeWatchedRowsAwayForAMoment() {
        RehearsalFolder.execute(
                "CREATE TABLE aside AS SELECT e.* FROM events_1 AS e JOIN neap_rehearsal.account USING (id, day)"
                        + " WHERE \"neap rehearsal watched\" IS NOT NULL");
        RehearsalFolder.execute("DELETE FROM events USING aside WHERE events.id = aside.id");
        try {
            Thread.sleep(2_000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        RehearsalFolder.execute("INSERT INTO events SELECT * FROM aside");
    }

    @Test
    void sources_that_are_written_without_a_pause_fail_the_receipt_which_says_so() {
        String database = RehearsedSources.make(SERVER, "rehearsed_busy");
        Path file = RehearsedSources.file(folder, SERVER, database, "keep");

        CopyRequest one = new CopyRequest(300, 6_000, 1, Set.of());

        Rehearsal.Result result = Rehearsing.rehearse(file, one, Duration.ZERO, line -> {
            if (line.startsWith("Writers and readers begin")) {
                Thread busy = new Thread(RecomputeRehearsalTest::writeOn, "busy");
                busy.setDaemon(true);
                busy.start();
            }
        });

        assertThat(result.verdict()).as(result.text()).isEqualTo(Verdict.FAILED);
        assertThat(result.text())
                .contains("FAILED: ")
                .contains("the unit went back to its beginning 5 times, the last time because the recompute reads ")
                .contains("written since the load");
    }

    /** Until the rehearsal's server is gone. */
    private static void writeOn() {
        try {
            while (true) {
                RehearsalFolder.execute("UPDATE fx SET rate = rate");
                Thread.sleep(20);
            }
        } catch (IllegalStateException | java.util.NoSuchElementException gone) {
            return;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The new form is not known before the end, so what was seen is judged then. */
    @Test
    void what_readers_saw_is_judged_by_what_there_was_and_what_there_is() {
        String database = RehearsedSources.make(SERVER, "watched_sources");
        practise(database, "keep", practice -> {
            try (Practice.Traffic reader = practice.reader(1)) {
                look(reader);
                SERVER.execute(database, "UPDATE events_1 SET revenue = 2", "UPDATE events_2 SET revenue = 3");
                look(reader);
                assertThat(practice.wrongReads())
                        .as("all old, or all as it is now")
                        .isEmpty();

                SERVER.execute(database, "UPDATE events_1 SET revenue = 1 WHERE id % 2 = 0");
                look(reader);
                SERVER.execute(database, "UPDATE events_1 SET revenue = 2");
                assertThat(practice.wrongReads()).containsOnlyKeys("old and new mixed");

                SERVER.execute(database, "CREATE TABLE aside AS SELECT * FROM events_2", "TRUNCATE events_2");
                look(reader);
                SERVER.execute(database, "INSERT INTO events_2 SELECT * FROM aside WHERE id % 2 = 0");
                look(reader);
                SERVER.execute(database, "INSERT INTO events_2 SELECT * FROM aside WHERE id % 2 = 1");
                assertThat(practice.wrongReads())
                        .containsOnlyKeys("old and new mixed", "empty partition", "missing rows");

                SERVER.execute(database, "UPDATE events_3 SET revenue = 9");
                look(reader);
                SERVER.execute(database, "UPDATE events_3 SET revenue = 4");
                assertThat(practice.wrongReads()).containsKey("neither the old nor the new form");

                SERVER.execute(
                        database,
                        "ALTER TABLE events DROP CONSTRAINT events_pkey",
                        "INSERT INTO events SELECT * FROM events");
                assertThat(reader.once().wrong()).isEqualTo("rows twice");
            }
        });
    }

    @Test
    void a_partition_that_was_called_done_and_never_swapped_is_a_mismatch() {
        String database = RehearsedSources.make(SERVER, "unfinished_sources");
        practise(database, "keep", practice -> {
            RehearsedSources.swap(SERVER, database, 1);
            RehearsedSources.swap(SERVER, database, 2);

            Compared compared = practice.compare();

            assertThat(compared.same()).as(compared.toString()).isFalse();
            assertThat(compared.columns()).containsKey("revenue");
        });
    }

    private static void look(Practice.Traffic reader) {
        for (int i = 0; i < 40; i++) {
            assertThat(reader.once().wrong()).isEmpty();
        }
    }

    /** A swap is seen by the first write after it, whatever that writes; until then the account is as it was. */
    @Test
    void a_change_of_a_source_counts_for_the_partitions_that_were_not_swapped_yet() {
        String database = RehearsedSources.make(SERVER, "accounted_sources");
        practise(database, "drop", practice -> {
            RehearsedSources.swap(SERVER, database, 1);
            try (Practice.Traffic sources = practice.writer(2)) {
                for (int i = 0; i < 40; i++) {
                    sources.once();
                }
            }
            RehearsedSources.swap(SERVER, database, 2);
            SERVER.execute(database, "UPDATE raw_events SET amount = 0 WHERE day < '2024-02-01'");
            RehearsedSources.swap(SERVER, database, 3);

            Compared compared = practice.compare();

            assertThat(compared.same()).as(compared.toString()).isTrue();
            SERVER.execute(database, "UPDATE fx SET rate = rate + 1 WHERE month = '2024-02-01'");
            RehearsedSources.swap(SERVER, database, 2);
            assertThat(practice.compare().columns()).containsOnlyKeys("revenue");
        });
    }

    private void practise(String database, String missing, Consumer<Practice> body) {
        Rehearsing.practise(SERVER, database, RehearsedSources.file(folder, SERVER, database, missing), body);
    }
}
