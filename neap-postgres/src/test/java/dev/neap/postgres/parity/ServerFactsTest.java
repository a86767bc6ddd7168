package dev.neap.postgres.parity;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neap.parity.Fact;
import dev.neap.testkit.PostgresServer;
import java.sql.Connection;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ServerFactsTest {
    private static String collation(PostgresServer server, String database) throws SQLException {
        try (Connection connection = server.connect(database)) {
            return ServerFacts.of(connection).facts().stream()
                    .filter(fact -> fact.name().equals("collation"))
                    .map(Fact::value)
                    .findFirst()
                    .orElseThrow();
        }
    }

    private static String database(PostgresServer server, String name, String locale) {
        server.execute(
                "postgres",
                "DROP DATABASE IF EXISTS " + name,
                "CREATE DATABASE " + name + " TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C' "
                        + locale);
        return name;
    }

    @ParameterizedTest
    @MethodSource("dev.neap.testkit.PostgresServer#tested")
    void the_collation_has_its_provider_on_every_version(int major) throws SQLException {
        PostgresServer server = PostgresServer.of(major);

        assertThat(collation(server, database(server, "sorted_by_libc", ""))).isEqualTo("libc: C, C");
    }

    @Test
    void a_provider_of_its_own_is_another_collation_whatever_lc_collate_says() throws SQLException {
        PostgresServer server = PostgresServer.newest();
        String builtin = "LOCALE_PROVIDER builtin BUILTIN_LOCALE ";

        assertThat(collation(server, database(server, "sorted_by_code", builtin + "'C'")))
                .isEqualTo("builtin C: C, C");
        assertThat(collation(server, database(server, "sorted_by_unicode", builtin + "'C.UTF-8'")))
                .isEqualTo("builtin C.UTF-8: C, C");
    }
}
