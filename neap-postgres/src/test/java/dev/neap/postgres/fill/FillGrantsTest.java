package dev.neap.postgres.fill;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neap.backfill.Backfill;
import dev.neap.dialect.NeapException;
import dev.neap.postgres.PostgresDialect;
import dev.neap.postgres.query.Query;
import dev.neap.preflight.Finding;
import dev.neap.run.Neap;
import dev.neap.run.Probe;
import dev.neap.run.RunListener;
import dev.neap.run.RunResult;
import dev.neap.run.Stop;
import dev.neap.testkit.Jars;
import dev.neap.testkit.PostgresServer;
import dev.neap.testkit.fill.FillRuns;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A role that `neap grants` made for a fill can do it, and none of its privileges is there in vain. */
class FillGrantsTest {
    private static final String DATABASE = "fill_grants";
    private static final String ROLE = "\"fill least\"";

    private static final String TABLE = """
            fill:
              from: shop.legacy
              into: shop.users
              reads: elsewhere.film
              set: { id: id, name: lower(full_name), days: "(SELECT f.days FROM elsewhere.film f WHERE f.id = film)" }
            """;

    private static final String COLUMN =
            "fill:\n  into: shop.item\n  transform: { class: " + Transforms.Cents.class.getName() + ", jar: %s }\n";

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private Path folder;

    private static PostgresServer made(PostgresServer server) {
        server.createDatabase(DATABASE);
        server.execute(
                DATABASE,
                "DROP ROLE IF EXISTS " + ROLE,
                "DROP ROLE IF EXISTS fill_owner",
                "CREATE ROLE fill_owner",
                "CREATE SCHEMA shop",
                "CREATE SCHEMA elsewhere",
                "REVOKE TEMPORARY ON DATABASE " + DATABASE + " FROM PUBLIC",
                "CREATE TABLE elsewhere.film (id int PRIMARY KEY, days int)",
                "INSERT INTO elsewhere.film VALUES (1, 3)",
                "CREATE TABLE shop.legacy (id bigserial PRIMARY KEY, full_name text NOT NULL, film int, short text)",
                "CREATE TABLE shop.users (id bigserial PRIMARY KEY, name text, days int)",
                "INSERT INTO shop.legacy (full_name, film) SELECT 'Ada ' || n, 1 FROM generate_series(1, 100) n",
                "ALTER TABLE shop.legacy OWNER TO fill_owner",
                "CREATE TABLE shop.item (id int PRIMARY KEY, price int, cents numeric(12, 0))",
                "INSERT INTO shop.item SELECT n, n FROM generate_series(1, 100) n",
                "CREATE ROLE " + ROLE + " LOGIN");
        return server;
    }

    @ParameterizedTest
    @MethodSource("dev.neap.testkit.PostgresServer#tested")
    void a_role_made_with_exactly_these_statements_fills_another_table(int major) throws Exception {
        PostgresServer server = made(PostgresServer.of(major));
        Backfill backfill = backfill(TABLE);

        List<String> grants = granted(server, backfill);

        assertThat(run(server, backfill).outcome()).isEqualTo(RunResult.Outcome.DONE);
        none_is_in_vain(server, backfill, grants);
    }

    @Test
    void and_columns_by_a_transform_in_java() throws Exception {
        PostgresServer server = made(PostgresServer.newest());
        Path jar = folder.resolve("t.jar");
        Jars.write(jar, Transforms.Cents.class);
        Backfill backfill = backfill(COLUMN.formatted(jar));

        List<String> grants = granted(server, backfill);

        assertThat(grants).noneMatch(grant -> grant.contains("fill_owner"));
        assertThat(run(server, backfill).outcome()).isEqualTo(RunResult.Outcome.DONE);
        none_is_in_vain(server, backfill, grants);
    }

    @Test
    void a_transaction_whose_beginning_the_role_may_not_see_is_waited_for() throws Exception {
        PostgresServer server = made(PostgresServer.newest());
        server.execute(DATABASE, "GRANT USAGE ON SCHEMA shop TO " + ROLE);
        try (Connection application = server.connect(DATABASE);
                Connection seeing = server.connect(DATABASE);
                Connection role = server.connect(DATABASE, ROLE.replace("\"", ""))) {
            long table =
                    Query.of(application, "SELECT 'shop.legacy'::regclass::oid").number();
            application.setAutoCommit(false);
            try (Statement s = application.createStatement()) {
                s.execute("UPDATE shop.legacy SET film = 1 WHERE id = 1");
            }

            assertThat(Users.sinceBefore(role, List.of(table), "2000-01-01", "3"))
                    .hasSize(1);
            assertThat(Users.sinceBefore(seeing, List.of(table), "2000-01-01", "3"))
                    .isEmpty();
        }
    }

    @Test
    void a_snapshot_whose_owner_the_role_may_not_see_is_waited_for() throws Exception {
        PostgresServer server = made(PostgresServer.newest());
        server.execute(DATABASE, "GRANT USAGE ON SCHEMA shop TO " + ROLE);
        try (Connection application = server.connect(DATABASE);
                Connection role = server.connect(DATABASE, ROLE.replace("\"", ""));
                Statement s = application.createStatement()) {
            application.setAutoCommit(false);
            application.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            s.executeQuery("SELECT count(*) FROM elsewhere.film").close();
            long table;
            String transaction;
            try (Connection other = server.connect(DATABASE)) {
                table = Query.of(other, "SELECT 'shop.legacy'::regclass::oid").number();
                transaction = Query.of(other, "SELECT pg_current_xact_id()::xid::text")
                        .text();
            }

            assertThat(Users.sinceBefore(role, List.of(table), "2100-01-01", transaction))
                    .hasSize(1);
            application.commit();
            assertThat(Users.sinceBefore(role, List.of(table), "2100-01-01", transaction))
                    .isEmpty();
        }
    }

    private static List<String> granted(PostgresServer server, Backfill backfill) {
        List<String> grants = engine(server, PostgresServer.ADMIN).grants(backfill, ROLE.replace("\"", "")).stream()
                .filter(grant -> !grant.startsWith("--"))
                .toList();
        server.execute(DATABASE, grants.toArray(String[]::new));
        return grants;
    }

    private static void none_is_in_vain(PostgresServer server, Backfill backfill, List<String> grants) {
        for (String grant : grants) {
            String revoke = grant.replaceFirst("^GRANT", "REVOKE").replaceFirst(" TO (" + ROLE + ").*", " FROM $1");
            server.execute(DATABASE, revoke);
            assertThat(refusal(server, backfill)).as(revoke).isNotEmpty();
            server.execute(DATABASE, grant);
        }
        assertThat(refusal(server, backfill)).isEmpty();
    }

    private static String refusal(PostgresServer server, Backfill backfill) {
        try {
            return engine(server, ROLE.replace("\"", "")).plan(backfill).findings().stream()
                    .filter(finding -> finding.check().equals("privileges"))
                    .map(Finding::what)
                    .collect(Collectors.joining());
        } catch (NeapException e) {
            return String.valueOf(e.getMessage());
        }
    }

    private static RunResult run(PostgresServer server, Backfill backfill) {
        Neap neap = engine(server, ROLE.replace("\"", ""));
        return neap.run(neap.plan(backfill), 1, RunListener.SILENT, new Stop());
    }

    private static Neap engine(PostgresServer server, String role) {
        return new Neap(new PostgresDialect(), server.target(DATABASE, role), FillDatabase.SHORT, Probe.NONE);
    }

    private static Backfill backfill(String fill) throws IOException {
        return FillRuns.backfill("backfill: least\n" + fill);
    }
}
