package dev.neap.postgres.fill;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neap.backfill.Fill;
import dev.neap.postgres.fill.SeenStatements.Statement;
import dev.neap.preflight.Finding;
import dev.neap.preflight.Finding.Severity;
import dev.neap.testkit.PostgresServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What counts as evidence that readers cope with what is not filled yet, and what does not. */
class NullsHandledTest {
    private static final String COLUMN = "fill: { into: legacy, set: { short: 'left(full_name, 3)' } }\n";
    private static final String USERS = "fill: { from: legacy, into: users, set: { id: id, name: full_name } }\n";
    private static final Statement COPES = statement("SELECT coalesce(short, $1) FROM legacy");
    private static final Statement BARE = statement("SELECT id, short FROM legacy");

    private static Statement statement(String sql) {
        return new Statement("app", 1204, new SqlWords(sql));
    }

    private static SeenStatements seen(Statement... statements) {
        return new SeenStatements("", Duration.ofDays(2), 0, List.of(), false, List.of(statements));
    }

    private static Finding verdict(SeenStatements seen) {
        return NullsHandledCheck.verdict(
                FillDatabase.file("prod", COLUMN).backfill().fill(), List.of("short"), seen);
    }

    private static void isNoEvidence(SeenStatements seen, String why) {
        Finding finding = verdict(seen);
        assertThat(finding.severity()).isEqualTo(Severity.WARNING);
        assertThat(finding.what())
                .startsWith("nobody has seen that readers cope with NULL in public.legacy (short): ")
                .contains(why);
    }

    @Test
    void readers_that_cope_where_no_other_was_seen_in_a_day_are_evidence_and_are_named() {
        Finding finding = verdict(seen(COPES, statement("UPDATE legacy SET short = $1 WHERE id = $2")));

        assertThat(finding.severity()).isEqualTo(Severity.NOTE);
        assertThat(finding.what())
                .isEqualTo("readers were seen to cope with NULL in public.legacy (short): these cope:"
                        + " 'SELECT coalesce(short, $1) FROM legacy' (app, calls: 1,204)");
    }

    @Test
    void a_verification_shows_what_was_kept_with_the_newest_run_that_was_asked() throws Exception {
        try (FillDatabase db = FillDatabase.create()) {
            db.execute(
                    "CREATE TABLE legacy (id int PRIMARY KEY, full_name text, short text)",
                    "INSERT INTO legacy VALUES (1, 'Ada')");
            assertThat(db.verify(COLUMN).readers()).as("before any run").isEmpty();
            db.run(db.backfill("staging", COLUMN), 1);
            db.execute("INSERT INTO neap.event (run_id, kind, message) VALUES (1, 'nulls-handled', 'answered by Ada'),"
                    + " (1, 'pace', 'of something else')");
            db.run(COLUMN);

            assertThat(db.verify(COLUMN).readers())
                    .hasSize(2)
                    .satisfies(said -> assertThat(said.get(0))
                            .startsWith("nobody has seen that readers cope with NULL in public.legacy (short)"))
                    .satisfies(said -> assertThat(said.get(1)).isEqualTo("answered by Ada"));
        }
    }

    @Test
    void whatever_leaves_a_doubt_is_no_evidence() {
        isNoEvidence(seen(), "pg_stat_statements has no statement that reads short");
        isNoEvidence(seen(statement("SELECT full_name FROM legacy")), "has no statement that reads short");
        isNoEvidence(
                seen(BARE, COPES),
                "statements read short without a word for that case: 'SELECT id, short FROM legacy' (app, calls: 1,204);"
                        + " these cope: 'SELECT coalesce");
        isNoEvidence(new SeenStatements("it is closed", Duration.ZERO, 0, List.of(), false, List.of()), "it is closed");
        isNoEvidence(
                new SeenStatements("", Duration.ofHours(23), 0, List.of(), false, List.of(COPES)),
                "has collected for less than a day");
        isNoEvidence(
                new SeenStatements("", Duration.ofDays(2), 7, List.of(), false, List.of(COPES)),
                "left statements out 7 times");
        isNoEvidence(
                new SeenStatements("", Duration.ofDays(2), 0, List.of("report"), false, List.of(COPES)),
                "statements of report cannot be read");
        isNoEvidence(
                new SeenStatements("", Duration.ofDays(2), 0, List.of(), true, List.of(COPES)),
                "more than 1,000 statements name the table");
    }

    @Test
    void each_column_wants_its_own() {
        SeenStatements both = seen(statement("SELECT coalesce(short, code) FROM legacy WHERE code IS NOT NULL"));
        List<String> columns = List.of("short", "code");
        Fill fill = FillDatabase.file("prod", COLUMN).backfill().fill();

        assertThat(NullsHandledCheck.verdict(fill, columns, both).severity()).isEqualTo(Severity.NOTE);
        assertThat(NullsHandledCheck.verdict(fill, columns, seen(COPES)).what())
                .contains("has no statement that reads code");
    }

    private static Stream<Integer> servers() {
        return PostgresServer.tested();
    }

    @ParameterizedTest
    @MethodSource("servers")
    void the_server_tells_what_others_asked_and_each_way_in_which_it_tells_nothing_is_said(int major) throws Exception {
        Map<String, String> settings = Map.of("shared_preload_libraries", "pg_stat_statements");
        try (PostgresServer server = PostgresServer.start(major, settings);
                FillDatabase db = FillDatabase.create(server)) {
            db.execute(
                    "CREATE TABLE legacy (id bigint PRIMARY KEY, full_name text, short text)",
                    "CREATE TABLE users (id bigint PRIMARY KEY, name text)",
                    "CREATE ROLE app LOGIN",
                    "CREATE ROLE stranger",
                    "GRANT SELECT ON legacy, users TO app, stranger");
            assertThat(what(db, COLUMN)).endsWith("the extension pg_stat_statements is not in this database");

            db.execute("CREATE SCHEMA \"Seen\"", "CREATE EXTENSION pg_stat_statements SCHEMA \"Seen\"");
            assertThat(what(db, COLUMN, "SET ROLE stranger"))
                    .contains("pg_stat_statements cannot be read: permission denied for schema Seen");
            db.execute("GRANT USAGE ON SCHEMA \"Seen\" TO stranger");

            db.execute("SELECT short FROM legacy");
            asApplication(db, "SELECT coalesce(short, 'a') FROM legacy", "SELECT coalesce(short, 'b') FROM legacy");
            assertThat(what(db, COLUMN))
                    .endsWith("pg_stat_statements has collected for less than a day; these cope:"
                            + " 'SELECT coalesce(short, $1) FROM legacy' (app, calls: 2)")
                    .doesNotContain("without a word");
            assertThat(what(db, USERS))
                    .contains(
                            "a row that public.users does not have yet: pg_stat_statements has no statement that reads");
            assertThat(what(db, COLUMN, "SET ROLE stranger"))
                    .containsPattern("statements of [a-z, ]*app[a-z, ]* cannot be read");

            asApplication(db, "SELECT * FROM legacy", "SELECT name FROM users");
            assertThat(what(db, COLUMN))
                    .contains("read short without a word for that case: 'SELECT * FROM legacy' (app, calls: 1)");
            assertThat(what(db, USERS)).contains("'SELECT name FROM users' (app, calls: 1)");

            db.execute("SELECT \"Seen\".pg_stat_statements_reset()");
            assertThat(what(db, COLUMN)).contains("has no statement that reads short");
        }
    }

    private static void asApplication(FillDatabase db, String... statements) throws SQLException {
        try (Connection connection = db.connect()) {
            Beside.execute(connection, "SET ROLE app");
            for (String sql : statements) {
                Beside.execute(connection, sql);
            }
        }
    }

    private static String what(FillDatabase db, String fill, String... settings) throws SQLException {
        try (Connection connection = db.connect()) {
            connection.setAutoCommit(false);
            for (String setting : settings) {
                Beside.execute(connection, setting);
            }
            FillSubject subject = new FillSubject(
                    connection,
                    db.backfill("prod", fill),
                    FillTables.read(connection, db.backfill("prod", fill).fill()));
            List<Finding> findings = new NullsHandledCheck().look(subject);
            assertThat(findings).extracting(Finding::severity).containsExactly(Severity.WARNING);
            return findings.get(0).what();
        }
    }

    @Test
    void dev_is_not_asked_nor_where_no_column_can_be_null() throws Exception {
        try (FillDatabase db = FillDatabase.create()) {
            db.execute(
                    "CREATE TABLE legacy (id bigint PRIMARY KEY, full_name text, short text NOT NULL DEFAULT '')",
                    "INSERT INTO legacy VALUES (1, 'Ada')");
            String right = COLUMN.replace(" } }", " }, already_right: \"short <> ''\" }");

            assertThat(asked(db, "prod", right)).isFalse();
            db.execute("ALTER TABLE legacy ALTER short DROP NOT NULL");
            assertThat(asked(db, "prod", right)).isTrue();
            assertThat(asked(db, "staging", right)).isTrue();
            assertThat(asked(db, "dev", right)).isFalse();
        }
    }

    private static boolean asked(FillDatabase db, String profile, String fill) throws SQLException {
        try (Connection connection = db.connect()) {
            return new FillPlanner(connection, db::connect)
                    .plan(db.backfill(profile, fill)).findings().stream()
                            .anyMatch(finding -> finding.check().equals("nulls-handled"));
        }
    }
}
