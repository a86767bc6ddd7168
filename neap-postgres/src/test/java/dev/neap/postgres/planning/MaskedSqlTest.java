package dev.neap.postgres.planning;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** What stands in quotes and comments is not looked at. */
class MaskedSqlTest {
    @Test
    void a_literal_of_any_length_is_blank() {
        for (String quote : new String[] {"'", "E'", "\""}) {
            String long_ = quote
                    + "it''s".replace("''", quote.endsWith("'") ? "''" : "\"\"").repeat(50_000)
                    + quote.charAt(quote.length() - 1);

            assertThat(MaskedSql.of("a = " + long_ + " :lower").strip())
                    .startsWith("a =")
                    .endsWith(" :lower");
            assertThat(MaskedSql.of("a = " + long_ + " :lower")).doesNotContain("it");
        }
    }

    @Test
    void quotes_in_quotes_and_behind_a_backslash_end_nothing() {
        assertThat(MaskedSql.of("'a''b' c")).isEqualTo("       c");
        assertThat(MaskedSql.of("E'a\\'b' c")).isEqualTo("        c");
        assertThat(MaskedSql.of("E'a\\\\' || c")).isEqualTo("       || c");
        assertThat(MaskedSql.of("\"a\"\"b\" c")).isEqualTo("       c");
        assertThat(MaskedSql.of("'' c")).isEqualTo("   c");
    }
}
