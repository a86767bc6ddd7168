package dev.neap.testkit;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.LongStream;

/** Where the random histories begin: anew each time, or at `-Dneap.seed=` to see one again. */
public final class Seeds {
    private Seeds() {}

    /** True when the full campaigns are asked for: `-Dneap.campaign=full`. */
    public static boolean full() {
        return "full".equals(System.getProperty("neap.campaign"));
    }

    /** The seeds of a campaign: those asked for, with commas between, or this many new ones. */
    public static List<Long> of(int count) {
        String asked = System.getProperty("neap.seed", "");
        if (!asked.isBlank()) {
            return Arrays.stream(asked.split(","))
                    .map(seed -> Long.parseLong(seed.trim()))
                    .toList();
        }
        SplittableRandom fresh = new SplittableRandom();
        return LongStream.range(0, count)
                .map(i -> fresh.nextLong(1, 1L << 48))
                .boxed()
                .toList();
    }
}
