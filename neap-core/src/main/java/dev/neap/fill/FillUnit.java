package dev.neap.fill;

import dev.neap.dialect.SegmentFill;
import dev.neap.dialect.SegmentFill.Filled;
import dev.neap.dialect.SegmentFill.Standing;
import dev.neap.plan.Step;
import dev.neap.rebuild.Point;
import dev.neap.rebuild.UnitWatch;
import dev.neap.throttle.BatchSizer;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

/** One segment, batch after batch, from wherever a former attempt had come. It decides; the {@link SegmentFill} acts. */
public final class FillUnit {
    private final SegmentFill bench;
    private final UnitWatch watch;
    private final Duration target;
    private final int batchRows;
    private final int firstRows;
    private final Runnable between;
    private final PlanKeeper plans;
    private long looked;
    private long written;

    /**
     * A segment that is to be filled.
     *
     * @param target how long a batch should take
     * @param batchRows the largest batch, at least 1
     * @param firstRows the first batch, at least 1: {@link BatchSizer#FIRST}, or where the segment before had come to
     * @param between called after each batch, when nothing is open
     * @param plans keeps watch on what the server makes of its statements
     */
    public FillUnit(
            SegmentFill bench,
            UnitWatch watch,
            Duration target,
            int batchRows,
            int firstRows,
            Runnable between,
            PlanKeeper plans) {
        this.bench = bench;
        this.watch = watch;
        this.target = target;
        this.batchRows = batchRows;
        this.firstRows = firstRows;
        this.between = between;
        this.plans = plans;
    }

    /** What was done: rows looked at over all attempts, rows written by this one; and how many the next batch may have. */
    public record Result(long looked, long written, int nextRows) {}

    /**
     * Fills the segment to its end.
     *
     * @throws dev.neap.dialect.NeapException LOCK when its patience ended, UNKNOWN when it should be looked at again
     */
    public Result run() {
        Standing standing = bench.look();
        looked = standing.rows();
        if (standing.done()) {
            return new Result(looked, 0, firstRows);
        }
        watch.enter(Step.FILL);
        plans.begin(bench.plans());
        BatchSizer sizer = new BatchSizer(target, Math.min(batchRows, standing.mostRows()), firstRows);
        boolean last = false;
        while (!last) {
            watch.safePoint();
            last = batch(sizer);
        }
        Trying.patiently(watch, "to record the end of a segment", bench::done);
        watch.at(Point.AFTER_FILL);
        return new Result(looked, written, sizer.size());
    }

    private boolean batch(BatchSizer sizer) {
        int rows = watch.batchRows(sizer.size());
        long began = System.nanoTime();
        Filled filled = Trying.patiently(
                watch,
                "to write a batch",
                () -> watch.batch(
                        () -> bench.fill(Math.min(rows, sizer.size()), () -> watch.at(Point.BEFORE_FILL_COMMIT))),
                () -> {
                    sizer.failed();
                    plans.missed(bench.plans(), watch);
                });
        if (!filled.bad().isEmpty()) {
            halve(rows);
            return false;
        }
        Duration took = Duration.ofNanos(System.nanoTime() - began);
        sizer.took((int) filled.wanted(), took);
        done(filled);
        watch.at(Point.AFTER_FILL_BATCH);
        plans.after(bench.plans(), watch, filled.wanted(), took);
        if (!filled.last()) {
            watch.pace(filled.wanted(), began);
        }
        between.run();
        return filled.last();
    }

    private void done(Filled filled) {
        looked += filled.looked();
        written += filled.written();
        watch.loaded(looked);
    }

    /** Halves a batch that cannot be written until the bad row stands alone, and goes past it. */
    private void halve(int rows) {
        long left = (long) rows * SegmentFill.LOOKS_FOR_EACH;
        AtomicInteger size = new AtomicInteger(Math.max(1, rows / 2));
        // Unless the application has mended it meanwhile, the bad row is among those that are left.
        while (left > 0) {
            watch.safePoint();
            Filled filled = Trying.patiently(
                    watch,
                    "to write a batch",
                    () -> watch.batch(() -> bench.fill(size.get(), () -> {})),
                    () -> size.updateAndGet(FillUnit::half));
            if (filled.bad().isEmpty()) {
                done(filled);
                left = filled.last() ? 0 : left - Math.max(1, filled.looked());
                size.set((int) Math.max(1, Math.min(size.get(), left / 2)));
            } else if (size.get() == 1) {
                boolean aside =
                        Trying.patiently(watch, "to set a row aside", () -> bench.setAside(filled.bad()), () -> {});
                if (aside) {
                    watch.setAside(filled.bad());
                }
                return;
            } else {
                size.updateAndGet(FillUnit::half);
            }
        }
    }

    private static int half(int rows) {
        return Math.max(1, rows / 2);
    }
}
