package dev.neap.mysql.query;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neap.control.RetryCause;
import dev.neap.dialect.NeapException;
import dev.neap.dialect.NeapException.Kind;
import java.sql.SQLException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SqlFailuresTest {
    @ParameterizedTest
    @CsvSource({
        "1205, HY000, LOCK, LOCK",
        "1213, 40001, RETRY, DEADLOCK",
        "1020, HY000, RETRY, CONFLICT",
        "1969, 70100, RETRY, CANCELLED",
        "1040, 08004, RETRY, CONNECTION",
        "0, 08000, UNKNOWN, CONNECTION",
        "1452, 23000, UNIT, OTHER"
    })
    void a_failure_says_what_is_known_of_it_and_what_it_counts_as_when_it_is_tried_again(
            int number, String state, Kind kind, RetryCause cause) {
        NeapException explained = SqlFailures.explain(new SQLException("some words", state, number));

        assertThat(explained.kind()).isEqualTo(kind);
        assertThat(explained.retryCause()).isEqualTo(cause);
    }
}
