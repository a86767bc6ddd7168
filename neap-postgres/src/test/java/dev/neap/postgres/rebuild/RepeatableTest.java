package dev.neap.postgres.rebuild;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.neap.backfill.Rebuild;
import dev.neap.testkit.PostgresServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Which columns a recompute must yield again as they are. */
class RepeatableTest {
    private final PostgresServer server = PostgresServer.newest();

    private static Repeatable on(Connection connection, String schema) {
        return new Repeatable(
                connection,
                work -> {
                    connection.setAutoCommit(false);
                    try (Statement s = connection.createStatement()) {
                        work.run(s);
                    } finally {
                        connection.rollback();
                    }
                },
                "CREATE TABLE " + schema + ".probe (LIKE ledger)",
                schema + ".probe");
    }

    private static Rebuild rebuild(Ledger ledger, String right) {
        return ledger.other("fix", Map.of("amount", "amount * 2", "note", "now()::text"), right, Duration.ZERO)
                .rebuild();
    }

    @Test
    void those_whose_expression_is_immutable_and_an_error_where_nobody_may_ask() throws SQLException {
        Ledger ledger = new Ledger(server, "repeatable").withRows(1);
        try (Connection connection = server.connect(ledger.database)) {
            assertThat(on(connection, "public").columns(rebuild(ledger, "form = 2")))
                    .containsExactly("amount");
            assertThat(on(connection, "public").columns(rebuild(ledger, "now() > '2026-01-01'")))
                    .isEmpty();
            assertThatThrownBy(() -> on(connection, "no_such").columns(rebuild(ledger, "form = 2")))
                    .isInstanceOf(SQLException.class)
                    .hasMessageContaining("no_such");
        }
    }
}
