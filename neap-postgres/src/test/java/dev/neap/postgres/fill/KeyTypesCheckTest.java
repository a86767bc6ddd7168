package dev.neap.postgres.fill;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Types of a key, and of the column that it is set to. */
class KeyTypesCheckTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "integer | bigint |",
                "bigint | integer |",
                "bigint | numeric |",
                "bigint | numeric(20,0) |",
                "bigint | numeric(20,-2) | rounded",
                "numeric(12,3) | numeric(10,3) |",
                "numeric(12,3) | numeric(20,2) | rounded",
                "numeric(12,0) | bigint |",
                "numeric(12,3) | bigint | rounded",
                "numeric | numeric(12,3) | rounded",
                "numeric | bigint | rounded",
                "integer | double precision |",
                "bigint | double precision | may be one",
                "double precision | real | may be one",
                "text | character varying(20) |",
                "character(20) | text |",
                "character varying(20) | character(20) | blanks",
                "text | citext | may be one",
                "uuid | uuid |",
                "timestamp without time zone | timestamp(6) without time zone |",
                "timestamp(3) without time zone | timestamp without time zone |",
                "timestamp without time zone | timestamp(0) without time zone | cut",
                "timestamp without time zone | date | may be one",
                "timestamp without time zone | timestamp with time zone |",
                "timestamp with time zone | timestamp(3) without time zone | cut",
                "date | timestamp with time zone |",
                "date | timestamp(0) without time zone | may be one",
                "real | double precision |",
                "cidr | inet |",
                "inet | cidr | may be one",
                "bpchar | bpchar |",
                "status | text | compares no keys",
                "date | timestamp without time zone |",
                "time without time zone | time(0) without time zone | cut",
                "bit(8) | bit(8) |",
                "bit varying(8) | bit varying |",
                "bit(8) | bit(4) | may be one",
                "interval | interval(0) | may be one",
            })
    void keys_that_would_become_one_in_the_target_are_refused(String from, String into, String why) {
        if (why == null) {
            assertThat(KeyTypesCheck.objection(from, into)).isEmpty();
        } else {
            assertThat(KeyTypesCheck.objection(from, into)).contains(why);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "numeric | bigint | k <> round(k, 0)",
                "numeric | numeric(12,2) | k <> round(k, 2)",
                "numeric(12,3) | numeric(12,2) |",
                "text | character(2) | k <> rtrim(k)",
                "timestamp without time zone | timestamp(0) without time zone |",
            })
    void where_the_rows_alone_tell_there_is_sql_that_asks_them(String from, String into, String which) {
        assertThat(KeyTypesCheck.changed(from, into, "k")).isEqualTo(which == null ? "" : which);
    }
}
