package dev.neap.postgres.planning;

import static dev.neap.postgres.planning.Planning.declared;
import static dev.neap.postgres.planning.Planning.named;
import static org.assertj.core.api.Assertions.assertThat;

import dev.neap.backfill.TableName;
import dev.neap.plan.Plan;
import dev.neap.testkit.PostgresServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class GrantsTest {
    @ParameterizedTest
    @MethodSource("dev.neap.testkit.PostgresServer#tested")
    void a_role_made_with_exactly_these_statements_can_plan(int major) throws SQLException {
        Planning database = new Planning(PostgresServer.of(major), "grants").withEvents();
        database.execute(
                "DROP ROLE IF EXISTS \"neap-runner\"",
                "DROP ROLE IF EXISTS app",
                "DROP ROLE IF EXISTS other",
                "CREATE ROLE app",
                "CREATE ROLE other",
                "REVOKE ALL ON SCHEMA public FROM PUBLIC",
                "CREATE SCHEMA elsewhere AUTHORIZATION other",
                "CREATE TABLE elsewhere.labels (label varchar(10) PRIMARY KEY)",
                "INSERT INTO elsewhere.labels VALUES ('label')",
                "ALTER TABLE events ADD FOREIGN KEY (label) REFERENCES elsewhere.labels",
                "ALTER TABLE elsewhere.labels OWNER TO other",
                "DO $$ DECLARE t regclass; BEGIN FOR t IN SELECT relid FROM pg_partition_tree('events') LOOP EXECUTE"
                        + " format('ALTER TABLE %s OWNER TO app', t); END LOOP; END $$");

        List<String> statements;
        try (Connection connection = database.connect()) {
            statements = new PostgresPlanner(connection, StepSqlSource.NONE)
                    .grants(new TableName("public", "events"), "neap-runner");
        }
        assertThat(statements.get(0)).startsWith("-- CREATE ROLE \"neap-runner\" LOGIN");
        assertThat(statements).noneMatch(s -> s.contains("superuser"));
        database.execute("CREATE ROLE \"neap-runner\" LOGIN");
        database.execute(statements.toArray(String[]::new));

        try (Connection connection = database.connect("neap-runner")) {
            Plan plan = new PostgresPlanner(connection, StepSqlSource.NONE)
                    .plan(declared("events").backfill());

            assertThat(plan.refused()).as(plan.findings().toString()).isFalse();
            assertThat(named(plan, "privileges")).isEmpty();
        }
        revokes_of_any_of_them_are_seen(database, statements);
        any_right_to_lock_a_referenced_table_will_do(database, major);
    }

    /** LOCK TABLE takes each of them, so the finding does, too. */
    private static void any_right_to_lock_a_referenced_table_will_do(Planning database, int major) throws SQLException {
        String table = " ON elsewhere.labels ";
        database.execute("REVOKE ALL" + table + "FROM \"neap-runner\"");
        for (String right : List.of("UPDATE", "DELETE", "TRUNCATE", "MAINTAIN")) {
            if (right.equals("MAINTAIN") && major < 17) {
                continue;
            }
            database.execute("GRANT SELECT, REFERENCES, " + right + table + "TO \"neap-runner\"");
            try (Connection connection = database.connect("neap-runner")) {
                assertThat(refusal(connection)).as(right).isEmpty();
                try (Statement lock = connection.createStatement()) {
                    connection.setAutoCommit(false);
                    lock.execute("LOCK TABLE elsewhere.labels IN ACCESS EXCLUSIVE MODE");
                }
                connection.rollback();
            }
            database.execute("REVOKE " + right + table + "FROM \"neap-runner\"");
        }
        try (Connection connection = database.connect("neap-runner")) {
            assertThat(refusal(connection)).contains("may not reference, check and lock elsewhere.labels");
        }
    }

    /** None of the statements is there in vain. */
    private static void revokes_of_any_of_them_are_seen(Planning database, List<String> statements)
            throws SQLException {
        for (String statement : statements.subList(1, statements.size())) {
            String revoke =
                    statement.replaceFirst("^GRANT", "REVOKE").replaceFirst(" TO (\"neap-runner\").*", " FROM $1");
            database.execute(revoke);
            try (Connection connection = database.connect("neap-runner")) {
                assertThat(refusal(connection)).as(revoke).isNotEmpty();
            }
            database.execute(statement);
        }
    }

    private static String refusal(Connection connection) {
        try {
            Plan plan = new PostgresPlanner(connection, StepSqlSource.NONE)
                    .plan(declared("events").backfill());
            return named(plan, "privileges").toString().replace("[]", "");
        } catch (dev.neap.dialect.NeapException e) {
            return e.getMessage();
        }
    }
}
