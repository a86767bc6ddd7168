package dev.neap.testkit.fill;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** What happened in a history, and what must not have. For many threads. */
final class FillTally {
    private static final int FINDINGS = 40;

    private final Map<String, Integer> counts = new ConcurrentSkipListMap<>();
    private final Map<String, Integer> retries = new ConcurrentSkipListMap<>();
    private final List<String> findings = Collections.synchronizedList(new ArrayList<>());
    private final AtomicInteger committed = new AtomicInteger();
    private final AtomicLong longestNanos = new AtomicLong();

    void saw(String what) {
        counts.merge(what, 1, Integer::sum);
    }

    void retried(String state) {
        retries.merge(state, 1, Integer::sum);
    }

    void finding(String what) {
        if (findings.size() < FINDINGS) {
            findings.add(what);
        }
    }

    void committed() {
        committed.incrementAndGet();
    }

    void took(long nanos) {
        longestNanos.accumulateAndGet(nanos, Math::max);
    }

    int committedSoFar() {
        return committed.get();
    }

    Map<String, Integer> counts() {
        return new TreeMap<>(counts);
    }

    Map<String, Integer> retries() {
        return new TreeMap<>(retries);
    }

    List<String> findings() {
        return List.copyOf(findings);
    }

    long longestNanos() {
        return longestNanos.get();
    }
}
