package dev.neap.run;

import dev.neap.control.Wish;
import dev.neap.dialect.NeapException;
import dev.neap.dialect.NeapException.Kind;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Every wait of a run: it ends early when the run is to stop, when its lease is lost, or when another thread cannot go on,
 * and it is counted. Safe for many threads.
 */
final class Waits {
    /** Thrown at a safe point when the run is to stop. */
    static final class Stopped extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Stopped(String why) {
            super(why, null, false, false);
        }
    }

    /** Thrown at a safe point when another thread of the run cannot go on: what is at work is left as it stands. */
    static final class Halted extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Halted() {
            super("another unit cannot go on", null, false, false);
        }
    }

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Stop stop;
    private final Wishes wishes;
    private final Set<Runnable> cancels = ConcurrentHashMap.newKeySet();
    private volatile boolean halted;
    private volatile boolean leaseLost;
    private long waitedNanos;

    Waits(Stop stop, Wishes wishes) {
        this.stop = stop;
        this.wishes = wishes;
        stop.onRequest(this::wake);
        wishes.onChange(this::wake);
    }

    /** What cancels a statement under way when the run is to stop. */
    void cancelWith(Runnable cancel) {
        cancels.add(cancel);
    }

    void cancelNoLonger(Runnable cancel) {
        cancels.remove(cancel);
    }

    /** Every thread ends at its next safe point. */
    void halt() {
        halted = true;
        wake();
    }

    /** The run may be somebody else's by now, and nobody reads any more what people want of it. */
    void loseLease() {
        leaseLost = true;
        wake();
    }

    private void wake() {
        if (stop.requested() || wishes.wish() == Wish.STOP) {
            for (Runnable cancel : Set.copyOf(cancels)) {
                if (cancels.remove(cancel)) {
                    cancel.run();
                }
            }
        }
        lock.lock();
        try {
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Throws {@link Stopped} when the run is to stop, and waits as long as it is paused.
     *
     * @throws NeapException LOST_LEASE, before anything else
     */
    void safePoint(Runnable onPause) {
        stopIfAsked();
        if (wishes.wish() == Wish.PAUSE) {
            onPause.run();
            while (wishes.wish() == Wish.PAUSE) {
                sleep(Duration.ofSeconds(1));
            }
        }
        stopIfAsked();
    }

    private void stopIfAsked() {
        if (leaseLost) {
            throw new NeapException(Kind.LOST_LEASE, "the run's lease was lost");
        }
        String reason = stop.reason();
        if (reason != null) {
            throw new Stopped(reason);
        }
        if (wishes.wish() == Wish.STOP) {
            throw new Stopped("stopped on request");
        }
        if (halted) {
            throw new Halted();
        }
    }

    /** Waits; throws as {@link #safePoint} when it has to end meanwhile. */
    void sleep(Duration howLong) {
        long began = System.nanoTime();
        long end = began + howLong.toNanos();
        lock.lock();
        try {
            long left = end - began;
            while (left > 0 && !leaseLost && !halted && !stop.requested() && wishes.wish() != Wish.STOP) {
                changed.awaitNanos(left);
                left = end - System.nanoTime();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            stop.request("interrupted");
        } finally {
            waitedNanos += System.nanoTime() - began;
            lock.unlock();
        }
        stopIfAsked();
    }

    Duration waited() {
        lock.lock();
        try {
            return Duration.ofNanos(waitedNanos);
        } finally {
            lock.unlock();
        }
    }
}
