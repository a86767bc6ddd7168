package dev.neap.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ObservationsTest {
    private static final long MILLI = TimeUnit.MILLISECONDS.toNanos(1);

    @Test
    void one_long_stall_counts_as_often_as_it_would_have_been_felt() {
        Observations observations = new Observations();
        for (int i = 0; i < 900; i++) {
            observations.read(MILLI, 10 * MILLI);
        }
        observations.read(1_000 * MILLI, 10 * MILLI);

        Observations.Summary seen = observations.summary();

        assertThat(seen.reads()).isEqualTo(901);
        assertThat(seen.longestRead()).isEqualTo(Duration.ofSeconds(1));
        assertThat(seen.p50()).isEqualTo(Duration.ofMillis(1));
        assertThat(seen.p99()).isBetween(Duration.ofMillis(850), Duration.ofMillis(950));
    }

    @Test
    void nothing_seen_is_no_error() {
        assertThat(new Observations().summary().p99()).isEqualTo(Duration.ZERO);
    }
}
