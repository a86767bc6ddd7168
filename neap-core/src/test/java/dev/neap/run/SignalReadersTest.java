package dev.neap.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neap.throttle.Limits;
import dev.neap.throttle.Reading;
import dev.neap.throttle.Signal;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Signals are read beside each other. */
@Timeout(60)
class SignalReadersTest {
    private static final Reading WELL = Reading.of(0, "");

    private final Map<String, AtomicInteger> heard = new ConcurrentHashMap<>();
    private final Map<String, Reading> last = new ConcurrentHashMap<>();
    private final AtomicInteger closed = new AtomicInteger();

    private Signal signal(String name, Supplier<Reading> reading) {
        Limits limits = new Limits(name, Limits.Unit.COUNT, 1, 2, Duration.ofMillis(20), Duration.ZERO);
        return new FakeSignal(limits, reading, closed);
    }

    private void heard(Limits signal, Reading reading) {
        heard.computeIfAbsent(signal.signal(), name -> new AtomicInteger()).incrementAndGet();
        last.put(signal.signal(), reading);
    }

    private int times(String name) {
        return heard.getOrDefault(name, new AtomicInteger()).get();
    }

    private void until(String name, int times) throws InterruptedException {
        while (times(name) < times) {
            Thread.sleep(5);
        }
    }

    /** A reading that comes when somebody lets it. */
    private static Reading after(CountDownLatch answers) {
        try {
            answers.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return WELL;
    }

    @Test
    void one_that_does_not_answer_delays_no_other_and_the_start_for_a_few_seconds_only() throws Exception {
        CountDownLatch answers = new CountDownLatch(1);
        long began = System.nanoTime();
        try (SignalReaders readers = new SignalReaders(
                List.of(signal("slow", () -> after(answers)), signal("quick", () -> WELL)), this::heard)) {
            readers.start();
            assertThat(TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - began))
                    .isBetween(2L, 30L);
            until("quick", 50);
            assertThat(times("slow")).as("its answer does not come").isZero();

            answers.countDown();
            until("slow", 1);
        }
        assertThat(closed).hasValue(2);
    }

    @Test
    void one_that_fails_is_a_reading_without_a_value_and_is_read_again() throws Exception {
        try (SignalReaders readers = new SignalReaders(
                List.of(signal("broken", () -> {
                    throw new IllegalStateException("out of order");
                })),
                this::heard)) {
            readers.start();
            until("broken", 3);
            assertThat(last.get("broken")).isEqualTo(Reading.none("out of order"));
        }
        int times = times("broken");
        assertThat(closed).hasValue(1);
        assertThat(times("broken")).as("ended").isEqualTo(times);
    }
}
