package dev.neap.postgres.query;

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
        "55P03, LOCK, LOCK",
        "40P01, RETRY, DEADLOCK",
        "40001, RETRY, CONFLICT",
        "57014, RETRY, CANCELLED",
        "53300, RETRY, CONNECTION",
        "08006, UNKNOWN, CONNECTION",
        "28P01, USAGE, CONNECTION",
        "3D000, USAGE, CONNECTION",
        "42501, USAGE, OTHER",
        "NP002, RETRY, OTHER",
        "23503, UNIT, OTHER"
    })
    void a_failure_says_what_is_known_of_it_and_what_it_counts_as_when_it_is_tried_again(
            String state, Kind kind, RetryCause cause) {
        NeapException explained = SqlFailures.explain(new SQLException("some words", state));

        assertThat(explained.kind()).isEqualTo(kind);
        assertThat(explained.retryCause()).isEqualTo(cause);
    }
}
