package dev.neap.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The kit's own check: a reader that is held up is found out, and one that is only late is not. */
class StallsTest {
    private static final PostgresServer SERVER = PostgresServer.newest();
    private static final String DATABASE = "stalls";

    @Test
    void a_reader_who_waits_for_a_lock_is_held_up() throws Exception {
        SERVER.createDatabase(DATABASE);
        SERVER.execute(DATABASE, "CREATE TABLE looked_at (id int)");
        Stalls stalls = new Stalls(SERVER, DATABASE, "SELECT count(*) FROM looked_at");
        try (stalls;
                Connection connection = SERVER.connect(DATABASE);
                Statement statement = connection.createStatement()) {
            statement.execute(
                    "BEGIN; LOCK TABLE looked_at IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep(3); COMMIT; SELECT pg_sleep(0.2)");
        }

        assertThat(stalls.longestMs()).isBetween(1_000L, 5_000L);
    }

    @Test
    void one_who_is_late_with_everybody_is_not() throws Exception {
        SERVER.createDatabase(DATABASE);
        Stalls stalls = new Stalls(SERVER, DATABASE, "SELECT 2");
        try (stalls) {
            List<String> sessions = sessions();
            signal("-STOP", sessions);
            Thread.sleep(1_000);
            signal("-CONT", sessions);
            Thread.sleep(200);
        }

        assertThat(stalls.longestMs()).isLessThan(500);
    }

    /** Both, once they are there. */
    private static List<String> sessions() throws Exception {
        String look = "SELECT coalesce(string_agg(pid::text, ' '), '') FROM pg_stat_activity"
                + " WHERE pid <> pg_backend_pid() AND query LIKE 'SELECT _' AND datname = '" + DATABASE + "'";
        try (Connection connection = SERVER.connect(PostgresServer.ADMIN);
                Statement statement = connection.createStatement()) {
            while (true) {
                try (ResultSet row = statement.executeQuery(look)) {
                    row.next();
                    List<String> pids = List.of(row.getString(1).split(" "));
                    if (pids.size() == 2) {
                        return pids;
                    }
                }
                Thread.sleep(20);
            }
        }
    }

    private static void signal(String which, List<String> processes) throws Exception {
        List<String> command = new ArrayList<>(List.of("kill", which));
        command.addAll(processes);
        assertThat(new ProcessBuilder(command).start().waitFor()).isZero();
    }
}
