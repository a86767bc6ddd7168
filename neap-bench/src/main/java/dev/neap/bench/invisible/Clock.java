package dev.neap.bench.invisible;

import java.util.concurrent.locks.LockSupport;

/** What clients go by. */
interface Clock {
    /** That of the machine. */
    Clock SYSTEM = new Clock() {
        @Override
        public long now() {
            return System.nanoTime();
        }

        @Override
        public void sleepUntil(long nanos) {
            for (long left = nanos - now(); left > 0 && !Thread.currentThread().isInterrupted(); left = nanos - now()) {
                LockSupport.parkNanos(left);
            }
        }
    };

    long now();

    /** Returns at that moment, at once where it has passed, and earlier where the thread is interrupted. */
    void sleepUntil(long nanos);
}
