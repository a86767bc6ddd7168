package dev.neap.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neap.backfill.BackfillFile;
import dev.neap.backfill.Environment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RunSessionsTest {
    private static final String FILL = "fill: { from: s, into: t, set: { id: id } }";
    private static final String REBUILD = "rebuild: { table: t, set: { a: b } }";

    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "fill | dev | | 5 | 8 | 10",
                "fill | prod | | 8 | 11 | 13",
                "fill | prod | throttle: { canary: { sql: SELECT 1, limit: 3x } } | 9 | 12 | 14",
                "fill | prod | throttle: { server: { commits: none } } | 7 | 10 | 12",
                "fill | dev | throttle: { replica_lag: 2s } | 6 | 9 | 11",
                "fill | dev | throttle: { signals: [ { name: q, sql: SELECT 1, limit: 9 } ] } | 6 | 9 | 11",
                "rebuild | dev | | 5 | 9 | 12",
                "rebuild | prod | | 8 | 12 | 15",
            })
    void each_signal_that_asks_the_server_has_its_session_and_each_worker_its_own(
            String kind, String profile, String throttle, int one, int two, int three) throws IOException {
        Path file = Files.writeString(
                folder.resolve("b.yaml"),
                "backfill: b\nprofile: " + profile + "\n" + (kind.equals("fill") ? FILL : REBUILD) + "\n"
                        + (throttle == null ? "" : throttle + "\n"));

        RunSessions sessions =
                RunSessions.of(BackfillFile.read(file, Environment.system()).backfill());

        assertThat(new int[] {sessions.most(1), sessions.most(2), sessions.most(3)})
                .containsExactly(one, two, three);
    }
}
