package dev.neap.cli.rehearse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neap.dialect.Practice;
import dev.neap.testkit.PostgresServer;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a rehearsal's readers and writers notice. */
class WatchingTest {
    private static final PostgresServer SERVER = PostgresServer.newest();

    @TempDir
    Path folder;

    @Test
    void a_partition_that_is_mixed_or_empty_is_seen_and_a_lost_row_too() {
        String database = RehearsedTable.make(SERVER, "watched");
        Path file = RehearsedTable.file(folder, SERVER, database, "paid: in_cents(euros)");
        Rehearsing.practise(SERVER, database, file, practice -> {
            try (Practice.Traffic reader = practice.reader(1);
                    Practice.Traffic writer = practice.writer(2)) {
                assertThat(seen(reader)).containsExactly("");
                assertThat(seen(writer)).containsExactly("");

                SERVER.execute(database, "UPDATE events_1 SET paid = in_cents(euros) WHERE id % 4 > 1");
                assertThat(seen(reader)).containsExactlyInAnyOrder("", "old and new mixed");

                SERVER.execute(database, "UPDATE events_1 SET paid = in_cents(euros)");
                assertThat(seen(reader)).containsExactly("");

                SERVER.execute(database, "UPDATE events_2 SET paid = 1 + in_cents(euros)");
                assertThat(seen(reader)).containsExactlyInAnyOrder("", "neither the old nor the new form");

                SERVER.execute(database, "UPDATE events_2 SET paid = in_cents(euros)");
                SERVER.execute(
                        database,
                        "DELETE FROM events_1 WHERE id = (SELECT min(id) FROM neap_rehearsal.account JOIN events_1"
                                + " USING (id) WHERE \"neap rehearsal watched\" IS NOT NULL)");
                assertThat(seen(reader)).containsExactlyInAnyOrder("", "missing rows");

                SERVER.execute(
                        database,
                        "ALTER TABLE events DROP CONSTRAINT events_pkey",
                        "INSERT INTO events (id, day, euros, paid, phone) OVERRIDING SYSTEM VALUE"
                                + " SELECT id, day, euros, paid, phone FROM events_2");
                assertThat(seen(reader)).containsExactlyInAnyOrder("", "missing rows", "rows twice");

                SERVER.execute(database, "DELETE FROM events_1", "DELETE FROM events_2");
                assertThat(seen(reader)).containsExactlyInAnyOrder("", "empty partition");
                assertThat(seen(writer)).contains("a committed row was found 0 times by a writer");
            }
        });
    }

    private static Set<String> seen(Practice.Traffic client) {
        Set<String> seen = new TreeSet<>();
        for (int i = 0; i < 60; i++) {
            seen.add(client.once().wrong());
        }
        return seen;
    }
}
