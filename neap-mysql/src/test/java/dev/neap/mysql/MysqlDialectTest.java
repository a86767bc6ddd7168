package dev.neap.mysql;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.neap.dialect.NeapException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which servers are spoken to. */
class MysqlDialectTest {
    @ParameterizedTest
    @ValueSource(
            strings = {"10.11.6-MariaDB-0+deb12u1", "11.4.5-MariaDB", "5.5.5-10.11.6-MariaDB", "11.8.2-MariaDB-log"})
    void a_server_that_is_known_is_taken(String version) {
        assertThatCode(() -> MysqlDialect.requireKnown(version)).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @CsvSource({
        "8.0.31, MySQL comes later",
        "9.1.0-commercial, MySQL comes later",
        "10.6.18-MariaDB, refuses what it does not know",
        "12.0.1-MariaDB, refuses what it does not know"
    })
    void a_server_that_nobody_tried_is_refused(String version, String why) {
        assertThatThrownBy(() -> MysqlDialect.requireKnown(version))
                .isInstanceOf(NeapException.class)
                .hasMessageContaining(why);
    }
}
