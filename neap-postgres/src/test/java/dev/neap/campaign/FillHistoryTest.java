package dev.neap.campaign;

import dev.neap.dialect.Dialect;
import dev.neap.postgres.PostgresDialect;
import dev.neap.testkit.PostgresServer;
import dev.neap.testkit.fill.FillEngine;
import dev.neap.testkit.fill.FillHistoryContract;
import dev.neap.testkit.fill.FillShape;
import dev.neap.testkit.fill.HistoryTransforms;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Random histories on PostgreSQL: most on the newest version, some on the oldest. */
class FillHistoryTest extends FillHistoryContract {
    private static final int OLDEST_EACH = 4;

    @TempDir
    private Path jars;

    @Override
    protected Dialect dialect() {
        return new PostgresDialect();
    }

    @Test
    @Timeout(value = 3, unit = TimeUnit.HOURS)
    void every_history_of_a_fill_in_java_ends_with_the_rows_of_its_model() throws Exception {
        List<FillShape> shapes =
                Arrays.stream(FillShape.values()).filter(FillShape::inJava).toList();
        play(5, shapes, HistoryTransforms.jar(jars.resolve("history.jar")), false);
    }

    @Test
    @Timeout(value = 3, unit = TimeUnit.HOURS)
    void every_history_of_a_trigger_in_the_applications_stead_ends_with_the_rows_of_its_model() throws Exception {
        List<FillShape> shapes = List.of(FillShape.TABLE_WHERE, FillShape.TABLE_MANY, FillShape.TABLE_TWO);
        play(shapes.size(), shapes, null, true);
    }

    @Override
    protected FillEngine engine(long seed) {
        return FillEngine.of(seed % OLDEST_EACH == 0 ? PostgresServer.oldest() : PostgresServer.newest());
    }

    @Override
    protected int slice() {
        return 8;
    }
}
