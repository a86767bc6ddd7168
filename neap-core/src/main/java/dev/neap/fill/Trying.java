package dev.neap.fill;

import dev.neap.dialect.NeapException;
import dev.neap.dialect.NeapException.Kind;
import dev.neap.dialect.PartitionRebuild.Attempt;
import dev.neap.rebuild.UnitWatch;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A transaction that is tried again when it did not happen: for a lock, a deadlock or a serialization failure. */
final class Trying {
    private Trying() {}

    /** One that yields nothing. */
    static void patiently(UnitWatch watch, String what, Runnable transaction) {
        patiently(
                watch,
                what,
                () -> {
                    transaction.run();
                    return true;
                },
                () -> {});
    }

    /**
     * Tries, with backoff, until the unit's patience ends.
     *
     * @param missed told of each try that failed
     */
    static <T> T patiently(UnitWatch watch, String what, Supplier<T> transaction, Runnable missed) {
        AtomicReference<@Nullable T> result = new AtomicReference<>();
        watch.patiently(what, () -> {
            try {
                result.set(transaction.get());
                return Attempt.GOT;
            } catch (NeapException e) {
                if (e.kind() != Kind.LOCK && e.kind() != Kind.RETRY) {
                    throw e;
                }
                missed.run();
                return Attempt.missed(e);
            }
        });
        return Objects.requireNonNull(result.get());
    }
}
