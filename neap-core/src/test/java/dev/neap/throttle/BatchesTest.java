package dev.neap.throttle;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** When batches are at work. */
class BatchesTest {
    private static final long MS = 1_000_000;

    private final Batches batches = new Batches(0);

    private Duration beside(long ms) {
        return batches.beside(ms * MS);
    }

    @Test
    void a_batch_counts_as_long_as_it_takes_and_a_little_longer() {
        assertThat(beside(100)).isZero();
        batches.began(100 * MS);
        assertThat(beside(103)).hasMillis(3);
        batches.ended(105 * MS);
        assertThat(beside(105)).hasMillis(5);
        assertThat(beside(112)).hasMillis(12);
        assertThat(beside(200)).hasMillis(15);
    }

    @Test
    void what_two_have_in_common_counts_once() {
        batches.began(0);
        batches.began(10 * MS);
        batches.ended(20 * MS);
        assertThat(beside(30)).as("the other is still at work").hasMillis(30);
        batches.ended(40 * MS);
        batches.began(45 * MS);
        batches.ended(46 * MS);
        assertThat(beside(100)).hasMillis(56);
    }

    @Test
    void what_begins_beside_one_has_met_it_and_so_has_what_one_begins_beside() {
        Batches.Moment before = batches.moment(0);
        assertThat(batches.met(before)).isFalse();
        batches.began(10 * MS);
        assertThat(batches.met(before)).as("it began meanwhile").isTrue();
        assertThat(batches.met(batches.moment(15 * MS))).isTrue();
        batches.ended(20 * MS);
        assertThat(batches.met(batches.moment(29 * MS)))
                .as("its log may be on its way")
                .isTrue();
        Batches.Moment after = batches.moment(30 * MS);
        assertThat(batches.met(after)).isFalse();
        assertThat(batches.met(before)).as("it came and went meanwhile").isTrue();
    }

    @Test
    void the_next_one_is_waited_for_and_taken_to_last_as_long_as_the_last() throws Exception {
        assertThat(batches.awaitNext(Duration.ofMillis(5))).as("none began").isEmpty();
        batches.began(0);
        batches.began(3 * MS);
        batches.ended(4 * MS);
        batches.ended(7 * MS);
        CompletableFuture<Optional<Duration>> next =
                CompletableFuture.supplyAsync(() -> batches.awaitNext(Duration.ofMinutes(1)));
        while (!next.isDone()) {
            batches.began(20 * MS);
            batches.ended(27 * MS);
            Thread.sleep(1);
        }
        assertThat(next.get()).contains(Duration.ofMillis(17));
    }
}
