package dev.neap.testkit.fill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.neap.backfill.Approver;
import dev.neap.backfill.Proofs;
import dev.neap.control.Approvals;
import dev.neap.control.RetryCause;
import dev.neap.dialect.Dialect;
import dev.neap.dialect.Leftover;
import dev.neap.dialect.NeapException;
import dev.neap.plan.Plan;
import dev.neap.preflight.Finding;
import dev.neap.preflight.NullsHandled;
import dev.neap.rebuild.Point;
import dev.neap.run.Neap;
import dev.neap.run.Probe;
import dev.neap.run.RunEvent;
import dev.neap.run.RunListener;
import dev.neap.run.RunResult;
import dev.neap.run.Stop;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a fill does, on a quiet database: every dialect must pass. The SQL is what all engines understand. */
public abstract class FillContract {
    private static final String DATABASE = "fill_contract";

    protected abstract Dialect dialect();

    protected abstract FillEngine engine();

    @BeforeEach
    void aFreshDatabase() {
        engine().createDatabase(DATABASE);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "keep | older newer unknown source",
                "overwrite | source source source source",
                "newer(at) | source newer source source"
            })
    void conflict_rules_decide_what_becomes_of_what_is_there(String rule, String expected) throws Exception {
        execute(
                "CREATE TABLE s (id int PRIMARY KEY, v varchar(20), at int)",
                "CREATE TABLE t (id int PRIMARY KEY, v varchar(20), at int)",
                "INSERT INTO s VALUES (1, 'source', 10), (2, 'source', 10), (3, 'source', 10), (4, 'source', 10)",
                "INSERT INTO t VALUES (1, 'older', 5), (2, 'newer', 15), (3, 'unknown', NULL)");

        run("fill: { from: s, into: t, set: { id: id, v: v, at: at }, conflict: '" + rule + "' }");

        assertThat(rows("SELECT v FROM t ORDER BY id")).isEqualTo(expected);
    }

    @Test
    void a_column_is_filled_where_it_is_null_and_nowhere_else() throws Exception {
        execute(
                "CREATE TABLE t (id int PRIMARY KEY, name varchar(20) NOT NULL, upper_name varchar(20))",
                "INSERT INTO t VALUES (0, 'a', NULL), (-7, 'b', 'mine'), (1000000, 'c', NULL)");

        run("fill: { into: t, set: { upper_name: upper(name) } }");

        assertThat(rows("SELECT upper_name FROM t ORDER BY id")).isEqualTo("mine A C");
    }

    @Test
    void prod_runs_no_plan_that_nobody_has_approved() throws Exception {
        execute("CREATE TABLE t (id int PRIMARY KEY, c int)", "INSERT INTO t VALUES (1, NULL)");
        Neap neap = neap(at -> {});
        Plan plan = neap.plan(FillRuns.backfill(inProd("fill: { into: t, set: { c: id } }")));
        Proofs any = answered(plan);

        assertThat(neap.unproven(plan, any).approval()).isEqualTo("nobody has approved this plan");

        Approvals.Approval approval = neap.approve(plan, any, "Ada");
        assertThat(approval.by()).isEqualTo("Ada");
        assertThat(approval.answers()).isEqualTo(any.answers());
        assertThat(neap.unproven(plan, new Proofs(Approver.ANY, Map.of())).refuses())
                .isFalse();
        assertThat(neap.unproven(plan, new Proofs(Approver.OTHER, any.answers()))
                        .approval())
                .startsWith("only the role " + approval.role());
        Plan other = neap.plan(FillRuns.backfill(inProd("fill: { into: t, set: { c: id + 1 } }")));
        assertThat(neap.unproven(other, any).refuses()).isTrue();
    }

    @Test
    void a_plan_stays_approved_while_the_application_inserts() throws Exception {
        execute("CREATE TABLE t (id int PRIMARY KEY, c int)", "INSERT INTO t VALUES (1, NULL)");
        Neap neap = neap(at -> {});
        String file = inProd("fill: { into: t, set: { c: id } }");
        Plan shown = neap.plan(FillRuns.backfill(file));
        execute("INSERT INTO t VALUES (7, NULL)");
        Plan approved = neap.plan(FillRuns.backfill(file));
        assertThat(approved.hash()).isEqualTo(shown.hash());
        neap.approve(approved, answered(approved), "Ada");
        execute("INSERT INTO t VALUES (8, NULL)");

        Plan now = neap.plan(FillRuns.backfill(file));

        assertThat(neap.unproven(now, new Proofs(Approver.ANY, Map.of())).refuses())
                .isFalse();
    }

    @Test
    void a_run_that_was_begun_goes_on_with_the_approval_that_it_began_with() throws Exception {
        execute("CREATE TABLE t (id int PRIMARY KEY, c int)", "INSERT INTO t VALUES (1, NULL)");
        Neap neap = neap(at -> {});
        String file = inProd("fill: { into: t, set: { c: id } }");
        Plan begun = neap.plan(FillRuns.backfill(file));
        neap.approve(begun, answered(begun), "Ada");
        Stop stop = new Stop();
        stop.request("a test");
        neap.run(begun, RunListener.SILENT, stop);
        execute("ALTER TABLE t DROP COLUMN c", "ALTER TABLE t ADD COLUMN c bigint");

        Plan now = neap.plan(FillRuns.backfill(file));

        assertThat(now.hash()).isNotEqualTo(begun.hash());
        assertThat(neap.unproven(now, new Proofs(Approver.ANY, Map.of())).refuses())
                .isFalse();
    }

    @Test
    void what_speaks_for_readers_that_meet_null_is_asked_before_a_run_and_kept_with_it() throws Exception {
        execute("CREATE TABLE t (id int PRIMARY KEY, c int)", "INSERT INTO t VALUES (1, NULL)");
        Neap neap = neap(at -> {});
        Plan plan = neap.plan(FillRuns.backfill(inProd("fill: { into: t, set: { c: id } }")));
        Proofs none = new Proofs(Approver.ANY, Map.of());
        assertThat(neap.unproven(plan, none).unanswered())
                .extracting(Finding::check)
                .contains(NullsHandled.CHECK);

        neap.approve(plan, answered(plan), "Ada");
        Stop stop = new Stop();
        stop.request("a test");
        neap.run(plan, RunListener.SILENT, stop);

        assertThat(rows("SELECT message FROM neap.event WHERE kind = 'nulls-handled' ORDER BY id"))
                .startsWith("nobody has seen that readers cope with NULL in ")
                .contains(" answered by Ada (role ")
                .endsWith("): it is meant");
        execute("DELETE FROM neap.answer");
        assertThat(neap.unproven(plan, none).unanswered())
                .as("a run that was begun")
                .extracting(Finding::check)
                .doesNotContain(NullsHandled.CHECK);
    }

    @Test
    void expressions_see_the_row_as_it_was() throws Exception {
        execute("CREATE TABLE t (id int PRIMARY KEY, a int, b int, c int)", "INSERT INTO t VALUES (1, 5, NULL, NULL)");

        run("fill: { into: t, set: { b: a + 1, c: 'coalesce(b, -1)' } }");

        assertThat(rows("SELECT concat(b, '/', c) FROM t")).isEqualTo("6/-1");
    }

    @Test
    void a_composite_key_with_holes_is_walked_in_small_batches_without_leaving_out_a_row() throws Exception {
        execute(
                "CREATE TABLE s (a int, b varchar(10), n int, PRIMARY KEY (a, b))",
                "CREATE TABLE t (a int, b varchar(10), n int, PRIMARY KEY (a, b))");
        insert("s", 900, n -> "(" + n / 7 * 3 + ", 'k" + n % 7 + "', " + n + ")");

        run("batch_rows: 10\nfill: { from: s, into: t, set: { a: a, b: b, n: n } }");

        assertThat(rows("SELECT count(*) FROM s JOIN t ON t.a = s.a AND t.b = s.b AND t.n = s.n"))
                .isEqualTo("900");
    }

    @Test
    void only_a_part_of_the_key_is_walked_and_only_rows_that_are_meant() throws Exception {
        execute("CREATE TABLE t (id int PRIMARY KEY, c int)");
        insert("t", 3000, n -> "(" + n + ", NULL)");

        run("fill: { into: t, keys: { from: 1001, to: 2001 }, where: 'id <> 1500', set: { c: id } }");

        assertThat(rows("SELECT concat(count(*), ' ', min(c), ' ', max(c)) FROM t WHERE c IS NOT NULL"))
                .isEqualTo("999 1001 2000");
    }

    @Test
    void a_row_that_the_target_refuses_is_set_aside_with_its_cause_and_nothing_else_is_missing() throws Exception {
        execute(
                "CREATE TABLE s (id int PRIMARY KEY, v int)",
                "CREATE TABLE t (id int PRIMARY KEY, v int NOT NULL CHECK (v < 100000))");
        insert("s", 3000, n -> "(" + n + ", " + (n == 1234 ? 100_000 : n) + ")");

        RunResult result = run("fill: { from: s, into: t, set: { id: id, v: v } }");

        assertThat(result.outcome()).isEqualTo(RunResult.Outcome.DONE);
        assertThat(rows("SELECT count(*) FROM t WHERE v = id")).isEqualTo("2999");
        assertThat(rows("SELECT cause FROM neap.quarantine")).contains("t");
        assertThat(rows("SELECT " + keyColumn() + " FROM neap.quarantine")).contains("1234");
    }

    @Test
    void too_many_rows_that_cannot_be_written_stop_the_run() throws Exception {
        execute(
                "CREATE TABLE s (id int PRIMARY KEY, v int)",
                "CREATE TABLE t (id int PRIMARY KEY, v int CHECK (v < 100000))");
        insert("s", 2000, n -> "(" + n + ", " + (n % 100 == 0 ? 100_000 : n) + ")");

        assertThatThrownBy(() -> run("fill: { from: s, into: t, set: { id: id, v: v } }"))
                .isInstanceOf(NeapException.class)
                .hasMessageContaining("neap.quarantine");
        assertThat(rows("SELECT count(*) FROM neap.quarantine")).isEqualTo("11");
    }

    @Test
    void what_is_tried_again_is_counted_by_its_cause() throws Exception {
        execute("CREATE TABLE t (id int PRIMARY KEY, v int, w int)");
        insert("t", 50, n -> "(" + n + ", " + n + ", NULL)");
        List<RetryCause> retries = new ArrayList<>();
        try (Connection application = engine().connect(DATABASE);
                Statement locks = application.createStatement()) {
            application.setAutoCommit(false);
            locks.execute("UPDATE t SET v = v WHERE id = 7");

            RunResult result = new FillRuns(dialect())
                    .run(neap(Probe.NONE), yaml("fill: { into: t, set: { w: v * 2 } }"), 1, event -> {
                        if (event instanceof RunEvent.Retried retried) {
                            retries.add(retried.cause());
                            endSecond(application, retries.size());
                        }
                    });

            assertThat(result.outcome()).isEqualTo(RunResult.Outcome.DONE);
            assertThat(result.retried()).isEqualTo(retries.size());
        }
        assertThat(rows("SELECT count(*) FROM t WHERE w = v * 2")).isEqualTo("50");
        assertThat(retries).hasSizeGreaterThanOrEqualTo(2).containsOnly(RetryCause.LOCK);
        assertThat(neap(Probe.NONE).status("contract", 0).orElseThrow().retries())
                .containsExactly(Map.entry("lock", (long) retries.size()));
    }

    private static void endSecond(Connection application, int retries) {
        try {
            if (retries == 2) {
                application.rollback();
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void several_segments_are_walked_at_once() throws Exception {
        execute("CREATE TABLE s (id int PRIMARY KEY, n int)", "CREATE TABLE t (id int PRIMARY KEY, n int)");
        insert("s", 160_000, n -> "(" + (n < 100_000 ? n : n * 100) + ", " + n + ")");
        for (String sql : engine().words().analyze(List.of("s"))) {
            execute(sql);
        }

        FillRuns runs = new FillRuns(dialect());
        RunResult result =
                runs.run(neap(at -> {}), yaml("fill: { from: s, into: t, set: { id: id, n: n } }"), 3, event -> {});

        assertThat(result.done()).isBetween(2, 5);
        assertThat(rows("SELECT count(*) FROM s JOIN t ON t.id = s.id AND t.n = s.n"))
                .isEqualTo("160000");
    }

    @Test
    void what_a_dead_run_left_is_cleaned_up() throws Exception {
        execute("CREATE TABLE s (id int PRIMARY KEY, v int)", "CREATE TABLE t (id int PRIMARY KEY, v int)");
        insert("s", 100, n -> "(" + n + ", " + n + ")");
        String fill = "fill: { from: s, into: t, set: { id: id, v: v } }";
        Neap neap = neap(at -> {
            if (at == Point.AFTER_FILL_BATCH) {
                throw new IllegalStateException("dies");
            }
        });
        assertThatThrownBy(() -> neap.run(neap.plan(FillRuns.backfill(yaml(fill))), RunListener.SILENT, new Stop()))
                .hasMessageContaining("dies");
        assertThat(neap.leftovers()).isNotEmpty().noneMatch(Leftover::due);

        neap.abandon("contract");
        neap.cleanup();

        assertThat(neap.leftovers()).isEmpty();
        execute("UPDATE s SET v = v + 1");
        neap.uninstall(false);
        assertThat(neap.statuses()).isEmpty();
    }

    @Test
    void a_key_that_changes_as_capture_ends_keeps_what_the_application_alone_wrote_in_its_row() throws Exception {
        execute(
                "CREATE TABLE s (id int PRIMARY KEY, v varchar(20))",
                "CREATE TABLE t (id int PRIMARY KEY, v varchar(20), remark varchar(20))");
        insert("s", 10, n -> "(" + n + ", 'one')");
        List<CompletableFuture<Void>> second = new ArrayList<>();
        Probe probe = at -> {
            if (at == Point.BEFORE_CAPTURE_ENDS && second.isEmpty()) {
                execute("UPDATE t SET remark = 'seen' WHERE id = 7", "UPDATE s SET id = 70, v = 'two' WHERE id = 7");
                second.add(CompletableFuture.runAsync(
                        () -> execute("UPDATE t SET id = 70, v = 'two' WHERE id = 7"),
                        CompletableFuture.delayedExecutor(
                                FillHistory.LEAST_GRACE.toMillis() / 2, TimeUnit.MILLISECONDS)));
            }
        };
        run("fill: { from: s, into: t, set: { id: id, v: v } }", probe);
        second.get(0).get(1, TimeUnit.MINUTES);

        assertThat(rows("SELECT concat(id, ' ', v, ' ', remark) FROM t WHERE id IN (7, 70)"))
                .isEqualTo("70 two seen");
    }

    @Test
    void capture_outlives_the_last_row_by_two_second_writes_though_its_commit_was_held_up() throws Exception {
        execute(
                "CREATE TABLE s (id int PRIMARY KEY, v varchar(20))",
                "CREATE TABLE t (id int PRIMARY KEY, v varchar(20))",
                "INSERT INTO s VALUES (1, 'one')");
        long[] seen = new long[2];
        Probe probe = at -> {
            if (at == Point.BEFORE_LOOK) {
                execute("INSERT INTO s VALUES (2, 'two')");
            } else if (at == Point.BEFORE_RECONCILE_COMMIT && seen[0] == 0) {
                CompletableFuture.runAsync(
                                () -> {},
                                CompletableFuture.delayedExecutor(
                                        FillHistory.LEAST_GRACE.toMillis() * 3, TimeUnit.MILLISECONDS))
                        .join();
                seen[0] = System.nanoTime();
            } else if (at == Point.AFTER_CAPTURE_ENDS) {
                seen[1] = System.nanoTime();
            }
        };

        run("fill: { from: s, into: t, set: { id: id, v: v } }", probe);

        assertThat(rows("SELECT v FROM t ORDER BY id")).isEqualTo("one two");
        assertThat(seen[0]).as("the row was reconciled").isNotZero();
        assertThat(Duration.ofNanos(seen[1] - seen[0])).isGreaterThanOrEqualTo(FillHistory.LEAST_GRACE.multipliedBy(2));
    }

    @Test
    void a_key_that_changes_to_one_behind_the_plans_last_before_capture_begins_is_not_lost() throws Exception {
        execute(
                "CREATE TABLE s (id int PRIMARY KEY, v varchar(20))",
                "CREATE TABLE t (id int PRIMARY KEY, v varchar(20))");
        insert("s", 100, n -> "(" + n + ", 'one')");

        run("fill: { from: s, into: t, set: { id: id, v: v } }", at -> {
            if (at == Point.BEFORE_CAPTURE) {
                execute("UPDATE s SET id = 70000 WHERE id = 7", "UPDATE t SET id = 70000 WHERE id = 7");
            }
        });

        assertThat(rows("SELECT concat(max(id), ' of ', count(*)) FROM t")).isEqualTo("70000 of 100");
        assertThat(rows("SELECT partition_name FROM neap.unit ORDER BY position"))
                .isEqualTo("s#1 s#2");
    }

    /** An application that began to write the column after the plan was made, and one that changes keys meanwhile. */
    @ParameterizedTest
    @CsvSource({"BEFORE_CAPTURE, t#1 t#2", "AFTER_CAPTURE, t#1", "BEFORE_LOOK, t#1"})
    void a_row_of_one_table_that_is_behind_the_plans_last_key_is_filled(Point when, String units) throws Exception {
        execute("CREATE TABLE t (id int PRIMARY KEY, v int, c int)");
        insert("t", 100, n -> "(" + n + ", " + n + ", NULL)");

        run("fill: { into: t, set: { c: v } }", at -> {
            if (at == when) {
                execute("UPDATE t SET id = 70000, c = NULL WHERE id = 7");
            }
        });

        assertThat(rows("SELECT concat(count(*), ' ', sum(c)) FROM t WHERE c IS NOT NULL"))
                .isEqualTo("100 5050");
        assertThat(rows("SELECT partition_name FROM neap.unit ORDER BY position"))
                .isEqualTo(units);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "CREATE TABLE t (id int, c int) | has no primary key",
                "CREATE TABLE t (id int, c int, UNIQUE (id)) | has no primary key",
                "CREATE TABLE t (k int PRIMARY KEY, id int, c int, UNIQUE (id)) | may be null"
            })
    void a_table_without_a_key_that_every_row_has_is_refused(String ddl, String why) {
        execute(ddl);
        String key = why.contains("null") ? "key: [id], " : "";

        assertThatThrownBy(() -> run("fill: { into: t, " + key + "set: { c: id } }"))
                .isInstanceOf(NeapException.class)
                .hasMessageContaining(why);
    }

    /** The column of `neap.quarantine` that has the key, as this engine quotes it. */
    protected abstract String keyColumn();

    private Neap neap(Probe probe) {
        return new FillRuns(dialect()).neap(engine().target(DATABASE), probe);
    }

    /** An answer to each finding, by anybody. */
    private static Proofs answered(Plan plan) {
        return new Proofs(
                Approver.ANY,
                plan.findings().stream()
                        .collect(Collectors.toMap(Finding::check, finding -> "it is meant", (a, b) -> a)));
    }

    private String inProd(String fill) {
        return yaml(fill).replace("profile: dev", "profile: prod");
    }

    private String yaml(String fill) {
        return "backfill: contract\nprofile: dev\nconnection: " + engine().url(DATABASE) + "\n" + fill + "\n";
    }

    private RunResult run(String fill) throws Exception {
        return run(fill, at -> {});
    }

    private RunResult run(String fill, Probe probe) throws Exception {
        return new FillRuns(dialect()).run(neap(probe), yaml(fill), 1, event -> {});
    }

    private void execute(String... statements) {
        try (Connection connection = engine().connect(DATABASE);
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e.getMessage(), e);
        }
    }

    /** Inserts rows that are numbered from 1. */
    private void insert(String table, int rows, java.util.function.IntFunction<String> row) {
        for (int from = 1; from <= rows; from += 10_000) {
            execute(IntStream.rangeClosed(from, Math.min(rows, from + 9_999))
                    .mapToObj(row)
                    .collect(Collectors.joining(", ", "INSERT INTO " + table + " VALUES ", "")));
        }
    }

    /** The first column of every row, with blanks between. */
    private String rows(String query) throws SQLException {
        try (Connection connection = engine().connect(DATABASE);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            StringBuilder all = new StringBuilder();
            while (row.next()) {
                all.append(all.isEmpty() ? "" : " ").append(row.getString(1));
            }
            return all.toString();
        }
    }
}
