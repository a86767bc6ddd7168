package dev.neap.run;

import dev.neap.throttle.Limits;
import dev.neap.throttle.Reading;
import dev.neap.throttle.Signal;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * A signal that says what a test wants.
 *
 * @param closed counts those that were closed
 */
record FakeSignal(Limits limits, Supplier<Reading> reading, AtomicInteger closed) implements Signal {
    @Override
    public Reading read() {
        return reading.get();
    }

    @Override
    public void close() {
        closed.incrementAndGet();
    }
}
