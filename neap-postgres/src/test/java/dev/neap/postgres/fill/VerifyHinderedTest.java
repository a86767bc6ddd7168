package dev.neap.postgres.fill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.neap.dialect.NeapException;
import dev.neap.dialect.TableVerifier.Part;
import dev.neap.run.RunEvent;
import dev.neap.run.Stop;
import dev.neap.throttle.Decision;
import dev.neap.verify.VerifyReport;
import dev.neap.verify.VerifyRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What stands in the way of a full verification, and what it says then. */
class VerifyHinderedTest {
    private static final String PERSON =
            "fill: { from: person_old, into: person, set: { id: id, name: upper(name) } }\n";

    private static FillDatabase people() throws SQLException {
        FillDatabase db = FillDatabase.create();
        db.execute(
                "CREATE TABLE person_old (id int PRIMARY KEY, name text)",
                "CREATE TABLE person (id int PRIMARY KEY, name text)",
                "INSERT INTO person_old SELECT n, 'Ada ' || n FROM generate_series(1, 50) n",
                "INSERT INTO person SELECT id, upper(name) FROM person_old");
        return db;
    }

    @Test
    void what_does_not_compile_is_refused_before_anything_is_read() throws Exception {
        try (FillDatabase db = people()) {
            assertThatThrownBy(() -> db.verify(PERSON.replace(" } }", " }, expect: { name: no_such_column } }")))
                    .isInstanceOf(NeapException.class)
                    .hasMessageContaining("what is expected of public.person cannot be computed")
                    .hasMessageContaining("no_such_column")
                    .extracting(e -> ((NeapException) e).kind())
                    .isEqualTo(NeapException.Kind.USAGE);
        }
    }

    @Test
    void a_role_that_only_reads_is_told_which_row_it_cannot_judge_and_for_want_of_what() throws Exception {
        try (FillDatabase db = people()) {
            db.execute(
                    "DROP ROLE IF EXISTS auditor",
                    "CREATE ROLE auditor LOGIN",
                    "GRANT SELECT ON person_old, person TO auditor",
                    "GRANT UPDATE (id) ON person_old TO auditor");
            assertThat(db.verifyAs("auditor", PERSON).proved()).isTrue();
            db.execute("UPDATE person SET name = 'Eve' WHERE id = 6");

            assertThatThrownBy(() -> db.verifyAs("auditor", PERSON))
                    .hasMessageStartingWith("the row 6 differed at first sight")
                    .hasMessageContaining("this role may not lock rows of public.person,")
                    .hasMessageEndingWith("GRANT UPDATE (\"id\") ON \"public\".\"person\" TO auditor")
                    .extracting(e -> ((NeapException) e).kind())
                    .isEqualTo(NeapException.Kind.USAGE);
            db.execute("GRANT UPDATE (id) ON person TO auditor");
            assertThat(db.verifyAs("auditor", PERSON).tables().get(0).named())
                    .extracting(named -> named.key().get(0))
                    .containsExactly("6");
            db.execute("DROP OWNED BY auditor", "DROP ROLE auditor");
        }
    }

    @Test
    void whoever_keeps_a_table_locked_for_too_long_is_named() throws Exception {
        try (FillDatabase db = people();
                PostgresTableVerifier verifier = PostgresTableVerifier.open(
                        db.connect(), db.backfill(PERSON).fill(), OptionalLong.empty(), 300);
                Connection other = db.connect();
                Statement s = other.createStatement()) {
            other.setAutoCommit(false);
            s.execute("SET application_name = 'nightly'");
            s.execute("LOCK TABLE person");

            assertThatThrownBy(() -> verifier.compare(Part.ALL))
                    .hasMessageStartingWith("a table that is compared was locked for too long: session ")
                    .hasMessageContaining("(nightly), in a transaction for ")
                    .extracting(e -> ((NeapException) e).kind())
                    .isEqualTo(NeapException.Kind.LOCK);
            other.rollback();
            assertThat(verifier.compare(Part.ALL).same()).isTrue();
        }
    }

    @Test
    void whoever_locks_a_table_for_a_while_is_waited_for_and_named() throws Exception {
        try (FillDatabase db = people();
                Connection other = db.connect();
                Statement s = other.createStatement()) {
            other.setAutoCommit(false);
            s.execute("SET application_name = 'nightly'");
            s.execute("LOCK TABLE person");
            List<String> waits = new ArrayList<>();

            VerifyReport report = db.verify(
                    PERSON,
                    VerifyRequest.EVERY_ROW,
                    event -> {
                        if (event instanceof RunEvent.Waiting waiting) {
                            waits.add(waiting.why());
                            rollback(other);
                        }
                    },
                    new Stop());

            assertThat(report.proved()).isTrue();
            assertThat(waits).singleElement().asString().contains("locked for too long: session ", "(nightly)");
        }
    }

    @Test
    void the_signals_of_the_file_hold_it_up_and_the_calendar_only_what_it_would_write() throws Exception {
        int hour = ZonedDateTime.now(ZoneOffset.UTC).getHour();
        Path flag = Files.createTempFile("neap-hold", ".flag");
        String held = PERSON
                + "throttle:\n  hours: %02d:00-%02d:00 UTC\n  signals: [{ name: hold, file: %s, every: 1s }]\n"
                        .formatted((hour + 2) % 24, (hour + 3) % 24, flag);
        try (FillDatabase db = people()) {
            db.execute("DELETE FROM person WHERE id = 6");
            List<RunEvent> events = new CopyOnWriteArrayList<>();
            RunEvent over = new RunEvent.Note("over");

            VerifyReport read = db.verify(
                    held,
                    VerifyRequest.EVERY_ROW,
                    event -> {
                        events.add(event);
                        if (waits(event, "hold")) {
                            later(() -> {
                                events.add(over);
                                delete(flag);
                            });
                        }
                    },
                    new Stop());

            assertThat(read.tables().get(0).named()).hasSize(1);
            assertThat(events.subList(0, events.indexOf(over))).noneMatch(RunEvent.RowsCompared.class::isInstance);

            Stop stop = new Stop();
            assertThatThrownBy(() -> db.verify(
                            held,
                            VerifyRequest.everyRow(VerifyRequest.Fix.MEND),
                            event -> {
                                if (waits(event, "hours")) {
                                    later(() -> stop.request("enough"));
                                }
                            },
                            stop))
                    .hasMessage("enough; nothing of it is kept: the same command begins anew");
            assertThat(db.number("SELECT count(*) FROM person WHERE id = 6")).isZero();
        }
    }

    private static boolean waits(RunEvent event, String signal) {
        return event instanceof RunEvent.SpeedChanged changed
                && changed.decision().verdict() == Decision.Verdict.WAIT
                && changed.decision().signal().equals(signal);
    }

    private static void later(Runnable what) {
        CompletableFuture.delayedExecutor(1_500, TimeUnit.MILLISECONDS).execute(what);
    }

    private static void rollback(Connection connection) {
        try {
            connection.rollback();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void delete(Path file) {
        try {
            Files.delete(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
