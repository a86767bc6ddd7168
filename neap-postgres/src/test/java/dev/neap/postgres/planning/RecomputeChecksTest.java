package dev.neap.postgres.planning;

import static dev.neap.postgres.planning.Planning.declared;
import static dev.neap.postgres.planning.Planning.named;
import static org.assertj.core.api.Assertions.assertThat;

import dev.neap.plan.Plan;
import dev.neap.preflight.Finding;
import dev.neap.preflight.Finding.Severity;
import dev.neap.testkit.PostgresServer;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class RecomputeChecksTest {
    private static Planning newest;
    private static Planning oldest;

    @BeforeAll
    static void databases() {
        newest = new Planning(PostgresServer.newest(), "recompute").withEvents();
        oldest = new Planning(PostgresServer.oldest(), "recompute").withEvents();
    }

    static List<Planning> servers() {
        return List.of(newest, oldest);
    }

    @ParameterizedTest
    @MethodSource("servers")
    void wants_a_predicate_where_twice_differs_from_once(Planning server) throws SQLException {
        Plan plan = server.plan(declared("events").set("amount", "amount * 1.1").backfill());

        Finding finding = only(plan, "already-right");
        assertThat(finding.severity()).isEqualTo(Severity.ERROR);
        assertThat(finding.fix()).contains("add rebuild.already_right");
        assertThat(plan.refused()).isTrue();
    }

    @ParameterizedTest
    @MethodSource("servers")
    void accepts_a_predicate_that_recognises_recomputed_rows(Planning server) throws SQLException {
        Plan plan = server.plan(declared("events")
                .set("amount", "amount * 1.1")
                .set("version", "2")
                .alreadyRight("version >= 2")
                .backfill());

        assertThat(plan.refused()).as(plan.findings().toString()).isFalse();
        assertThat(only(plan, "recompute-sample").what())
                .isEqualTo("of 1,000 sampled rows the recompute changes 1,000");
    }

    @Test
    void refuses_a_predicate_that_does_not_recognise_recomputed_rows() throws SQLException {
        Plan plan = newest.plan(declared("events")
                .set("amount", "amount + 1")
                .alreadyRight("at > '2024-12-20'")
                .backfill());

        assertThat(only(plan, "already-right").severity()).isEqualTo(Severity.ERROR);
    }

    @Test
    void only_warns_of_such_a_predicate_when_nobody_writes_meanwhile() throws SQLException {
        Plan plan = newest.plan(declared("events")
                .set("amount", "amount + 1")
                .alreadyRight("at > '2024-12-20'")
                .noWrites()
                .backfill());

        assertThat(only(plan, "already-right").severity()).isEqualTo(Severity.WARNING);
        assertThat(plan.refused()).isFalse();
    }

    @Test
    void a_predicate_that_yields_null_makes_no_row_right() throws SQLException {
        Plan plan = newest.plan(declared("events")
                .set("label", "upper(label)")
                .alreadyRight("nullif(version, 1) = 2")
                .backfill());

        assertThat(only(plan, "recompute-sample").what()).endsWith("changes 1,000");
    }

    @Test
    void generated_columns_follow_when_the_recompute_is_tried_twice() throws SQLException {
        Plan plan = newest.plan(declared("events")
                .set("amount", "doubled")
                .alreadyRight("doubled > 1000")
                .backfill());

        assertThat(only(plan, "already-right").what()).contains("recomputing twice differs");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "amount  ; amont * 2                ; column \"amont\" does not exist",
                "amount  ; 'many'                   ; invalid input syntax for type numeric",
                "version ; label || ''              ; column \"version\" is of type integer but expression is of type text",
                "amount  ; sum(amount)              ; aggregate",
                "amount  ; generate_series(1, 2)    ; set-returning functions are not allowed",
                "amount  ; amount *                 ; syntax error at or near",
                "amount  ; amount, version          ; expression is of type record",
            })
    void says_what_does_not_compile(String column, String sql, String message) throws SQLException {
        Plan plan = newest.plan(declared("events").set(column, sql).backfill());

        Finding finding = only(plan, "set-compiles");
        assertThat(finding.what()).startsWith("rebuild.set." + column).contains(message);
        assertThat(finding.fix()).isNotEmpty();
    }

    @Test
    void says_that_a_predicate_does_not_compile() throws SQLException {
        Plan plan = newest.plan(declared("events").alreadyRight("version").backfill());

        assertThat(only(plan, "set-compiles").what()).startsWith("rebuild.already_right: \"version\" does not compile");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "doubled | 1                | a generated column",
                "at      | at               | part of the partition key",
                "id      | id               | part of the row's key"
            })
    void refuses_columns_that_this_version_does_not_set(String column, String sql, String what) throws SQLException {
        Plan plan = newest.plan(declared("events").set(column, sql).backfill());

        assertThat(only(plan, "set-column").what()).contains(what);
    }

    @Test
    void says_when_rows_would_break_the_load() throws SQLException {
        Plan nulls = newest.plan(
                declared("events").set("amount", "nullif(amount, 3)").backfill());
        Plan tooLong =
                newest.plan(declared("events").set("label", "repeat(label, 3)").backfill());
        Plan division =
                newest.plan(declared("events").set("amount", "1 / (amount - 3)").backfill());

        assertThat(only(nulls, "recompute-null").severity()).isEqualTo(Severity.ERROR);
        assertThat(only(tooLong, "recompute-fails").what()).contains("value too long for type character varying(10)");
        assertThat(only(division, "recompute-fails").what()).contains("division by zero");
        assertThat(Planning.named(division, "cutover"))
                .as("of no row it is known whether it changes")
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "amount | random()                                | volatile-expression | ERROR",
                "label  | clock_timestamp()::date::text           | volatile-expression | ERROR",
                "label  | now()::date::text                       | clock-expression    | WARNING",
                "label  | current_date::text                      | clock-expression    | WARNING",
                "label  | (SELECT max(word) FROM words)           | other-tables        | WARNING",
            })
    void says_what_does_not_depend_on_the_row_alone(String column, String sql, String check, Severity severity)
            throws SQLException {
        newest.execute("CREATE TABLE IF NOT EXISTS words (word text)");

        Plan plan = newest.plan(declared("events").set(column, sql).backfill());

        assertThat(only(plan, check).severity()).isEqualTo(severity);
    }

    @Test
    void a_subquery_of_its_own_makes_no_expression_volatile() throws SQLException {
        newest.execute("CREATE TABLE IF NOT EXISTS words (word text)");

        Plan plan = newest.plan(declared("events")
                .set(
                        "label",
                        "(SELECT f.word FROM (SELECT word, row_number() OVER (ORDER BY word) n FROM words) f WHERE f.n = 1)")
                .backfill());

        assertThat(named(plan, "volatile-expression")).isEmpty();
        assertThat(named(plan, "other-tables")).hasSize(1);
    }

    @Test
    void an_array_of_texts_that_have_a_longest_length_is_compared_as_one() throws SQLException {
        newest.execute(
                "CREATE TABLE tagged (id int PRIMARY KEY, tags varchar(3)[]) PARTITION BY RANGE (id)",
                "CREATE TABLE tagged_1 PARTITION OF tagged FOR VALUES FROM (0) TO (100)",
                "INSERT INTO tagged SELECT n, '{abc,x,de}' FROM generate_series(1, 50) n",
                "ANALYZE tagged");

        Plan plan = newest.plan(
                declared("tagged").set("tags", "array_remove(tags, 'x')").backfill());

        assertThat(plan.findings())
                .as("%s", plan.findings())
                .noneMatch(finding -> finding.severity() == Severity.ERROR);
    }

    @Test
    void a_plan_cannot_write() throws SQLException {
        newest.execute("CREATE TABLE IF NOT EXISTS written (n int)", """
                CREATE OR REPLACE FUNCTION writes(n numeric) RETURNS numeric LANGUAGE plpgsql STABLE AS
                $$ BEGIN EXECUTE 'INSERT INTO written VALUES (1)'; RETURN n; END $$
                """, "CREATE SEQUENCE IF NOT EXISTS counter");

        Plan inserting =
                newest.plan(declared("events").set("amount", "writes(amount)").backfill());
        Plan counting = newest.plan(declared("events")
                .set("amount", "writes(amount) + nextval('counter')")
                .backfill());

        assertThat(only(inserting, "recompute-fails").what()).containsAnyOf("read-only", "non-volatile");
        assertThat(only(counting, "volatile-expression").severity()).isEqualTo(Severity.ERROR);
    }

    private static Finding only(Plan plan, String check) {
        List<Finding> findings = named(plan, check);
        assertThat(findings).as("%s in %s", check, plan.findings()).hasSize(1);
        return findings.get(0);
    }
}
