package dev.neap.testkit.fill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.neap.dialect.Leftover;
import dev.neap.dialect.NeapException;
import dev.neap.plan.RunSessions;
import dev.neap.rebuild.Point;
import dev.neap.run.Neap;
import dev.neap.run.RunEvent;
import dev.neap.run.RunListener;
import dev.neap.run.RunResult;
import dev.neap.run.Stop;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a fill does, on a quiet database: every dialect must pass. The SQL is what all engines understand. */
public abstract class FillContract extends ContractDatabase {
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
    void a_query_of_ones_own_makes_it_wait_and_it_goes_on_by_itself_and_nonsense_is_no_value() throws Exception {
        execute(
                "CREATE TABLE t (id int PRIMARY KEY, c int)",
                "INSERT INTO t VALUES (1, NULL)",
                "CREATE TABLE queue (n int)",
                "INSERT INTO queue VALUES (1), (2), (3)");
        String fill = "fill: { into: t, set: { c: id } }\n"
                + "throttle: { signals: { name: queue, sql: \"SELECT count(*) FROM queue\", limit: 3, every: 500ms } }";
        List<String> waited = new ArrayList<>();

        new FillRuns(dialect()).run(neap(at -> {}), yaml(fill), 1, event -> {
            if (event instanceof RunEvent.SpeedChanged changed
                    && changed.decision().why().startsWith("queue is 3")) {
                waited.add(changed.decision().signal());
                execute("INSERT INTO t SELECT 2, count(*) FROM t WHERE c IS NOT NULL", "DELETE FROM queue");
            }
        });

        assertThat(waited).containsExactly("queue");
        assertThat(rows("SELECT c FROM t ORDER BY id"))
                .as("nothing was written meanwhile")
                .isEqualTo("1 0");
        assertThat(said(fill.replace("SELECT count(*) FROM queue", "SELECT 'many'")))
                .isEqualTo("no value: its query yields 'many', which is no number");
        assertThat(said(fill.replace("SELECT count(*) FROM queue", "DELETE FROM t")))
                .startsWith("no value: ");
        assertThat(rows("SELECT count(*) FROM t")).isEqualTo("2");
    }

    /** What the only signal says now. */
    private String said(String fill) throws Exception {
        return neap(at -> {})
                .signals(FillRuns.backfill(yaml(fill)))
                .signals()
                .get(0)
                .now();
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

        List<RunEvent> events = new CopyOnWriteArrayList<>();
        sessionsAreAsPlanned(1, "batch_rows: 10\nfill: { from: s, into: t, set: { a: a, b: b, n: n } }", events::add);

        assertThat(rows("SELECT count(*) FROM s JOIN t ON t.a = s.a AND t.b = s.b AND t.n = s.n"))
                .isEqualTo("900");
        assertThat(afterWaitsForNobody(events)).isNotEmpty().noneMatch(RunEvent.Retried.class::isInstance);
    }

    /** What followed each wait for nothing but time. */
    private static List<RunEvent> afterWaitsForNobody(List<RunEvent> events) {
        return IntStream.range(1, events.size())
                .filter(i -> events.get(i - 1) instanceof RunEvent.Waiting waiting
                        && waiting.why().contains("rows were put in just now"))
                .mapToObj(events::get)
                .toList();
    }

    /** Those that a plan counts for an instant only, to cancel a statement or to record a change of speed, are not wanted here. */
    private RunResult sessionsAreAsPlanned(int workers, String fill, RunListener listener) throws Exception {
        String file = yaml(fill);
        try (Connection watching = connect()) {
            SessionCount sessions = new SessionCount(watching, engine().words());

            RunResult result = new FillRuns(dialect()).run(neap(sessions), file, workers, listener);

            int planned = RunSessions.of(FillRuns.backfill(file)).most(workers) - 1;
            assertThat(sessions.most()).isBetween(planned - 2, planned);
            return result;
        }
    }

    @Test
    void a_key_of_uuids_of_two_versions_is_walked_without_leaving_out_a_row_or_refused() throws Throwable {
        execute("CREATE TABLE t (id uuid PRIMARY KEY, n int, c int)");
        SplittableRandom random = new SplittableRandom(31926);
        insert("t", 900, n -> "('" + uuid(random, n % 2 == 0 ? 4 : 7) + "', " + n + ", NULL)");
        ThrowingCallable fill = () -> run("batch_rows: 10\nfill: { into: t, set: { c: n } }");

        if (comparesUuidsAsItSortsThem()) {
            fill.call();
            assertThat(rows("SELECT count(*) FROM t WHERE c = n")).isEqualTo("900");
        } else {
            assertThatThrownBy(fill).hasMessageContaining("MDEV-31926");
            assertThat(rows("SELECT count(*) FROM t WHERE c IS NOT NULL")).isEqualTo("0");
        }
    }

    private static UUID uuid(SplittableRandom random, int version) {
        return new UUID(
                (random.nextLong() & ~0xf000L) | ((long) version << 12),
                (random.nextLong() & ~(0b11L << 62)) | (0b10L << 62));
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
    void several_segments_are_walked_at_once() throws Exception {
        execute("CREATE TABLE s (id int PRIMARY KEY, n int)", "CREATE TABLE t (id int PRIMARY KEY, n int)");
        insert("s", 160_000, n -> "(" + (n < 100_000 ? n : n * 100) + ", " + n + ")");
        for (String sql : engine().words().analyze(List.of("s"))) {
            execute(sql);
        }

        RunResult result = sessionsAreAsPlanned(3, "fill: { from: s, into: t, set: { id: id, n: n } }", event -> {});

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

    /** False on a server whose comparisons of `uuid` leave out rows of a range. */
    protected boolean comparesUuidsAsItSortsThem() {
        return true;
    }
}
