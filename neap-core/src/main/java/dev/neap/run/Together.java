package dev.neap.run;

import dev.neap.control.UnitRow;
import dev.neap.dialect.NeapException;
import dev.neap.dialect.NeapException.Kind;
import dev.neap.throttle.Batches;
import dev.neap.throttle.Pacer;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.Supplier;

/** What the units share that one process has at work at once. Safe for many threads. */
final class Together {
    private static final long LOOK_EVERY_MS = 500;

    private final Pacer pacer = new Pacer();
    private final Batches batches = new Batches(System.nanoTime());
    private final ReentrantLock alone = new ReentrantLock(true);
    private final Set<Long> inWork = new HashSet<>();
    private volatile boolean ending;

    /** The one speed of all. */
    Pacer pacer() {
        return pacer;
    }

    /** Those of all. */
    Batches batches() {
        return batches;
    }

    /**
     * Runs what must not be done for two units at once.
     *
     * @param meanwhile run now and then as long as another unit has the turn; it may throw, and then the turn is not had
     */
    <T> T alone(Supplier<T> what, Runnable meanwhile) {
        try {
            while (!alone.tryLock(LOOK_EVERY_MS, TimeUnit.MILLISECONDS)) {
                meanwhile.run();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new NeapException(Kind.RETRY, "interrupted", e);
        }
        try {
            return what.get();
        } finally {
            alone.unlock();
        }
    }

    /**
     * Claims a unit that no other thread of this process has at work.
     *
     * @param claim gets the ids of those that are at work
     */
    synchronized Optional<UnitRow> claim(Function<Set<Long>, Optional<UnitRow>> claim) {
        if (ending) {
            return Optional.empty();
        }
        Optional<UnitRow> claimed = claim.apply(Set.copyOf(inWork));
        claimed.ifPresent(unit -> inWork.add(unit.id()));
        return claimed;
    }

    /** A unit's state is in the control tables: it may be claimed again. */
    synchronized void over(UnitRow unit) {
        inWork.remove(unit.id());
    }

    /** No unit is claimed any more; what is at work comes to its end. */
    void end() {
        ending = true;
    }
}
