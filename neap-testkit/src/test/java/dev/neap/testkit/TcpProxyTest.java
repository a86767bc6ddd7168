package dev.neap.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TcpProxyTest {
    private final PostgresServer server = PostgresServer.newest();

    @BeforeEach
    void database() {
        server.createDatabase("proxied");
        server.execute("proxied", "CREATE TABLE t (id int)");
    }

    @Test
    void what_commits_is_kept_though_its_answer_is_lost() throws Exception {
        try (TcpProxy proxy = new TcpProxy(server.port());
                Connection connection = connect(proxy)) {
            connection.setAutoCommit(false);
            for (int i = 0; i < 10; i++) {
                insertAndCommit(connection);
            }
            proxy.loseAnswerTo(statement -> statement.equalsIgnoreCase("COMMIT"));

            assertThatThrownBy(() -> insertAndCommit(connection))
                    .isInstanceOfSatisfying(
                            SQLException.class, e -> assertThat(e.getSQLState()).startsWith("08"));
            assertThat(count()).isEqualTo(11);
            assertThat(proxy.cuts()).isEqualTo(1);
        }
    }

    @Test
    void a_commit_that_never_arrives_is_rolled_back() throws Exception {
        try (TcpProxy proxy = new TcpProxy(server.port());
                Connection connection = connect(proxy)) {
            connection.setAutoCommit(false);
            proxy.loseRequest(statement -> statement.equalsIgnoreCase("COMMIT"));

            assertThatThrownBy(() -> insertAndCommit(connection)).isInstanceOf(SQLException.class);
            assertThat(count()).isZero();
        }
    }

    @Test
    void latency_makes_each_question_slower() throws Exception {
        try (TcpProxy proxy = new TcpProxy(server.port());
                Connection connection = connect(proxy)) {
            proxy.latency(Duration.ofMillis(20));
            long began = System.nanoTime();
            connection.createStatement().execute("SELECT 1");

            assertThat(Duration.ofNanos(System.nanoTime() - began)).isGreaterThan(Duration.ofMillis(40));
        }
    }

    @Test
    void a_stalled_question_is_answered_when_the_stall_ends() throws Exception {
        try (TcpProxy proxy = new TcpProxy(server.port());
                Connection connection = connect(proxy)) {
            proxy.stall(true);
            CompletableFuture<Boolean> answer = CompletableFuture.supplyAsync(() -> {
                try {
                    return connection.createStatement().execute("SELECT 1");
                } catch (SQLException e) {
                    throw new IllegalStateException(e);
                }
            });
            Thread.sleep(150);
            assertThat(answer).isNotDone();
            proxy.stall(false);

            assertThat(answer.get(5, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void refused_and_reset_connections_fail_until_it_is_over() throws Exception {
        try (TcpProxy proxy = new TcpProxy(server.port());
                Connection connection = connect(proxy)) {
            proxy.reset();
            assertThatThrownBy(() -> connection.createStatement().execute("SELECT 1"))
                    .isInstanceOf(SQLException.class);
            proxy.refuse(true);
            assertThatThrownBy(() -> connect(proxy)).isInstanceOf(SQLException.class);
            proxy.refuse(false);

            connect(proxy).close();
        }
    }

    private static void insertAndCommit(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("INSERT INTO t VALUES (1)");
        }
        connection.commit();
    }

    private static Connection connect(TcpProxy proxy) throws SQLException {
        return DriverManager.getConnection(PostgresServer.url("localhost", proxy.port(), "proxied", "postgres"));
    }

    private int count() throws SQLException {
        try (Connection connection = server.connect("proxied");
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT count(*) FROM t")) {
            rows.next();
            return rows.getInt(1);
        }
    }
}
