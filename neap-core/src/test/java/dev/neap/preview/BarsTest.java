package dev.neap.preview;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class BarsTest {
    private static Bars over(String min, String p5, String p95, String max) {
        return Bars.over(new BigDecimal(min), new BigDecimal(p5), new BigDecimal(p95), new BigDecimal(max));
    }

    @Test
    void stand_on_round_numbers() {
        Bars bars = over("-3.2", "-3", "17", "17.9");

        assertThat(bars.width()).isEqualByComparingTo("2");
        assertThat(bars.from()).isEqualByComparingTo("-4");
        assertThat(bars.to()).isEqualByComparingTo("18");
    }

    @Test
    void far_values_do_not_squeeze_the_others() {
        Bars bars = over("-1000000", "0", "10", "5000000");

        assertThat(bars.from()).isEqualByComparingTo("-10");
        assertThat(bars.to()).isGreaterThan(new BigDecimal("20")).isLessThan(new BigDecimal("24"));
    }

    @Test
    void the_same_difference_everywhere_is_one_bar() {
        Bars whole = over("2", "2", "2", "2");
        Bars cents = over("-0.25", "-0.25", "-0.25", "-0.25");

        assertThat(whole).isEqualTo(new Bars(new BigDecimal("2"), BigDecimal.ONE, 1));
        assertThat(cents.count()).isEqualTo(1);
        assertThat(cents.from()).isEqualByComparingTo("-0.25");
    }

    @Test
    void never_too_many_and_always_over_the_middle() {
        SplittableRandom random = new SplittableRandom(7);
        for (int i = 0; i < 2_000; i++) {
            double scale = Math.pow(10, random.nextInt(-12, 30));
            BigDecimal[] seen = random.doubles(4)
                    .mapToObj(d -> BigDecimal.valueOf((d - 0.5) * scale))
                    .toArray(BigDecimal[]::new);
            Arrays.sort(seen);
            Bars bars = Bars.over(seen[0], seen[1], seen[2], seen[3]);

            assertThat(bars.count()).isBetween(1, Bars.MOST);
            assertThat(bars.from()).isLessThanOrEqualTo(seen[1]);
            assertThat(bars.to()).isGreaterThan(seen[2]);
            assertThat(bars.edge(1).subtract(bars.from())).isEqualByComparingTo(bars.width());
        }
    }
}
