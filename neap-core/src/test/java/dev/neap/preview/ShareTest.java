package dev.neap.preview;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ShareTest {
    @Test
    void bounds_are_those_of_the_score_interval() {
        Share half = Share.sampled(50, 100, 100);
        Share none = Share.sampled(0, 100, 100);
        Share all = Share.sampled(100, 100, 100);

        assertThat(half.low()).isCloseTo(0.4038, within(0.0001));
        assertThat(half.high()).isCloseTo(0.5962, within(0.0001));
        assertThat(none.low()).isZero();
        assertThat(none.high()).isCloseTo(0.0370, within(0.0001));
        assertThat(all.low()).isCloseTo(0.9630, within(0.0001));
        assertThat(all.high()).isEqualTo(1);
    }

    @Test
    void fewer_effective_rows_mean_wider_bounds() {
        assertThat(Share.sampled(50, 100, 60).high())
                .isGreaterThan(Share.sampled(50, 100, 100).high());
    }

    @Test
    void every_row_needs_no_bounds_and_no_row_says_nothing() {
        assertThat(Share.exact(1, 4)).isEqualTo(new Share(1, 0.25, 0.25, 0.25));
        assertThat(Share.exact(0, 0)).isEqualTo(new Share(0, 0, 0, 0));
        assertThat(Share.sampled(0, 0, 0)).isEqualTo(new Share(0, 0, 0, 1));
    }

    @Test
    void about_95_of_100_samples_have_the_truth_between_their_bounds() {
        SplittableRandom random = new SplittableRandom(1);
        int held = 0;
        for (int sample = 0; sample < 4_000; sample++) {
            int count = 0;
            for (int row = 0; row < 500; row++) {
                count += random.nextDouble() < 0.03 ? 1 : 0;
            }
            Share share = Share.sampled(count, 500, 500);
            held += share.low() <= 0.03 && 0.03 <= share.high() ? 1 : 0;
        }
        assertThat(held / 4_000.0).isBetween(0.93, 0.98);
    }
}
