package dev.neap.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neap.throttle.Decision;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Changes of speed are recorded by somebody else than who decides it. */
class SpeedLogTest {
    private static final Decision SLOW = new Decision(Decision.Verdict.SLOW, 100L, "cpu", "cpu is 80 %");

    @Test
    @Timeout(20)
    void nobody_waits_for_a_session_that_is_long_in_coming() throws InterruptedException {
        CountDownLatch comes = new CountDownLatch(1);
        AtomicInteger asked = new AtomicInteger();
        SpeedLog log = new SpeedLog(
                () -> {
                    asked.incrementAndGet();
                    await(comes);
                    throw new IllegalStateException("no session");
                },
                7);

        long began = System.nanoTime();
        for (int i = 0; i < 1_000; i++) {
            log.accept(SLOW);
        }
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(5));
        comes.countDown();
        log.close();

        assertThat(asked.get()).as("the oldest are left out").isBetween(1, 102);
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
