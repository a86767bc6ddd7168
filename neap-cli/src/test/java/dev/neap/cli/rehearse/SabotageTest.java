package dev.neap.cli.rehearse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neap.dialect.Database;
import dev.neap.dialect.Practice;
import dev.neap.dialect.Tuning;
import dev.neap.postgres.PostgresDialect;
import dev.neap.rehearse.Compared;
import dev.neap.rehearse.CopyRequest;
import dev.neap.testkit.PostgresServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a receipt says when something is wrong on purpose: rows of the table, writes of the application, processes that
 * are dead. Without a fault the same files are found right in {@link RehearsalTest} and {@link RecomputeRehearsalTest}.
 */
class SabotageTest {
    private static final PostgresServer SERVER = PostgresServer.newest();
    private static final CopyRequest REQUEST = new CopyRequest(300, 1_000, 10, Set.of());
    private static final String COLUMNS = "id, day, customer, feeling, euros, paid, note, phone";
    private static final String DOUBLED = "INSERT INTO events (" + COLUMNS + ") OVERRIDING SYSTEM VALUE SELECT "
            + COLUMNS + " FROM events WHERE id = ";
    /** Rows that no writer touches, so that a fault stays as it is. */
    private static final String WATCHED =
            "(SELECT %s(id) FROM neap_rehearsal.account JOIN %s USING (id) WHERE \"neap rehearsal watched\" IS NOT NULL)";
    /** Rows with a higher number in the account were inserted by writers. */
    private static final int COPIED = 900;

    private static final int NOBODYS = 1_000_000_000;

    @TempDir
    Path folder;

    @Test
    void rows_that_are_lost_added_altered_or_doubled_behind_the_run_s_back_are_counted_and_a_lost_insert_too() {
        AtomicInteger done = new AtomicInteger();

        Rehearsal.Result result = rehearse("sabotaged_rows", Duration.ZERO, Performance.GRACE, line -> {
            if (line.startsWith("Done: ")) {
                String partition = line.substring("Done: ".length(), line.length() - 1);
                switch (done.incrementAndGet()) {
                    case 1 -> {
                        RehearsalFolder.execute("DELETE FROM events WHERE id = " + WATCHED.formatted("min", partition));
                        RehearsalFolder.execute(
                                "INSERT INTO events (id, day, euros, paid, phone) OVERRIDING SYSTEM VALUE"
                                        + " SELECT " + NOBODYS + ", day, euros, paid, phone FROM events WHERE id = "
                                        + WATCHED.formatted("max", partition));
                    }
                    case 2 ->
                        RehearsalFolder.execute(
                                "UPDATE events SET note = 'other' WHERE id = " + WATCHED.formatted("max", partition));
                    default -> {}
                }
            } else if (line.startsWith("Comparing")) {
                RehearsalFolder.execute("ALTER TABLE events DROP CONSTRAINT events_pkey");
                RehearsalFolder.execute(DOUBLED + "(SELECT min(id) FROM events)");
                RehearsalFolder.execute(
                        "DELETE FROM events WHERE id = (SELECT min(id) FROM neap_rehearsal.account WHERE \"neap rehearsal row\" > "
                                + COPIED + ")");
            }
        });

        assertThat(result.verdict()).as(result.text()).isEqualTo(Verdict.MISMATCH);
        assertThat(result.text())
                .contains("2 missing, 2 that should not be there, 1 with other values (1 note)")
                .containsPattern("WRONG: .*[0-9] missing rows");
    }

    /**
     * Of the changes that capture notes while indexes are built, every second is lost, so the shadow lacks it; the others
     * make the application's write fail.
     */
    @Test
    void writes_that_capture_loses_or_refuses_are_a_mismatch() {
        Rehearsal.Result result = rehearse("sabotaged_capture", Duration.ZERO, Performance.GRACE, line -> {
            if (line.startsWith("Writers and readers begin")) {
                sabotageCapture();
            }
        });

        assertThat(result.verdict()).as(result.text()).isEqualTo(Verdict.MISMATCH);
        assertThat(result.text())
                .containsPattern("outcome +mismatch; .* (missing in the shadow|not in the live partition|differ in)")
                .containsPattern("WRONG: .* a write was refused by what Neap made: sabotage");
    }

    private static void sabotageCapture() {
        RehearsalFolder.execute("CREATE FUNCTION sabotage() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                + " IF NEW.seq % 2 = 0 THEN RETURN NULL; END IF; RAISE 'sabotage'; END $$");
        RehearsalFolder.execute("""
                CREATE FUNCTION made() RETURNS event_trigger LANGUAGE plpgsql AS $$
                DECLARE
                    made text;
                BEGIN
                    FOR made IN SELECT object_identity FROM pg_event_trigger_ddl_commands()
                        WHERE object_type = 'table' AND object_identity LIKE 'neap.changes%'
                    LOOP
                        EXECUTE 'CREATE TRIGGER sabotage BEFORE INSERT ON ' || made
                            || ' FOR EACH ROW EXECUTE FUNCTION public.sabotage()';
                    END LOOP;
                    IF tg_tag = 'CREATE INDEX' THEN
                        PERFORM pg_sleep(0.3);
                    END IF;
                END $$""");
        RehearsalFolder.execute(
                "CREATE EVENT TRIGGER made ON ddl_command_end WHEN TAG IN ('CREATE TABLE', 'CREATE INDEX')"
                        + " EXECUTE FUNCTION made()");
    }

    @Test
    void a_process_that_ends_by_itself_fails_the_receipt_which_has_its_last_words() {
        String classes = System.getProperty("java.class.path");
        try {
            Rehearsal.Result result = rehearse("sabotaged_process", Duration.ZERO, Performance.GRACE, line -> {
                if (line.startsWith("Writers and readers begin")) {
                    System.setProperty("java.class.path", folder.toString());
                }
            });

            assertThat(result.verdict()).as(result.text()).isEqualTo(Verdict.FAILED);
            assertThat(result.text())
                    .containsPattern(
                            "outcome +failed; the run's process ended by itself, with exit code 1, and its last"
                                    + " words were: Error: Could not find or load main class .*Understudy");
            assertThat(result.data().path("plan_hash").asText()).isNotEmpty();
        } finally {
            System.setProperty("java.class.path", classes);
        }
    }

    @Test
    void a_dead_process_whose_lease_never_ends_fails_the_receipt_which_names_it() {
        Rehearsal.Result result = rehearse("sabotaged_lease", Duration.ofMinutes(1), Performance.GRACE, line -> {
            if (line.startsWith("Writers and readers begin")) {
                try (Database copy = new PostgresDialect()
                        .open(Understudy.target(RehearsalFolder.port(), "rehearsal"), Tuning.DEFAULT)) {
                    copy.install();
                }
                RehearsalFolder.execute("CREATE FUNCTION forever() RETURNS trigger LANGUAGE plpgsql AS"
                        + " 'BEGIN NEW.expires_at := ''infinity''; RETURN NEW; END'");
                RehearsalFolder.execute("CREATE TRIGGER forever BEFORE INSERT OR UPDATE ON neap.worker"
                        + " FOR EACH ROW EXECUTE FUNCTION forever()");
            }
        });

        assertThat(result.verdict()).as(result.text()).isEqualTo(Verdict.FAILED);
        assertThat(result.text()).containsPattern("outcome +failed; run 1 is held by .* pid ");
        assertThat(result.data().path("killed_at")).isNotEmpty();
    }

    @Test
    @Timeout(value = 90, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void a_process_that_neither_says_anything_nor_ends_after_a_kill_fails_the_receipt() {
        Rehearsal.Result result = rehearse("sabotaged_process", Duration.ofNanos(1), Duration.ofSeconds(5), line -> {
            if (line.startsWith("Writers and readers begin")) {
                Thread freezer = new Thread(SabotageTest::freezeTheSecond, "freezer");
                freezer.setDaemon(true);
                freezer.start();
            }
        });

        assertThat(result.verdict()).as(result.text()).isEqualTo(Verdict.FAILED);
        assertThat(result.text()).contains("the run did not end within 5.0 s after the time for kills");
    }

    private static void freezeTheSecond() {
        Set<Long> processes = new TreeSet<>();
        try {
            while (processes.size() < 2) {
                Thread.sleep(10);
                ProcessHandle.current()
                        .children()
                        .filter(each -> each.info().command().orElse("").endsWith("java"))
                        .map(ProcessHandle::pid)
                        .filter(processes::add)
                        .filter(any -> processes.size() == 2)
                        .forEach(SabotageTest::freeze);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void freeze(long pid) {
        try {
            new ProcessBuilder("kill", "-STOP", String.valueOf(pid)).start();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Each fault adds to those before it, so that none hides another. */
    @Test
    void each_fault_in_a_table_that_is_recomputed_from_itself_is_told_apart() {
        String database = RehearsedTable.make(SERVER, "sabotaged_table");
        Path file = RehearsedTable.file(folder, SERVER, database, "paid: in_cents(euros)");
        Rehearsing.practise(SERVER, database, file, practice -> {
            assertThat(practice.compare()).isEqualTo(new Compared(3_000, 0, 0, 3_000, Map.of("paid", 3_000L)));

            SERVER.execute(database, "UPDATE events SET paid = in_cents(euros)");
            assertThat(practice.compare()).isEqualTo(new Compared(3_000, 0, 0, 0, Map.of()));

            SERVER.execute(database, "DELETE FROM events WHERE id = 7");
            assertThat(practice.compare()).isEqualTo(new Compared(3_000, 1, 0, 0, Map.of()));

            SERVER.execute(
                    database,
                    "UPDATE events SET paid = NULL WHERE id = 8",
                    "UPDATE events SET note = 'other', feeling = 'stormy' WHERE id = 9");
            Map<String, Long> columns = Map.of("feeling", 1L, "note", 1L, "paid", 1L);
            assertThat(practice.compare()).isEqualTo(new Compared(3_000, 1, 0, 2, columns));

            SERVER.execute(
                    database,
                    "INSERT INTO events (id, day, euros, phone) OVERRIDING SYSTEM VALUE VALUES (" + NOBODYS
                            + ", '2024-01-05', 1, '')");
            assertThat(practice.compare()).isEqualTo(new Compared(3_000, 1, 1, 2, columns));

            SERVER.execute(database, "ALTER TABLE events DROP CONSTRAINT events_pkey", DOUBLED + "10");
            assertThat(practice.compare()).isEqualTo(new Compared(3_000, 1, 2, 2, columns));
        });
    }

    @Test
    void each_fault_in_a_table_that_is_recomputed_from_others_is_told_apart() {
        String database = RehearsedSources.make(SERVER, "sabotaged_sources");
        Path file = RehearsedSources.file(folder, SERVER, database, "drop");
        Rehearsing.practise(SERVER, database, file, practice -> {
            for (int month = 1; month <= 3; month++) {
                RehearsedSources.swap(SERVER, database, month);
            }
            try (Practice.Traffic writer = practice.writer(1)) {
                for (int i = 0; i < 60; i++) {
                    assertThat(writer.once().wrong()).isEmpty();
                }
            }
            long rows = practice.compare().rows();
            assertThat(practice.compare()).isEqualTo(new Compared(rows, 0, 0, 0, Map.of()));

            SERVER.execute(
                    database,
                    "DELETE FROM events WHERE id = (SELECT min(id) FROM events WHERE id > 9000)",
                    "UPDATE events SET revenue = revenue + 0.01 WHERE id = (SELECT min(id) FROM events)",
                    "INSERT INTO events VALUES (" + NOBODYS + ", '2024-01-05', 1, 1)");
            assertThat(practice.compare()).isEqualTo(new Compared(rows, 1, 1, 1, Map.of("revenue", 1L)));

            SERVER.execute(
                    database,
                    "ALTER TABLE events DROP CONSTRAINT events_pkey",
                    "INSERT INTO events SELECT * FROM events WHERE id = (SELECT min(id) FROM events)");
            // The altered row is there twice.
            assertThat(practice.compare()).isEqualTo(new Compared(rows, 1, 2, 2, Map.of("revenue", 2L)));
        });
    }

    /** What is doubled and what is lost does not cancel out. */
    @Test
    void each_fault_in_a_table_without_a_key_is_told_apart() throws IOException {
        String database = "sabotaged_keyless";
        SERVER.createDatabase(database);
        SERVER.execute(
                database,
                "CREATE TABLE log (day date NOT NULL, word text) PARTITION BY RANGE (day)",
                "CREATE TABLE log_1 PARTITION OF log FOR VALUES FROM ('2024-01-01') TO ('2024-02-01')",
                "INSERT INTO log SELECT '2024-01-05', 'word ' || i / 2 FROM generate_series(2, 101) AS i",
                "ANALYZE");
        Path file = Files.writeString(folder.resolve("log.yaml"), """
                backfill: shout
                connection: postgresql://postgres@localhost:%d/%s
                rebuild:
                  table: public.log
                  set: { word: upper(word) }
                  writes: none
                """.formatted(SERVER.port(), database));
        Rehearsing.practise(SERVER, database, file, practice -> {
            SERVER.execute(database, "UPDATE log SET word = upper(word)");
            assertThat(practice.compare()).isEqualTo(new Compared(100, 0, 0, 0, Map.of()));

            SERVER.execute(database, "DELETE FROM log WHERE ctid = (SELECT min(ctid) FROM log WHERE word = 'WORD 5')");
            assertThat(practice.compare()).isEqualTo(new Compared(100, 1, 0, 0, Map.of()));

            SERVER.execute(database, "INSERT INTO log VALUES ('2024-01-05', 'WORD 6')");
            assertThat(practice.compare()).isEqualTo(new Compared(100, 1, 1, 0, Map.of()));
        });
    }

    private Rehearsal.Result rehearse(String database, Duration kills, Duration grace, Consumer<String> tell) {
        RehearsedTable.make(SERVER, database);
        Path file = RehearsedTable.file(folder, SERVER, database, "paid: in_cents(euros)");
        return Rehearsing.rehearse(file, REQUEST, kills, grace, tell);
    }
}
