package dev.neap.bench.invisible;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;

/**
 * Neap, which finds its speed, against runs at fixed rates: how fast the best of these goes that is felt no more than is
 * allowed.
 *
 * @param nothing pairs in which nothing was done, at least one: rate 0
 * @param neap those with Neap and its signals, at least one
 * @param fixed those of each fixed rate, at least one of each
 */
record Rivals(List<Pair> nothing, List<Pair> neap, List<List<Pair>> fixed) {
    /** The slowest request in a hundred may take so many times as long. */
    static final double GOAL = 1.1;

    private static final int RESAMPLED = 2_000;
    private static final long SEED = 1;
    /** Of the resamplings so many of a hundred are below the lower bound, and as many above the upper one. */
    private static final int OUTSIDE = 10;

    Rivals {
        nothing = List.copyOf(nothing);
        neap = List.copyOf(neap);
        fixed = fixed.stream().map(List::copyOf).toList();
    }

    /**
     * Rates to be tried, from a little under a speed to well over it: one and the next are a factor of √2 apart.
     *
     * @param rowsPerSecond the speed
     */
    static List<Long> rates(double rowsPerSecond, int count) {
        return Stream.iterate(rowsPerSecond / Math.sqrt(2), rate -> rate * Math.sqrt(2))
                .limit(count)
                .map(rate -> Math.max(1, Math.round(rate)))
                .distinct()
                .toList();
    }

    /** What a fixed rate may cost: the goal, or, where Neap missed it, what Neap cost. */
    double bound() {
        return Math.max(GOAL, ratio());
    }

    /** How many times as long the slowest request in a hundred took beside Neap. */
    double ratio() {
        return Median.of(neap, Pair::ratio);
    }

    /** How fast Neap went. */
    double rowsPerSecond() {
        return Median.of(neap, Pair::rowsPerSecond);
    }

    /** The best fixed rate within {@link #bound}, in rows per second; 0 where there is none. */
    double best() {
        return curve().highestWithin(bound());
    }

    /** The fixed rate that costs what Neap cost, in rows per second; 0 where each costs more. */
    double alike() {
        return curve().highestWithin(ratio());
    }

    private Curve curve() {
        return Curve.through(Stream.concat(Stream.of(nothing), fixed.stream())
                .map(pairs -> new Curve.Point(Median.of(pairs, Pair::rowsPerSecond), Median.of(pairs, Pair::ratio)))
                .toList());
    }

    /**
     * By how much chance in the pairs moves Neap's share of {@link #best}: as many are drawn again of each kind, with
     * repetition, {@value #RESAMPLED} times (bootstrap; Efron, 1979), and eight of ten shares are between the bounds.
     */
    Between shareBetween() {
        SplittableRandom random = new SplittableRandom(SEED);
        double[] shares = DoubleStream.generate(() -> resampled(random).share())
                .limit(RESAMPLED)
                .sorted()
                .toArray();
        return new Between(shares[RESAMPLED * OUTSIDE / 100], shares[RESAMPLED - 1 - RESAMPLED * OUTSIDE / 100]);
    }

    /** Bounds of a share; infinite where no fixed rate was allowed. */
    record Between(double lower, double upper) {}

    /** Neap's speed as a share of {@link #best}; infinite where there is none. */
    double share() {
        return rowsPerSecond() / best();
    }

    private Rivals resampled(SplittableRandom random) {
        return new Rivals(
                draw(nothing, random),
                draw(neap, random),
                fixed.stream().map(pairs -> draw(pairs, random)).toList());
    }

    private static List<Pair> draw(List<Pair> pairs, SplittableRandom random) {
        List<Pair> drawn = new ArrayList<>();
        for (int i = 0; i < pairs.size(); i++) {
            drawn.add(pairs.get(random.nextInt(pairs.size())));
        }
        return drawn;
    }
}
