package dev.neap.testkit.fill;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neap.control.RetryCause;
import dev.neap.rebuild.Point;
import dev.neap.run.Probe;
import dev.neap.run.RunEvent;
import dev.neap.run.RunResult;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a fill does beside an application, at moments that are brought about: every dialect must pass. */
public abstract class FillBesideContract extends ContractDatabase {
    @Test
    void what_is_tried_again_is_counted_by_its_cause() throws Exception {
        execute("CREATE TABLE t (id int PRIMARY KEY, v int, w int)");
        insert("t", 50, n -> "(" + n + ", " + n + ", NULL)");
        List<RetryCause> retries = new ArrayList<>();
        try (Connection application = connect();
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
    void a_key_that_changes_as_capture_ends_keeps_what_the_application_alone_wrote_in_its_row() throws Exception {
        TwoWrites.inTime(writes -> {
            aFreshDatabase();
            execute(
                    "CREATE TABLE s (id int PRIMARY KEY, v varchar(20))",
                    "CREATE TABLE t (id int PRIMARY KEY, v varchar(20), remark varchar(20))");
            insert("s", 10, n -> "(" + n + ", 'one')");
            List<CompletableFuture<Void>> second = new ArrayList<>();
            Probe probe = at -> {
                if (at == Point.BEFORE_CAPTURE_ENDS && second.isEmpty()) {
                    execute("UPDATE t SET remark = 'seen' WHERE id = 7");
                    second.add(writes.apart(
                            () -> execute("UPDATE s SET id = 70, v = 'two' WHERE id = 7"),
                            FillHistory.LEAST_GRACE.dividedBy(2),
                            () -> execute("UPDATE t SET id = 70, v = 'two' WHERE id = 7")));
                }
            };
            run("fill: { from: s, into: t, set: { id: id, v: v } }", probe);
            second.get(0).get(1, TimeUnit.MINUTES);

            assertThat(rows("SELECT concat(id, ' ', v, ' ', remark) FROM t WHERE id IN (7, 70)"))
                    .isEqualTo("70 two seen");
        });
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
}
