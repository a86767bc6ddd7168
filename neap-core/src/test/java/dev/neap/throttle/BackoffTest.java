package dev.neap.throttle;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class BackoffTest {
    private static final Duration BASE = Duration.ofMillis(100);
    private static final Duration CEILING = Duration.ofSeconds(5);

    @Test
    void each_wait_is_up_to_twice_as_long_as_the_one_before_and_none_is_over_the_ceiling() {
        for (int seed = 0; seed < 50; seed++) {
            Backoff backoff = new Backoff(BASE, CEILING, new Random(seed));
            for (int miss = 0; miss < 100; miss++) {
                Duration whole = miss < 6 ? BASE.multipliedBy(1L << miss) : CEILING;
                assertThat(backoff.misses()).isEqualTo(miss);
                assertThat(backoff.next()).isBetween(whole.dividedBy(2), whole);
            }
        }
    }

    @Test
    void those_who_collided_once_do_not_wait_alike() {
        Random random = new Random(1);
        Set<Duration> first = new HashSet<>();
        for (int i = 0; i < 20; i++) {
            first.add(new Backoff(CEILING, CEILING, random).next());
        }
        assertThat(first).hasSizeGreaterThan(15);
    }
}
