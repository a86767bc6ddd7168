package dev.neap.backfill;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Durations, rates and names as people write them. */
class WordsTest {
    @ParameterizedTest
    @CsvSource({"0,PT0S", "0s,PT0S", "500ms,PT0.5S", "30s,PT30S", "10 m,PT10M", "1h30m,PT1H30M", "7d,P7D"})
    void reads_durations(String text, Duration duration) {
        assertThat(Durations.parse(text)).contains(duration);
        assertThat(Durations.parse(Durations.write(duration))).contains(duration);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "30", "-1s", "1.5h", "7 days", "30S", "s", "999999999d"})
    void refuses_other_durations(String text) {
        assertThat(Durations.parse(text)).isEmpty();
    }

    @Test
    void reads_rates() {
        assertThat(Ceiling.parse("5000 rows/s")).contains(new Ceiling(new RowsPerSecond(5000)));
        assertThat(Ceiling.parse("5000rows/s")).contains(new Ceiling(new RowsPerSecond(5000)));
        assertThat(Ceiling.parse("none")).contains(new Ceiling(null));
        for (String wrong : List.of("", "5000", "0 rows/s", "-5 rows/s", "5k rows/s", "5 rows/m")) {
            assertThat(Ceiling.parse(wrong)).isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '\'',
            value = {
                "events,public,events",
                "Shop.Events,shop,events",
                "\"Shop\".\"Ev\"\"ents\",Shop,Ev\"ents",
                "a.\"b.c\",a,b.c"
            })
    void reads_table_names_as_sql_does(String text, String schema, String name) {
        TableName table = new TableName(schema, name);

        assertThat(TableName.parse(text)).contains(table);
        assertThat(TableName.parse(table.sql())).contains(table);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a.b.c", "a b", "\"a", "1a", "a.", "; drop"})
    void refuses_other_table_names(String text) {
        assertThat(TableName.parse(text)).isEmpty();
    }

    @Test
    void finds_the_word_that_was_meant() {
        assertThat(Nearest.of("parttions", List.of("table", "partitions"))).contains("partitions");
        assertThat(Nearest.of("rat", List.of("rate", "pause"))).contains("rate");
        assertThat(Nearest.of("colour", List.of("rate", "pause"))).isEmpty();
    }
}
