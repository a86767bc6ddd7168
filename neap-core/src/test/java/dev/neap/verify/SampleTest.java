package dev.neap.verify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whether a sample shows what it claims to show, as often as it says. */
class SampleTest {
    private static final int TRIALS = 1_000;

    @Test
    void the_default_claim_needs_46_050_rows_without_a_mismatch() {
        int rows = Sample.rowsFor(0.9999, 0.99);

        assertThat(rows).isEqualTo(46_050);
        assertThat(Sample.of(rows, 0, 0.9999, 0.99).holds()).isTrue();
        assertThat(Sample.of(rows - 1, 0, 0.9999, 0.99).holds()).isFalse();
        assertThat(Sample.of(rows, 1, 0.9999, 0.99).holds()).isFalse();
    }

    /** As quantiles of the beta distribution, by which the bounds are usually computed. */
    @ParameterizedTest
    @CsvSource({
        "0, 10, 0.95, 0, 0.2588656",
        "1, 10, 0.95, 0.0051162, 0.3941633",
        "5, 10, 0.95, 0.2224411, 0.7775589",
        "10, 10, 0.95, 0.7411344, 1",
        "3, 1000, 0.99, 0.0004364, 0.0100098"
    })
    void the_bounds_are_those_of_clopper_and_pearson(
            long count, long of, double confidence, double lower, double upper) {
        assertThat(ClopperPearson.lower(count, of, confidence)).isCloseTo(lower, within(1e-7));
        assertThat(ClopperPearson.upper(count, of, confidence)).isCloseTo(upper, within(1e-7));
    }

    @Test
    void large_samples_with_many_mismatches_have_bounds_too() {
        assertThat(ClopperPearson.upper(400_000, 1_000_000, 0.99)).isBetween(0.4010, 0.4013);
        assertThat(ClopperPearson.lower(400_000, 1_000_000, 0.99)).isBetween(0.3987, 0.3990);
    }

    @Test
    void a_share_that_is_just_too_small_is_found_as_often_as_the_confidence_says() {
        int rows = Sample.rowsFor(0.9999, 0.99);
        SplittableRandom random = new SplittableRandom(11);
        int missed = 0;
        for (int trial = 0; trial < TRIALS; trial++) {
            if (mismatches(random, rows, 0.0001) == 0) {
                missed++;
            }
        }
        // 1 % of the trials, and no more than four times the deviation of such a count from it.
        assertThat(missed).isBetween(1, 22);
    }

    @ParameterizedTest
    @CsvSource({"0.0001, 20000", "0.01, 500", "0.2, 100"})
    void a_bound_is_missed_no_more_often_than_the_confidence_leaves(double share, int rows) {
        SplittableRandom random = new SplittableRandom(12);
        int low = 0;
        int high = 0;
        for (int trial = 0; trial < TRIALS; trial++) {
            Sample sample = Sample.of(rows, mismatches(random, rows, share), 0.9999, 0.95);
            low += sample.low() > 1 - share ? 1 : 0;
            high += sample.high() < 1 - share ? 1 : 0;
        }
        // 5 % each, and four times the deviation.
        assertThat(low).isLessThanOrEqualTo(78);
        assertThat(high).isLessThanOrEqualTo(78);
    }

    private static int mismatches(SplittableRandom random, int rows, double share) {
        int found = 0;
        for (int i = 0; i < rows; i++) {
            if (random.nextDouble() < share) {
                found++;
            }
        }
        return found;
    }
}
