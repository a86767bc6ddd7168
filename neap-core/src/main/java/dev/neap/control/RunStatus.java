package dev.neap.control;

import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What the control tables say of a run.
 *
 * @param table the table; of a fill of several all of them, in their order, with commas
 * @param state `running`, `stopped`, `failed` or `done`
 * @param wish `run`, `pause` or `stop`
 * @param alive whether some process holds an unexpired lease, by the database's clock
 * @param ratePerSecond the ceiling in force; null for none
 * @param undoes the run whose partitions this one puts back; 0 for a rebuild
 * @param fills whether it is a fill
 * @param setAside rows of a fill that could not be written; 0 for a rebuild
 * @param retries how often something was tried again, over all processes, by its cause: `lock`, `deadlock`, `conflict`,
 *     `cancelled`, `connection`, `other`; only what there was
 * @param speed how fast it goes and why, by its signals; null where it heeds none, or is not at work
 * @param remaining an honest estimate, null while nothing is known
 */
public record RunStatus(
        long runId,
        String backfill,
        String table,
        String state,
        String wish,
        boolean alive,
        @Nullable Long ratePerSecond,
        Duration pause,
        Duration batchPause,
        String planHash,
        Instant createdAt,
        @Nullable Instant finishedAt,
        Counts units,
        long rowsEstimated,
        long rowsDone,
        @Nullable Duration remaining,
        List<Current> current,
        List<Failure> failures,
        List<Line> events,
        List<Held> held,
        long undoes,
        boolean fills,
        long setAside,
        Map<String, Long> retries,
        @Nullable String speed) {
    /** What a unit costs beside its rows: about 0.2 s, where 50,000 rows a second are loaded (docs/benchmarks.md). */
    private static final int UNIT_IN_ROWS = 10_000;

    /** How much there is to do, in rows: many small units take longer than their rows say. */
    public static double work(long rows, double units) {
        return Math.max(0, rows) + UNIT_IN_ROWS * Math.max(0, units);
    }

    public RunStatus {
        retries = Collections.unmodifiableMap(new TreeMap<>(retries));
    }

    /** A rebuild, with none held. */
    public RunStatus(
            long runId,
            String backfill,
            String table,
            String state,
            String wish,
            boolean alive,
            @Nullable Long ratePerSecond,
            Duration pause,
            Duration batchPause,
            String planHash,
            Instant createdAt,
            @Nullable Instant finishedAt,
            Counts units,
            long rowsEstimated,
            long rowsDone,
            @Nullable Duration remaining,
            List<Current> current,
            List<Failure> failures,
            List<Line> events) {
        this(
                runId,
                backfill,
                table,
                state,
                wish,
                alive,
                ratePerSecond,
                pause,
                batchPause,
                planHash,
                createdAt,
                finishedAt,
                units,
                rowsEstimated,
                rowsDone,
                remaining,
                current,
                failures,
                events,
                List.of(),
                0,
                false,
                0,
                Map.of(),
                null);
    }

    /**
     * Units by state.
     *
     * @param undone units whose old partition was put back by another run
     */
    public record Counts(int pending, int running, int done, int failed, int skipped, int held, int undone) {
        /** With none held or undone. */
        public Counts(int pending, int running, int done, int failed, int skipped) {
            this(pending, running, done, failed, skipped, 0, 0);
        }

        public int all() {
            return pending + running + done + failed + skipped + held + undone;
        }
    }

    /**
     * A prepared unit that waits for its swap.
     *
     * @param behind how many changes it was behind when it last caught up
     */
    public record Held(long unitId, String partition, long behind, Instant since) {}

    /** A unit in work. */
    public record Current(
            long unitId,
            String partition,
            String step,
            int attempt,
            long rows,
            long rowsEstimated,
            @Nullable String waitingFor,
            @Nullable String owner,
            @Nullable Instant leaseUntil) {}

    /** A unit that was set aside. */
    public record Failure(long unitId, String partition, String step, String cause) {}

    /** One event. */
    public record Line(Instant at, @Nullable String partition, String kind, String message) {}
}
