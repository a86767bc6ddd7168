package dev.neap.backfill;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a verification is held to, beside the transform itself.
 *
 * @param expect for each fill of the file, in its order: column of `into` to SQL over a row of `from`, an independent way to
 *     the same value; empty where the file has none. No element for a rebuild
 */
public record Verification(List<Map<String, String>> expect) {
    public Verification {
        expect = expect.stream()
                .map(one -> Collections.unmodifiableMap(new LinkedHashMap<>(one)))
                .toList();
    }
}
