package dev.neap.cli.demo;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What an application felt and saw in one phase. Safe for many threads. */
public final class Observations {
    /** Past this many, single latencies are no longer kept; counts and maxima go on. */
    private static final int MOST_SAMPLES = 2_000_000;

    private static final int MOST_EXAMPLES = 5;

    private long[] samples = new long[1024];
    private int kept;
    private long reads;
    private long writes;
    private long longestRead;
    private long longestWrite;
    private long wrongReads;
    private final Map<String, Long> wrong = new TreeMap<>();
    private final Map<String, Long> errors = new TreeMap<>();
    private final Map<String, Long> kinds = new TreeMap<>();
    private final List<String> examples = new ArrayList<>();

    /**
     * What was observed.
     *
     * @param p99 over reads and writes; a stall counts as often as the application would have asked during it
     * @param wrong wrong reads by kind
     * @param errors failed statements by cause
     * @param kinds committed writes by kind
     * @param examples a few of the wrong reads and errors, in words
     */
    public record Summary(
            long reads,
            long writes,
            Duration longestRead,
            Duration longestWrite,
            Duration p50,
            Duration p99,
            long wrongReads,
            Map<String, Long> wrong,
            Map<String, Long> errors,
            Map<String, Long> kinds,
            List<String> examples) {
        /** Statements that failed, of any cause. */
        public long failed() {
            return errors.values().stream().mapToLong(Long::longValue).sum();
        }
    }

    /** A read, and how long it took in nanoseconds; `interval`: how often one is asked for. */
    public synchronized void read(long nanos, long interval) {
        reads++;
        longestRead = Math.max(longestRead, nanos);
        sample(nanos, interval);
    }

    /** A committed write. */
    public synchronized void write(String kind, long nanos, long interval) {
        writes++;
        kinds.merge(kind, 1L, Long::sum);
        longestWrite = Math.max(longestWrite, nanos);
        sample(nanos, interval);
    }

    /** A write that failed, or hit nothing: it took its time all the same. */
    public synchronized void failed(String cause, String example, long nanos, long interval) {
        errors.merge(cause, 1L, Long::sum);
        longestWrite = Math.max(longestWrite, nanos);
        sample(nanos, interval);
        example(cause + ": " + example);
    }

    /** A read that failed. */
    public synchronized void readFailed(String cause, String example, long nanos, long interval) {
        errors.merge(cause, 1L, Long::sum);
        longestRead = Math.max(longestRead, nanos);
        sample(nanos, interval);
        example(cause + ": " + example);
    }

    /** A read that no application may see. */
    public synchronized void wrong(String kind, String example) {
        wrongReads++;
        wrong.merge(kind, 1L, Long::sum);
        example(kind + ": " + example);
    }

    private void example(String text) {
        if (examples.size() < MOST_EXAMPLES) {
            examples.add(text);
        }
    }

    /** An application that is stuck asks no more; without what it would have asked, a long stall would be one sample. */
    private void sample(long nanos, long interval) {
        for (long each = nanos; each > 0; each -= Math.max(interval, 1_000_000)) {
            if (kept >= MOST_SAMPLES) {
                return;
            }
            if (kept == samples.length) {
                samples = Arrays.copyOf(samples, kept * 2);
            }
            samples[kept++] = each;
        }
    }

    /** Everything so far. */
    public synchronized Summary summary() {
        long[] sorted = Arrays.copyOf(samples, kept);
        Arrays.sort(sorted);
        return new Summary(
                reads,
                writes,
                Duration.ofNanos(longestRead),
                Duration.ofNanos(longestWrite),
                percentile(sorted, 50),
                percentile(sorted, 99),
                wrongReads,
                new TreeMap<>(wrong),
                new TreeMap<>(errors),
                new TreeMap<>(kinds),
                List.copyOf(examples));
    }

    private static Duration percentile(long[] sorted, int percent) {
        if (sorted.length == 0) {
            return Duration.ZERO;
        }
        int rank = (int) Math.ceil(percent / 100.0 * sorted.length);
        return Duration.ofNanos(sorted[Math.max(0, rank - 1)]);
    }
}
