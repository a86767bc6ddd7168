package dev.neap.bench.invisible;

import dev.neap.rebuild.Point;
import dev.neap.run.Probe;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Holds a run up between two batches, when nothing of it is open: to the run its batches are further apart. */
final class Gate implements Probe {
    /** No turn is as long. */
    private static final long LONGEST_MINUTES = 10;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition opened = lock.newCondition();
    private boolean closed;

    void close() {
        lock.lock();
        try {
            closed = true;
        } finally {
            lock.unlock();
        }
    }

    void open() {
        lock.lock();
        try {
            closed = false;
            opened.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void at(Point point) {
        if (point != Point.AFTER_FILL_BATCH) {
            return;
        }
        lock.lock();
        try {
            while (closed) {
                if (!opened.await(LONGEST_MINUTES, TimeUnit.MINUTES)) {
                    throw new IllegalStateException("nobody opened the gate");
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            lock.unlock();
        }
    }
}
