package dev.neap.backfill;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a verification is held to, beside the transform itself.
 *
 * @param match of a sample: the share of all rows that are to be right, over 0 and under 1
 * @param confidence how often a claim from a sample must hold, over 0 and under 1
 * @param expect for each fill of the file, in its order: column of `into` to SQL over a row of `from`, an independent way to
 *     the same value; empty where the file has none. Of a rebuild one element: column to SQL over a row as it was before
 */
public record Verification(double match, double confidence, List<Map<String, String>> expect) {
    /** The share where the file names none. */
    public static final double MATCH = 0.9999;

    /** The confidence where the file names none. */
    public static final double CONFIDENCE = 0.99;

    public Verification {
        if (match <= 0 || match >= 1 || confidence <= 0 || confidence >= 1) {
            throw new IllegalArgumentException("a share that a sample can show is over 0 and under 1");
        }
        expect = expect.stream()
                .map(one -> Collections.unmodifiableMap(new LinkedHashMap<>(one)))
                .toList();
    }
}
