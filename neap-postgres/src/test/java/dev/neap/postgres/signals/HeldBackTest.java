package dev.neap.postgres.signals;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neap.postgres.signals.HeldBack.Holder;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class HeldBackTest {
    private final HeldBack held = new HeldBack();

    private double at(int second, Holder... holders) {
        return held.longest(List.of(holders), TimeUnit.SECONDS.toNanos(second)).value();
    }

    @Test
    void what_keeps_the_same_rows_from_look_to_look_is_as_old_as_it_was_seen() {
        assertThat(at(0, new Holder("standby one", "700", 5))).isZero();
        assertThat(at(60, new Holder("standby one", "700", 90))).isEqualTo(60);
        assertThat(at(70, new Holder("standby one", "790", 3)))
                .as("its query has ended")
                .isZero();
    }

    @Test
    void where_nothing_is_written_nothing_is_kept() {
        assertThat(at(0, new Holder("standby one", "700", 0))).isZero();
        assertThat(at(60, new Holder("standby one", "700", 0))).isZero();
        assertThat(at(61, new Holder("standby one", "700", 1))).isEqualTo(1);
    }

    @Test
    void of_several_the_longest_is_named_and_one_that_is_gone_is_forgotten() {
        at(0, new Holder("slot old", "600", 9));
        at(10, new Holder("slot old", "600", 9), new Holder("standby one", "700", 5));

        assertThat(held.longest(
                                List.of(new Holder("standby one", "700", 6), new Holder("slot old", "600", 9)),
                                TimeUnit.SECONDS.toNanos(30))
                        .about())
                .isEqualTo("slot old");
        assertThat(at(40)).isZero();
        assertThat(at(50, new Holder("slot old", "600", 9))).isZero();
    }
}
