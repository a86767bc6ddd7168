package dev.neap.fill;

import dev.neap.dialect.NeapException;
import dev.neap.dialect.NeapException.Kind;
import dev.neap.dialect.PartitionRebuild.Attempt;
import dev.neap.dialect.TableFill;
import dev.neap.dialect.TableFill.CaughtUp;
import dev.neap.dialect.TableFill.Looked;
import dev.neap.rebuild.Point;
import dev.neap.rebuild.UnitWatch;
import dev.neap.throttle.BatchSizer;
import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What the segments of a fill share: how it begins, how it keeps up with what the application writes, and how it ends. Of
 * several threads one at a time catches up.
 */
public final class FillTable {
    private static final int KEYS = 500;
    private static final int MOST_LOOKED_AT = 20_000;
    private static final int MOST_LOOKS = 6;
    private static final Duration BETWEEN_ROUNDS = Duration.ofMillis(500);
    private static final Duration LONGEST_ROUNDS = Duration.ofSeconds(1);
    private static final int MOST_ROUNDS = 100_000;

    private final TableFill bench;
    private final Duration target;
    private final int batchRows;
    private final Duration secondWrite;
    private final ReentrantLock turn = new ReentrantLock();
    private final PlanKeeper reconciling = new PlanKeeper();
    private final PlanKeeper looking = new PlanKeeper();
    private long next = System.nanoTime();
    private int keys = KEYS;

    /**
     * A fill as a whole.
     *
     * @param target how long a transaction should take
     * @param batchRows the largest batch, at least 1: a look, which writes few of its rows, may have more
     * @param secondWrite how long an application may take from one of its two writes to the other
     */
    public FillTable(TableFill bench, Duration target, int batchRows, Duration secondWrite) {
        this.bench = bench;
        this.target = target;
        this.batchRows = batchRows;
        this.secondWrite = secondWrite;
    }

    /** Starts capture; nothing is walked before. */
    public void begin(UnitWatch watch) {
        watch.at(Point.BEFORE_CAPTURE);
        watch.patiently("for writers, to start capture", bench::begin);
        watch.at(Point.AFTER_CAPTURE);
        if (bench.captures() && !bench.ended()) {
            // The first of an application's two writes may have been before capture: its second is waited for.
            watch.pause(secondWrite);
        }
    }

    /** Catches up for a moment, unless it was just done or another thread is at it. */
    public void keepUp(UnitWatch watch) {
        if (!turn.tryLock()) {
            return;
        }
        try {
            if (System.nanoTime() - next >= 0) {
                long until = System.nanoTime() + LONGEST_ROUNDS.toNanos();
                boolean more = true;
                while (more && System.nanoTime() < until) {
                    more = round(watch).more();
                }
                next = System.nanoTime() + BETWEEN_ROUNDS.toNanos();
            }
        } finally {
            turn.unlock();
        }
    }

    private CaughtUp round(UnitWatch watch) {
        long began = System.nanoTime();
        CaughtUp caught = Trying.patiently(
                watch,
                "to catch up with the application",
                () -> bench.catchUp(keys, () -> watch.at(Point.BEFORE_RECONCILE_COMMIT)),
                () -> {
                    keys = Math.max(1, keys / 2);
                    reconciling.missed(bench.reconcilePlans(), watch);
                });
        if (caught.bad().isEmpty()) {
            keys = Math.min(KEYS, keys * 2);
            reconciling.after(
                    bench.reconcilePlans(), watch, caught.keys(), Duration.ofNanos(System.nanoTime() - began));
        } else if (keys > 1) {
            keys = Math.max(1, keys / 8);
        } else {
            setAside(watch, caught.bad());
        }
        watch.at(Point.AFTER_RECONCILE);
        return caught;
    }

    private void setAside(UnitWatch watch, String bad) {
        if (Trying.patiently(watch, "to set a row aside", () -> bench.setAside(bad), () -> {})) {
            watch.setAside(bad);
        }
    }

    private void catchUpAll(UnitWatch watch) {
        for (int i = 0; i < MOST_ROUNDS; i++) {
            watch.safePoint();
            // Not paced: it is as much as the application itself writes.
            if (!round(watch).more()) {
                return;
            }
        }
        throw new NeapException(
                Kind.BUSY, "the application writes the walked table faster than Neap can follow; try a quieter hour");
    }

    /**
     * Ends the fill: looks until nothing is missing, and stops capture.
     *
     * @throws NeapException MISMATCH when rows stay missing
     */
    public void end(UnitWatch watch) {
        turn.lock();
        try {
            if (!bench.ended()) {
                lookForMissed(watch);
            }
            watch.at(Point.BEFORE_CAPTURE_ENDS);
            watch.patiently("for writers, to stop capture", () -> {
                catchUpAll(watch);
                return bench.end();
            });
            watch.at(Point.AFTER_CAPTURE_ENDS);
        } finally {
            turn.unlock();
        }
    }

    /** Tries once more what the trigger that stands in for the application has missed; after the ends of all fills. */
    public void mendMissed(UnitWatch watch) {
        watch.patiently(
                "for writers, to write what the trigger in the application's stead has missed", bench::mendMissed);
    }

    private void lookForMissed(UnitWatch watch) {
        watch.at(Point.BEFORE_LOOK);
        Trying.patiently(watch, "to record that all is walked", bench::walked);
        watch.patiently("for transactions that began before the last row was put in", () -> {
            String open = bench.stillOpen();
            return open.isEmpty() ? Attempt.GOT : Attempt.missed(open);
        });
        // An application that writes its two places in two transactions may be between them.
        watch.pause(secondWrite);
        catchUpAll(watch);
        looks(watch);
    }

    private void looks(UnitWatch watch) {
        for (int look = 0; look < MOST_LOOKS; look++) {
            if (look > 0 && bench.captures()) {
                // What belongs to a row that the look before has put in may still be written to a table that is read.
                watch.pause(secondWrite);
            }
            lookOnce(watch);
            if (!Trying.patiently(watch, "to record the end of a look", bench::lookAgain, () -> {})) {
                return;
            }
        }
        throw new NeapException(
                Kind.MISMATCH,
                "rows were found that were missed, look after look: does the application really write both places?"
                        + " Nothing of theirs was changed; run the same command again when it does");
    }

    private void lookOnce(UnitWatch watch) {
        BatchSizer sizer =
                new BatchSizer(target, Math.min(MOST_LOOKED_AT, Math.max(1, batchRows * 20)), BatchSizer.FIRST);
        boolean last = false;
        while (!last) {
            watch.safePoint();
            long began = System.nanoTime();
            Looked looked = Trying.patiently(watch, "to look for missed rows", () -> bench.look(sizer.size()), () -> {
                sizer.failed();
                looking.missed(bench.lookPlans(), watch);
            });
            if (looked.bad().isEmpty()) {
                last = looked.last();
                Duration took = Duration.ofNanos(System.nanoTime() - began);
                looking.after(bench.lookPlans(), watch, last ? 0 : sizer.size(), took);
                sizer.took(sizer.size(), took);
            } else if (sizer.size() > 1) {
                sizer.failed();
            } else {
                setAside(watch, looked.bad());
            }
            watch.at(Point.AFTER_LOOK_PART);
            if (looked.found() > 0) {
                watch.pace(looked.found(), began);
                catchUpAll(watch);
            }
        }
    }
}
