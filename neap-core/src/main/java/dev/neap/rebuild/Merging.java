package dev.neap.rebuild;

import dev.neap.backfill.Backfill;
import dev.neap.dialect.NeapException;
import dev.neap.dialect.NeapException.Kind;
import dev.neap.dialect.PartitionRebuild;
import dev.neap.dialect.PartitionRebuild.Attempt;
import dev.neap.dialect.PartitionRebuild.Merged;
import dev.neap.throttle.BatchSizer;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Brings a verified shadow's differences into the live partition: pass after pass over its key, until one snapshot shows
 * that nothing differs but what changed since the last drain.
 */
final class Merging {
    /** The most rows of one transaction, whatever the file says: their locks are held until it commits. */
    private static final int MOST_ROWS = 1_000;
    /** A long pass is drained now and then, or what was captured would pile up. */
    private static final int BATCHES_BETWEEN_DRAINS = 100;

    private final PartitionRebuild bench;
    private final UnitWatch watch;
    private final Supplier<String> drain;
    private final Supplier<String> hours;
    private final BatchSizer sizer;

    /**
     * @param drain replays until few changes are left; returns why the shadow is void, or nothing
     * @param hours waits until the unit may be merged; returns the same
     */
    Merging(
            Backfill backfill,
            PartitionRebuild bench,
            UnitWatch watch,
            Supplier<String> drain,
            Supplier<String> hours) {
        this.bench = bench;
        this.watch = watch;
        this.drain = drain;
        this.hours = hours;
        this.sizer = new BatchSizer(
                backfill.profile().batchTime(), Math.min(MOST_ROWS, backfill.batchRows()), BatchSizer.FIRST);
    }

    /** Returns why the unit must start over, or nothing once it is done. */
    String run() {
        watch.at(Point.BEFORE_MERGE);
        String voided = pass(BATCHES_BETWEEN_DRAINS);
        if (!voided.isEmpty()) {
            return voided;
        }
        watch.patiently("to merge the last rows", this::finish);
        watch.at(Point.AFTER_MERGE);
        bench.tidyAfterMerge();
        return "";
    }

    /** A drain after the last pass would bring rows into the shadow that no pass has looked at, so there is none. */
    private Attempt finish() {
        if (done().got()) {
            return Attempt.GOT;
        }
        String voided = drain.get();
        if (voided.isEmpty()) {
            voided = pass(Integer.MAX_VALUE);
        }
        if (!voided.isEmpty()) {
            throw new NeapException(Kind.RETRY, voided);
        }
        return done();
    }

    private Attempt done() {
        return bench.finishMerge(() -> watch.at(Point.BEFORE_MERGE_DONE));
    }

    private String pass(int betweenDrains) {
        int batches = 0;
        boolean last = false;
        while (!last) {
            watch.safePoint();
            String late = hours.get();
            if (!late.isEmpty()) {
                return late;
            }
            long began = System.nanoTime();
            Merged merged = batch(watch.batchRows(sizer.size()));
            sizer.took((int) merged.rows(), merged.locked());
            watch.at(Point.AFTER_MERGE_BATCH);
            last = merged.last();
            if (!last && merged.rows() > 0) {
                watch.pace(merged.rows(), began);
            }
            batches++;
            if (!last && batches % betweenDrains == 0) {
                String voided = drain.get();
                if (!voided.isEmpty()) {
                    return voided;
                }
            }
        }
        return "";
    }

    private Merged batch(int rows) {
        AtomicReference<@Nullable Merged> merged = new AtomicReference<>();
        watch.patiently("to merge rows", () -> {
            try {
                merged.set(watch.batch(
                        () -> bench.merge(Math.min(rows, sizer.size()), () -> watch.at(Point.BEFORE_MERGE_COMMIT))));
                return Attempt.GOT;
            } catch (NeapException e) {
                if (e.kind() == Kind.LOCK || e.kind() == Kind.RETRY) {
                    sizer.failed();
                    return Attempt.missed(e);
                }
                throw e;
            }
        });
        return Objects.requireNonNull(merged.get());
    }
}
