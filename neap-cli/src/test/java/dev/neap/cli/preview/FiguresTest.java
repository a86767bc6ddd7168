package dev.neap.cli.preview;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neap.cli.text.Text;
import java.math.BigDecimal;
import org.junit.jupiter.api.Test;

class FiguresTest {
    @Test
    void a_share_is_never_rounded_to_none_or_all() {
        assertThat(Figures.percent(0)).isEqualTo("0 %");
        assertThat(Figures.percent(1)).isEqualTo("100 %");
        assertThat(Figures.percent(0.61234)).isEqualTo("61.2 %");
        assertThat(Figures.percent(0.0004)).isEqualTo("0.04 %");
        assertThat(Figures.percent(0.99997)).isEqualTo("99.997 %");
        assertThat(Figures.percent(1e-12)).isEqualTo("under 0.00001 %");
        assertThat(Figures.percent(1 - 1e-12)).isEqualTo("over 99.99999 %");
    }

    @Test
    void numbers_are_grouped_and_very_large_or_small_ones_short() {
        assertThat(Figures.number(new BigDecimal("1234567.50"))).isEqualTo("1,234,567.50");
        assertThat(Figures.number(new BigDecimal("-3"))).isEqualTo("-3");
        assertThat(Figures.number(new BigDecimal("1E+3"))).isEqualTo("1,000");
        assertThat(Figures.number(new BigDecimal("0.00"))).isEqualTo("0.00");
        assertThat(Figures.number(new BigDecimal("12345678901234567890"))).isEqualTo("1.23457E+19");
        assertThat(Figures.number(new BigDecimal("0.000000012345678"))).isEqualTo("1.23457E-8");
        assertThat(Figures.mean(new BigDecimal("120000.0000000000000000"))).isEqualTo("120,000");
        assertThat(Figures.mean(new BigDecimal("0.8190098039215686"))).isEqualTo("0.81901");
        assertThat(Figures.growth(new BigDecimal("-10"), new BigDecimal("-5"))).isEqualTo("+50.00 %");
        assertThat(Figures.growth(BigDecimal.ZERO, BigDecimal.TEN)).isEmpty();
    }

    @Test
    void a_value_is_on_one_line_and_no_null() {
        assertThat(Text.value(null)).isEqualTo("null");
        assertThat(Text.value("NULL")).isEqualTo("'NULL'");
        assertThat(Text.value("")).isEqualTo("''");
        assertThat(Text.value(" a")).isEqualTo("' a'");
        assertThat(Text.value("a\u001b[2J\nb\u202e\u2028.")).isEqualTo("a\\u001b[2J\\nb\\u202e\\u2028.");
        assertThat(Text.value("😀 \"q\" 'q'")).isEqualTo("😀 \"q\" 'q'");
    }
}
