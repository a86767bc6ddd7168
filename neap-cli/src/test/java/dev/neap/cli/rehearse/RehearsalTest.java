package dev.neap.cli.rehearse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.neap.rehearse.CopyRequest;
import dev.neap.testkit.PostgresServer;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RehearsalTest {
    private static final PostgresServer SERVER = PostgresServer.newest();
    private static final CopyRequest REQUEST = new CopyRequest(300, 1_000, 10, Set.of("phone", "customer.email"));

    @TempDir
    Path folder;

    @Test
    void a_right_backfill_is_found_right_and_what_is_omitted_never_leaves_the_source() throws Exception {
        String database = RehearsedTable.make(SERVER, "rehearsed");
        Path file = RehearsedTable.file(folder, SERVER, database, "paid: in_cents(euros)");
        String before = contents(database);
        List<Path> holding = new ArrayList<>();

        Rehearsal.Result result = Rehearsing.rehearse(file, REQUEST, Kills.TIME, line -> {
            if (line.startsWith("Comparing")) {
                holding.addAll(RehearsalFolder.filesHolding(RehearsedTable.SECRET));
                assertThat(RehearsalFolder.filesHolding("note 1")).isNotEmpty();
            }
        });

        assertThat(result.verdict()).as(result.text()).isEqualTo(Kills.VERDICT);
        assertThat(contents(database)).as("the source").isEqualTo(before);
        assertThat(holding).isEmpty();
        assertThat(result.text() + result.data() + result.page()).doesNotContain(RehearsedTable.SECRET);
        assertThat(result.data().path("copied").path("tables").toString())
                .isEqualTo("[{\"name\":\"public.events\",\"rows\":900},{\"name\":\"public.customer\",\"rows\":200},"
                        + "{\"name\":\"public.country\",\"rows\":10}]");
        assertThat(result.data().path("killed_at")).isNotEmpty();
        assertThat(result.data().path("not_killed_at").isEmpty()).isEqualTo(Kills.VERDICT == Verdict.GOOD);
        assertThat(result.data().path("units_done").asInt()).isEqualTo(3);
        assertThat(result.data().path("writes").size()).as("kinds of writes").isEqualTo(5);
        assertThat(RehearsalFolder.newest()).as("the copy").isEmpty();
    }

    @Test
    void a_recompute_that_fails_on_a_row_fails_the_receipt() {
        String database = RehearsedTable.make(SERVER, "rehearsed_zero");
        SERVER.execute(
                database,
                "CREATE SCHEMA neap",
                "CREATE FUNCTION neap.mine() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
                "CREATE FUNCTION yours() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
                "CREATE TRIGGER neap_undo_7 AFTER INSERT ON events_1 FOR EACH ROW EXECUTE FUNCTION neap.mine()",
                "CREATE TRIGGER audit AFTER INSERT ON events_1 FOR EACH ROW EXECUTE FUNCTION yours()");
        Path file = RehearsedTable.file(folder, SERVER, database, "paid: (1000 / euros)::bigint");

        Rehearsal.Result result =
                Rehearsing.rehearse(file, new CopyRequest(2_000, 10_000, 10, Set.of()), Duration.ZERO, line -> {
                    // After the plan, whose own sample would find it.
                    if (line.startsWith("Starting")) {
                        SERVER.execute(database, "UPDATE events SET euros = 0 WHERE id = 2990");
                    }
                });

        assertThat(result.verdict()).as(result.text()).isEqualTo(Verdict.FAILED);
        assertThat(result.text()).contains("FAILED: ").contains("division by zero");
        assertThat(result.data().path("copied").path("not_copied").toString())
                .as("of triggers what an earlier run records is no matter")
                .isEqualTo("[\"trigger audit\"]");
    }

    @Test
    void what_cannot_be_omitted_is_refused() {
        String database = RehearsedTable.make(SERVER, "rehearsed_omit");
        Path file = RehearsedTable.file(folder, SERVER, database, "paid: in_cents(euros)");

        assertThatThrownBy(() -> Rehearsing.rehearse(
                        file, new CopyRequest(10, 100, 3, Set.of("day")), Duration.ZERO, line -> {}))
                .hasMessageContaining("--omit public.events.day cannot be: rows are found or placed by it");
    }

    /** All rows and what ever was written. */
    private static String contents(String database) throws Exception {
        try (Connection connection = SERVER.connect(database);
                ResultSet row = connection.createStatement().executeQuery("""
                        SELECT (SELECT md5(string_agg(e::text, ',' ORDER BY id)) FROM events e),
                               (SELECT string_agg(n.nspname || '.' || c.relname || c.xmin, ',' ORDER BY c.oid)
                                FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid > 16384)""")) {
            row.next();
            return row.getString(1) + row.getString(2);
        }
    }
}
