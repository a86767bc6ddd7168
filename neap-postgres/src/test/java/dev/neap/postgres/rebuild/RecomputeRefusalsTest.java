package dev.neap.postgres.rebuild;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neap.plan.Plan;
import dev.neap.preflight.Finding;
import dev.neap.testkit.PostgresServer;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A recompute over other tables that cannot be run is refused by the plan, in one message. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RecomputeRefusalsTest {
    private Revenue revenue;

    @BeforeAll
    void tables() {
        revenue = new Revenue(PostgresServer.newest(), "recompute_refusals");
        revenue.execute(
                "CREATE VIEW seen AS SELECT * FROM raw_events",
                "CREATE FUNCTION dice() RETURNS int LANGUAGE sql VOLATILE AS 'SELECT 4'",
                "CREATE TABLE spare (id int)");
    }

    private Plan plan(String sql, String reads) {
        Revenue asked = revenue;
        asked.sql = sql;
        asked.reads = Arrays.asList(reads.split(" "));
        return asked.plan();
    }

    private static List<String> said(Plan plan, Finding.Severity severity) {
        return plan.findings().stream()
                .filter(f -> f.severity() == severity)
                .map(f -> f.check() + ": " + f.what() + " (" + f.fix() + ")")
                .toList();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "SELECT id, day, user_id FROM raw_events | raw_events | recompute-columns: rebuild.recompute does not yield revenue of public.events",
                "SELECT id, day, user_id, 1 AS revenue, 2 AS revenu FROM raw_events | raw_events | recompute-columns: rebuild.recompute yields revenu, which is no column of public.events (did you mean revenue?)",
                "SELECT id, day, user_id, 1 AS revenue, id FROM raw_events | raw_events | recompute-columns: rebuild.recompute yields id twice",
                "SELECT id, day, user_id, currency AS revenue FROM raw_events | raw_events | recompute-types: rebuild.recompute does not fit public.events: column \"revenue\" is of type numeric but expression is of type text",
                "SELECT id, day, user_id, amout AS revenue FROM raw_events | raw_events | recompute-compiles: rebuild.recompute does not compile: column \"amout\" does not exist",
                "SELECT id, day, user_id, amount AS revenue FROM raw_events OFFSET 3 | raw_events | recompute-cut: rebuild.recompute has OFFSET",
                "SELECT id, day, user_id, amount AS revenue FROM (SELECT * FROM raw_events offset 0) AS x | raw_events | recompute-cut: rebuild.recompute has OFFSET",
                "SELECT id, day, user_id, amount AS revenue FROM raw_events LIMIT 3 | raw_events | recompute-cut: rebuild.recompute has LIMIT",
                "SELECT id, day, user_id, amount AS revenue FROM raw_events FETCH FIRST ROW ONLY | raw_events | recompute-cut: rebuild.recompute has FETCH",
                "SELECT id, day, user_id, amount AS revenue FROM raw_events FOR UPDATE | raw_events | recompute-compiles: rebuild.recompute does not compile: cannot execute SELECT FOR UPDATE in a read-only transaction",
                "SELECT id, day, user_id, random() AS revenue FROM raw_events | raw_events | volatile-expression: rebuild.recompute calls random(), which is volatile",
                "SELECT id, day, user_id, dice() AS revenue FROM raw_events | raw_events | volatile-expression: rebuild.recompute calls dice(), which is volatile",
                "SELECT id, day, user_id, 1 AS revenue FROM raw_events WHERE day < current_date | raw_events | clock-expression: rebuild.recompute reads the clock: current_date",
                "SELECT r.id, day, user_id, rate AS revenue FROM raw_events r JOIN fx USING (currency, day) | raw_events | recompute-reads: rebuild.recompute reads fx, which rebuild.reads does not name",
                "SELECT id, day, user_id, amount AS revenue FROM seen | fx | recompute-reads: rebuild.recompute reads raw_2025, which rebuild.reads does not name",
                "SELECT id, day, user_id, amount AS revenue FROM seen | seen | recompute-reads: rebuild.reads: public.seen is no table, but a view (name the tables that the view reads)",
                "SELECT id, day, user_id, amount AS revenue FROM raw_events | raw_event | recompute-reads: rebuild.reads: there is no table public.raw_event (did you mean public.raw_events?)",
                "SELECT id, day, user_id, revenue FROM events | fx | recompute-self: rebuild.recompute reads public.events, which it rebuilds",
                "SELECT id, day, user_id, 1 AS revenue FROM raw_events; DROP TABLE fx | raw_events | recompute-text: rebuild.recompute is not one SELECT: it holds a ';' outside quotes",
                "SELECT id, day, user_id, 1 AS revenue FROM raw_events) AS x; -- | raw_events | recompute-text: rebuild.recompute is not one SELECT: it closes a parenthesis that it did not open",
                "DELETE FROM fx RETURNING * | fx | recompute-compiles: rebuild.recompute does not compile: syntax error",
                "WITH gone AS (DELETE FROM fx RETURNING *) SELECT 1 AS id FROM gone | fx | recompute-compiles: rebuild.recompute does not compile: WITH clause containing a data-modifying statement must be at the top level",
            })
    void what_cannot_be_run_is_refused(String sql, String reads, String says) {
        Plan plan = plan(sql, reads);

        assertThat(plan.refused()).isTrue();
        assertThat(said(plan, Finding.Severity.ERROR))
                .anySatisfy(error -> assertThat(error).startsWith(says));
        assertThat(revenue.number("SELECT count(*) FROM fx")).isEqualTo(4);
    }

    @Test
    void words_in_quotes_and_comments_and_limits_inside_parentheses_are_no_matter() {
        Plan plan = plan("""
                SELECT id, day, user_id, /* OFFSET :lower */ amount + length('LIMIT :upper; random()') AS "revenue" -- now()
                FROM raw_events AS r, LATERAL (SELECT rate FROM fx WHERE fx.day <= r.day ORDER BY fx.day DESC LIMIT 1) AS f
                WHERE day >= :lower::date AND day < :upper
                """, "raw_events fx");

        assertThat(said(plan, Finding.Severity.ERROR)).isEmpty();
        assertThat(plan.steps().toString())
                .contains("day >= CAST('2026-01-02' AS date)::date AND day < CAST('2026-01-03' AS date)")
                .contains("/* OFFSET :lower */")
                .contains("'LIMIT :upper; random()'");
    }

    @Test
    void a_table_that_is_named_and_not_read_is_a_warning() {
        assertThat(said(plan(Revenue.JOIN, "raw_events fx spare"), Finding.Severity.WARNING))
                .anySatisfy(warning ->
                        assertThat(warning).startsWith("recompute-reads: rebuild.reads names \"public\".\"spare\""));
    }

    @Test
    void a_plan_says_what_is_locked_and_that_a_partition_is_loaded_at_once() {
        Plan plan = plan(Revenue.JOIN, "raw_events fx");

        assertThat(said(plan, Finding.Severity.NOTE))
                .anySatisfy(note -> assertThat(note).contains("not paced inside a partition"));
        assertThat(plan.locks().toString())
                .contains("table=public.fx, mode=SHARE, when=SWAP")
                .contains("table=public.raw_events, mode=SHARE ROW EXCLUSIVE, when=BEFORE");
    }

    @Test
    void a_bound_that_has_no_value_of_the_keys_type_is_refused() {
        Revenue open = new Revenue(PostgresServer.newest(), "recompute_open");
        open.execute(
                "CREATE TABLE events_first PARTITION OF events FOR VALUES FROM (MINVALUE) TO ('2026-01-01')",
                "CREATE TABLE events_rest PARTITION OF events DEFAULT");

        assertThat(said(open.plan(), Finding.Severity.ERROR))
                .singleElement()
                .asString()
                .startsWith(
                        "recompute-bound: public.events_rest: the recompute uses :lower, but the bound DEFAULT has no");

        open.execute("DROP TABLE events_rest");
        assertThat(said(open.plan(), Finding.Severity.ERROR)).isEmpty();
        assertThat(open.run().outcome()).isEqualTo(dev.neap.run.RunResult.Outcome.DONE);
    }
}
