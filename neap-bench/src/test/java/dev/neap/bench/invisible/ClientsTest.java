package dev.neap.bench.invisible;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What a client counts, by a clock that goes on only when somebody waits. */
class ClientsTest {
    private static final long MS = 1_000_000;
    private static final long SECOND = 1_000 * MS;
    private static final Timetable HUNDRED = Timetable.perSecond(100, 0);

    private final ByHand clock = new ByHand(0);

    /** Sends so many requests of a millisecond, of which one takes longer. */
    private Requests sent(int many, int which, long longer) {
        Clients clients = new Clients(HUNDRED, clock);
        AtomicInteger count = new AtomicInteger();
        clients.serve(() -> {
            int number = count.getAndIncrement();
            if (number == many - 1) {
                clients.stop();
            }
            clock.goOn(number == which ? longer : MS);
        });
        return clients.requests();
    }

    @Test
    void a_stall_counts_as_often_as_requests_were_meant_during_it() throws InterruptedException {
        Latency latency = sent(1_000, 300, SECOND).between(0, 10 * SECOND, Duration.ZERO);

        assertEquals(1_000, latency.requests());
        assertEquals(1_000, latency.maxMs(), 1e-6);
        // The hundred that were meant during the second were late by what was left of it, and by those before them.
        assertTrue(latency.p95Ms() > 500, latency.toString());
        assertTrue(latency.p99Ms() > 850, latency.toString());
        assertEquals(1, latency.p50Ms(), 1e-6);
    }

    @Test
    void without_one_no_request_is_late() throws InterruptedException {
        Latency latency = sent(1_000, -1, 0).between(0, 10 * SECOND, Duration.ZERO);

        assertEquals(new Latency(1_000, 1, 1, 1, 1), latency);
    }

    @Test
    void what_is_measured_is_what_was_meant_in_that_time() throws InterruptedException {
        Requests requests = sent(1_000, 300, SECOND);

        assertEquals(new Latency(300, 1, 1, 1, 1), requests.between(0, 3 * SECOND, Duration.ZERO));
        assertEquals(
                1,
                requests.between(3 * SECOND, 3 * SECOND + 10 * MS, Duration.ZERO)
                        .requests());
        assertThrows(IllegalStateException.class, () -> requests.between(3 * SECOND, 3 * SECOND, Duration.ZERO));
    }

    @Test
    void a_request_that_never_ended_is_not_left_out() {
        Requests requests = sent(1_000, -1, 0);

        IllegalStateException refused = assertThrows(
                IllegalStateException.class, () -> requests.between(0, 10 * SECOND + 20 * MS, Duration.ZERO));

        assertEquals("2 requests had not ended after 0 s", refused.getMessage());
    }

    @Test
    void one_that_fails_took_its_time_and_is_told() throws InterruptedException {
        Clients clients = new Clients(HUNDRED, clock);
        clients.serve(() -> {
            clients.stop();
            clock.goOn(7 * MS);
            throw new SQLException("no such account");
        });

        assertEquals(new Latency(1, 7, 7, 7, 7), clients.requests().between(0, 10 * MS, Duration.ZERO));
        assertEquals(
                "1 requests failed, the first: no such account",
                clients.requests().failures());
    }
}
