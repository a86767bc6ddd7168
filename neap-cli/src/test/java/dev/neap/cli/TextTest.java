package dev.neap.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neap.cli.text.Text;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TextTest {
    @ParameterizedTest
    @CsvSource({"0,0 bytes", "1,1 byte", "1023,'1,023 bytes'", "1024,1.0 kB", "98304,96 kB", "5368709120,5.0 GB"})
    void bytes_as_postgresql_counts_them(long bytes, String text) {
        assertThat(Text.bytes(bytes)).isEqualTo(text);
    }

    @ParameterizedTest
    @CsvSource({
        "PT0S,0 s",
        "PT0.35S,350 ms",
        "PT2S,2.0 s",
        "PT59S,59 s",
        "PT4M5S,4 min 5 s",
        "PT1H7M,1 h 7 min",
        "P7D,7 d",
        "P3DT2H,3 d 2 h"
    })
    void durations_in_two_units_at_most(Duration duration, String text) {
        assertThat(Text.duration(duration)).isEqualTo(text);
    }

    @Test
    void tables_are_aligned() {
        assertThat(Text.table(List.of(List.of("a", "bb"), List.of("ccc", "d")), true))
                .containsExactly("  a  bb", "ccc  d");
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '"',
            value = {"a.yaml,a.yaml", "my file.yaml,'my file.yaml'", "it's,'it'\\''s'"})
    void words_can_be_pasted_into_a_shell(String word, String quoted) {
        assertThat(Shell.word(word)).isEqualTo(quoted);
    }
}
