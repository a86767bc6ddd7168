package dev.neap.postgres.rebuild;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neap.postgres.query.Query;
import dev.neap.testkit.PostgresServer;
import java.sql.Connection;
import java.sql.Statement;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BystandersTest {
    @ParameterizedTest
    @ValueSource(ints = {14, 18})
    void an_old_snapshot_counts_though_the_role_may_not_see_whose_it_is(int major) throws Exception {
        PostgresServer server = PostgresServer.of(major);
        String database = server.createDatabase("bystanders");
        server.execute(database, "DROP ROLE IF EXISTS sees_little", "CREATE ROLE sees_little LOGIN");
        try (Connection reader = server.connect(database);
                Connection role = server.connect(database, "sees_little");
                Statement s = reader.createStatement()) {
            reader.setAutoCommit(false);
            reader.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            s.executeQuery("SELECT count(*) FROM pg_class").close();
            String written;
            try (Connection writer = server.connect(database)) {
                written = Query.of(writer, "SELECT pg_current_xact_id()::text").text();
            }

            assertThat(new Bystanders(role).olderThan(written, 0, -1, "")).hasSize(1);
            reader.commit();
            assertThat(new Bystanders(role).olderThan(written, 0, -1, "")).isEmpty();
        }
    }
}
