package dev.neap.campaign;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neap.testkit.PostgresServer;
import dev.neap.testkit.Seeds;
import dev.neap.testkit.fill.FillHistory;
import dev.neap.testkit.fill.FillReport;
import dev.neap.testkit.fill.FillShape;
import dev.neap.testkit.fill.HistoryTransforms;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A fill loses nothing, doubles nothing, brings nothing back and overwrites nothing, in whichever order an application
 * writes its two places: random histories against a model. CI plays a few; `-Dneap.campaign=full` plays 200.
 */
class FillHistoryTest {
    private static final int OLDEST_EACH = 4;

    @TempDir
    private Path folder;

    @Test
    @Timeout(value = 3, unit = TimeUnit.HOURS)
    void every_history_of_a_fill_ends_with_the_rows_of_its_model() throws Exception {
        play(Seeds.of(Seeds.full() ? 200 : 8), FillShape.values(), null);
    }

    @Test
    @Timeout(value = 3, unit = TimeUnit.HOURS)
    void every_history_of_a_fill_in_java_ends_with_the_rows_of_its_model() throws Exception {
        FillShape[] shapes =
                Arrays.stream(FillShape.values()).filter(FillShape::inJava).toArray(FillShape[]::new);
        play(Seeds.of(Seeds.full() ? 200 : 5), shapes, HistoryTransforms.jar(folder.resolve("history.jar")));
    }

    private static void play(List<Long> seeds, FillShape[] shapes, @Nullable Path jar) throws Exception {
        Map<String, Integer> happenings = new TreeMap<>();
        List<FillReport> wrong = new ArrayList<>();
        int raced = 0;
        for (int i = 0; i < seeds.size(); i++) {
            long began = System.nanoTime();
            // Every shape has its turn; a seed that is asked for says by itself which it is.
            long seed = seeds.size() < shapes.length ? seeds.get(i) : next(seeds.get(i), shapes, i);
            boolean oldest = seed % OLDEST_EACH == 0;
            PostgresServer server = oldest ? PostgresServer.oldest() : PostgresServer.newest();
            FillReport report = new FillHistory(seed, new FillHistory(seed).shape(), jar)
                    .play(server, "fill_history", Fills::withNeap);
            System.out.println(report + ", took " + (System.nanoTime() - began) / 1_000_000 + " ms");
            report.happenings().forEach((what, count) -> happenings.merge(what, count, Integer::sum));
            raced += report.count("filled between");
            if (!report.findings().isEmpty()) {
                wrong.add(report);
            }
            assertThat(report.committed()).as("%s", report).isGreaterThanOrEqualTo(FillHistory.LEAST);
        }
        System.out.println(happenings);

        assertThat(wrong).as("replay one with -Dneap.seed=").isEmpty();
        if (seeds.size() >= shapes.length) {
            assertThat(raced).as("the fill came between the two writes").isGreaterThan(seeds.size() / 2);
        }
    }

    /** The first seed from here on whose history is of this shape. */
    private static long next(long seed, FillShape[] shapes, int i) {
        long found = seed;
        while (new FillHistory(found).shape() != shapes[i % shapes.length]) {
            found++;
        }
        return found;
    }
}
