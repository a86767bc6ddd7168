package dev.neap.campaign;

import dev.neap.testkit.PostgresServer;
import dev.neap.testkit.fill.FillCrashContract;
import dev.neap.testkit.fill.FillEngine;
import dev.neap.testkit.fill.HistoryTransforms;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Fills that are killed, on PostgreSQL. */
class FillCrashTest extends FillCrashContract {
    @TempDir
    private Path jars;

    @Test
    @Timeout(value = 20, unit = TimeUnit.MINUTES)
    void a_fill_in_java_killed_once_at_every_point_ends_with_the_rows_of_the_model() throws Exception {
        killedAtPoints(HistoryTransforms.jar(jars.resolve("history.jar")));
    }

    @Test
    @Timeout(value = 5, unit = TimeUnit.HOURS)
    void fills_in_java_killed_at_random_moments_end_with_the_rows_of_the_model() throws Exception {
        killedAtRandom(1, HistoryTransforms.jar(jars.resolve("history.jar")));
    }

    @Override
    protected FillEngine engine() {
        return FillEngine.of(PostgresServer.newest());
    }

    @Override
    protected int slice() {
        return 3;
    }

    @Override
    protected Class<?> child() {
        return FillProcess.class;
    }
}
