package dev.neap.postgres.planning;

import dev.neap.postgres.planning.Statistics.Facts;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToLongFunction;
import java.util.stream.IntStream;

/**
 * Partitions that nobody ever analyzed, among more than can be measured one by one: some of them are, spread over all, and
 * the others are taken to be like these on average.
 */
final class Unanalyzed {
    private static final int MOST = 200;

    private Unanalyzed() {}

    /** Measures partitions. */
    @FunctionalInterface
    interface Measuring {
        List<Facts> of(List<Leaf> leaves) throws SQLException;
    }

    /** Some of many, in their order: the first, the last, and some between. */
    static <T> List<T> spread(List<T> all) {
        return all.size() <= MOST
                ? all
                : IntStream.range(0, MOST)
                        .mapToObj(i -> all.get((int) ((long) i * (all.size() - 1) / (MOST - 1))))
                        .toList();
    }

    /** The same facts in the same order, those of which nothing is known measured or guessed. */
    static List<Facts> measured(List<Leaf> leaves, List<Facts> all, Measuring measuring) throws SQLException {
        Set<Long> unknown = new HashSet<>();
        all.stream().filter(Facts::unknown).forEach(facts -> unknown.add(facts.oid()));
        if (unknown.isEmpty()) {
            return all;
        }
        List<Facts> some = measuring.of(spread(
                leaves.stream().filter(leaf -> unknown.contains(leaf.oid())).toList()));
        Map<Long, Facts> seen = new HashMap<>();
        some.forEach(facts -> seen.put(facts.oid(), facts));
        List<Facts> whole = new ArrayList<>();
        for (Facts facts : all) {
            Facts own = seen.get(facts.oid());
            whole.add(!facts.unknown() ? facts : own != null ? own : guessed(facts, some));
        }
        return whole;
    }

    private static Facts guessed(Facts facts, List<Facts> like) {
        return new Facts(
                facts.oid(),
                facts.sqlName(),
                facts.rows(),
                facts.analyzedPages(),
                mean(like, Facts::pages),
                facts.changedSince(),
                mean(like, Facts::tableBytes),
                mean(like, Facts::indexBytes),
                mean(like, Facts::toastBytes),
                mean(like, Facts::unvacuumedBytes),
                facts.fillfactor(),
                true);
    }

    private static long mean(List<Facts> some, ToLongFunction<Facts> figure) {
        return some.isEmpty() ? 0 : some.stream().mapToLong(figure).sum() / some.size();
    }

    /** Gives each partition that is guessed the rows that the measured ones have on average. */
    static void guess(List<Facts> all, Map<Long, Long> rows) {
        double mean = all.stream()
                .filter(facts -> facts.unknown() && !facts.guessed())
                .mapToLong(facts -> rows.getOrDefault(facts.oid(), 0L))
                .average()
                .orElse(0);
        all.stream().filter(Facts::guessed).forEach(facts -> rows.put(facts.oid(), Math.round(mean)));
    }

    /** Indexes that the catalog knows nothing of share evenly what all of them have. */
    static List<Sizes.Index> shared(List<Sizes.Index> indexes, long bytes) {
        return indexes.stream()
                .map(index -> new Sizes.Index(index.method(), index.keyBytes(), bytes / indexes.size()))
                .toList();
    }
}
