package dev.neap.bench.invisible;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.neap.backfill.Environment;
import dev.neap.backfill.Times;
import dev.neap.throttle.Limits;
import dev.neap.throttle.PrometheusSignal;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What a run is told of the application's p99. */
class MonitoringTest {
    private static final long MS = 1_000_000;
    private static final long SECOND = 1_000 * MS;
    private static final Timetable HUNDRED = Timetable.perSecond(100, 0);

    private static final Limits PERCENT =
            new Limits("p99", Limits.Unit.COUNT, 10, 20, Duration.ofSeconds(1), Duration.ZERO);

    private final Requests requests = new Requests(HUNDRED);

    /** Each took so long. */
    private void ended(int from, int to, long nanos) {
        for (int number = from; number < to; number++) {
            requests.ended(number, HUNDRED.intended(number) + nanos);
        }
    }

    private static double told(Monitoring monitoring) {
        try (PrometheusSignal signal = new PrometheusSignal(
                monitoring.address().target(Environment.system()).uri(), "", "any", PERCENT)) {
            return signal.read().value();
        }
    }

    @Test
    void by_how_many_percent_it_is_over_what_it_was_in_the_last_ten_seconds() throws Exception {
        ended(0, 1_000, 40 * MS);
        ended(1_000, 1_980, 4 * MS);
        ended(1_980, 2_000, 6 * MS);
        ByHand clock = new ByHand(20 * SECOND);
        try (Monitoring monitoring = Monitoring.start()) {
            assertEquals(0, told(monitoring), "nothing is known yet");
            monitoring.watch(requests, new Latency(1_000, 1, 2, 4, 9), clock);
            assertEquals(50, told(monitoring));
            monitoring.watch(requests, new Latency(1_000, 1, 2, 8, 9), clock);
            assertEquals(0, told(monitoring), "less than before is no less than nothing");
        }
    }

    @Test
    void requests_that_have_not_ended_have_taken_until_now() {
        ended(0, 900, MS);

        Latency latency = requests.untilNow(0, 10 * SECOND);

        assertEquals(1_000, latency.requests());
        assertEquals(1_000, latency.maxMs(), 1e-6);
        assertTrue(latency.p95Ms() > 400, latency.toString());
    }

    @Test
    void its_warning_level_is_half_of_the_way_to_its_limit() throws Exception {
        try (Monitoring monitoring = Monitoring.start()) {
            var own = Signals.ofP99(new Times(1.2), monitoring.address()).own().get(0);

            assertEquals(10, own.warning());
            assertEquals(20, own.limit());
        }
    }
}
