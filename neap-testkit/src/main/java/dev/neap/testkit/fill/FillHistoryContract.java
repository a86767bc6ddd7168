package dev.neap.testkit.fill;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neap.dialect.Dialect;
import dev.neap.testkit.CampaignLog;
import dev.neap.testkit.Seeds;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A fill loses nothing, doubles nothing, brings nothing back and overwrites nothing, in whichever order an application
 * writes its two places: random histories against a model. CI plays a few; `-Dneap.campaign=full` plays 200.
 */
public abstract class FillHistoryContract {
    /** The dialect that must pass. */
    protected abstract Dialect dialect();

    /** The server that a history of this seed is played on. */
    protected abstract FillEngine engine(long seed);

    /** How many histories a slice has. */
    protected abstract int slice();

    @Test
    @Timeout(value = 3, unit = TimeUnit.HOURS)
    void every_history_of_a_fill_ends_with_the_rows_of_its_model() throws Exception {
        play(slice(), engine(0).words().shapes(), null, false);
    }

    /**
     * Plays so many histories of these shapes.
     *
     * @param jar what {@link HistoryTransforms#jar} made; null for fills in SQL
     * @param trigger whether a trigger stands in for the application
     */
    protected final void play(int slice, List<FillShape> shapes, @Nullable Path jar, boolean trigger) throws Exception {
        List<Long> seeds = Seeds.of(Seeds.full() ? 200 : slice);
        CampaignLog log = new CampaignLog(getClass(), seeds.size());
        FillRuns neap = new FillRuns(dialect());
        Map<String, Integer> happenings = new TreeMap<>();
        List<FillReport> wrong = new ArrayList<>();
        int raced = 0;
        for (int i = 0; i < seeds.size(); i++) {
            // Every shape has its turn; a seed that is asked for says by itself which it is.
            boolean all = seeds.size() >= shapes.size();
            long seed = all
                    ? next(seeds.get(i), engine(seeds.get(i)).words(), shapes.get(i % shapes.size()))
                    : seeds.get(i);
            Words words = engine(seed).words();
            FillReport report = new FillHistory(seed, new FillHistory(seed, words).shape(), words, jar, trigger)
                    .play(engine(seed), "fill_history", neap::fill);
            System.out.println(report);
            log.played(report.toString(), report.findings().isEmpty());
            report.happenings().forEach((what, count) -> happenings.merge(what, count, Integer::sum));
            raced += report.count("filled between");
            if (!report.findings().isEmpty()) {
                wrong.add(report);
            }
            assertThat(report.committed()).as("%s", report).isGreaterThanOrEqualTo(FillHistory.LEAST);
        }
        System.out.println(happenings);

        assertThat(wrong).as("replay one with -Dneap.seed=").isEmpty();
        if (seeds.size() >= shapes.size()) {
            // Some times in each history, as luck has it.
            assertThat(raced)
                    .as("the fill came between the two writes")
                    .isGreaterThan(Seeds.full() ? seeds.size() / 2 : 0);
        }
    }

    /** The first seed from here on whose history is of this shape. */
    private static long next(long seed, Words words, FillShape shape) {
        long found = seed;
        while (new FillHistory(found, words).shape() != shape) {
            found++;
        }
        return found;
    }
}
