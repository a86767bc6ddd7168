package dev.neap.postgres.preview;

import static dev.neap.postgres.preview.Previewed.column;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.neap.dialect.NeapException;
import dev.neap.plan.Plan;
import dev.neap.preview.ColumnChange;
import dev.neap.preview.NumberChange;
import dev.neap.preview.Preview;
import dev.neap.preview.Preview.ChangedValue;
import dev.neap.preview.Preview.KeyValue;
import dev.neap.preview.Preview.Kind;
import dev.neap.preview.Preview.SampleRow;
import dev.neap.preview.PreviewRequest;
import dev.neap.preview.Share;
import dev.neap.run.RunResult;
import dev.neap.testkit.PostgresServer;
import dev.neap.testkit.Seeds;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PreviewTest {
    private static final String PARTITION = "CREATE TABLE t_1 PARTITION OF t FOR VALUES FROM (0) TO (1)";

    /** Every type that compares in a way of its own, filled at random, nulls everywhere. */
    private static Previewed everyType(PostgresServer server, String database, long seed) {
        return new Previewed(
                        server,
                        database,
                        "CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy')",
                        "CREATE TYPE pair AS (a int, b text)",
                        "CREATE DOMAIN cents AS numeric(12,2) CHECK (VALUE < 1000000)",
                        """
                        CREATE TABLE t (part int, id int, amount cents, plain numeric, ratio float8, small int2, mood mood,
                            tags text[], note text, doc json, pairs pair, "a ""b" varchar(300), kept text,
                            twice numeric GENERATED ALWAYS AS (plain * 2) STORED,
                            PRIMARY KEY (part, id)) PARTITION BY RANGE (part)
                        """,
                        PARTITION,
                        "CREATE FUNCTION r(n int) RETURNS int LANGUAGE sql VOLATILE AS 'SELECT floor(random() * n)::int'",
                        """
                        DO $$ BEGIN PERFORM setseed(%s); INSERT INTO t
                        SELECT 0, i, r(1000), r(50) / 10.0,
                               CASE r(6) WHEN 0 THEN 'NaN' WHEN 1 THEN 0.0 WHEN 2 THEN '-Infinity' ELSE r(9) / 4.0 END::float8,
                               r(100), (ARRAY['sad', 'ok', 'happy', NULL])[1 + r(4)]::mood,
                               (ARRAY['{a,NULL}', '{}', '{"b\\"q"}', NULL])[1 + r(4)]::text[],
                               (ARRAY['<b>it''s</b>', 'plain', '', NULL, '"&"'])[1 + r(5)],
                               (ARRAY['{"a": 1}', '{"a":1}', NULL])[1 + r(3)]::json,
                               CASE r(3) WHEN 0 THEN ROW(NULL, NULL)::pair WHEN 1 THEN ROW(1, 'x')::pair END,
                               repeat('x', r(290)), 'kept'
                        FROM generate_series(1, 3000) AS i; END $$
                        """.formatted((seed % 1000) / 1000.0),
                        "ANALYZE")
                .set("amount", "CASE WHEN id % 3 = 0 THEN amount * 1.1 WHEN id % 11 = 0 THEN NULL ELSE amount END")
                .set("plain", "CASE WHEN plain > 3 THEN round(plain, 2) ELSE plain END")
                .set("ratio", "CASE WHEN id % 2 = 0 THEN -ratio WHEN id % 7 = 0 THEN 'NaN' ELSE coalesce(ratio, 1) END")
                .set("small", "nullif(small, 7)")
                .set("mood", "CASE WHEN mood = 'sad' THEN 'ok' ELSE mood END")
                .set("tags", "CASE WHEN id % 4 = 0 THEN tags || 'new'::text ELSE tags END")
                .set("note", "replace(note, '<', '&lt;')")
                .set("doc", "coalesce(doc, '{\"a\":1}')")
                .set("pairs", "CASE WHEN id % 5 = 0 THEN NULL ELSE pairs END")
                .set("a \"b", "\"a \"\"b\" || CASE WHEN id % 2 = 0 THEN '''' ELSE '' END");
    }

    @ParameterizedTest
    @ValueSource(ints = {14, 18})
    void its_figures_are_what_a_run_then_does_whatever_the_type(int major) {
        long seed = Seeds.of(1).get(0);
        Previewed t = everyType(PostgresServer.of(major), "preview_types", seed);
        // What is not the same when it is done twice is told by what does not change.
        t.alreadyRight = "kept = 'done'";
        t.set("kept", "'done'");
        t.server.execute(t.database, "CREATE TABLE before AS SELECT * FROM t");

        Preview preview = t.full();
        RunResult result = t.run();

        assertThat(result.outcome()).isEqualTo(RunResult.Outcome.DONE);
        assertThat(preview.scope().full()).isTrue();
        assertThat(preview.rows().changed()).isEqualTo(Share.exact(3_000, 3_000));
        for (String name :
                List.of("amount", "plain", "ratio", "small", "mood", "tags", "note", "doc", "pairs", "kept", "twice")) {
            same(t, preview, name, name, seed);
        }
        same(t, preview, "a \"b", "\"a \"\"b\"", seed);
        for (String name : List.of("amount", "plain", "ratio", "small", "twice")) {
            sameNumbers(t, preview, name, seed);
        }
        assertThat(preview.columns())
                .as("what holds no numbers has no distribution")
                .filteredOn(column -> column.numbers() != null)
                .hasSize(5);
    }

    private static void same(Previewed t, Preview preview, String name, String quoted, long seed) {
        ColumnChange column = column(preview, name);
        String both = " FROM before b JOIN t a USING (part, id) WHERE ";
        String old = "b." + quoted + "::text";
        String now = "a." + quoted + "::text";
        assertThat(column.changed().count())
                .as("%s, seed %d", name, seed)
                .isEqualTo(t.number("SELECT count(*)" + both + old + " IS DISTINCT FROM " + now))
                .isPositive();
        assertThat(column.nullsAppear().count())
                .as("%s, seed %d", name, seed)
                .isEqualTo(t.number("SELECT count(*)" + both + old + " IS NOT NULL AND " + now + " IS NULL"));
        assertThat(column.nullsDisappear().count())
                .as("%s, seed %d", name, seed)
                .isEqualTo(t.number("SELECT count(*)" + both + old + " IS NULL AND " + now + " IS NOT NULL"));
    }

    private static void sameNumbers(Previewed t, Preview preview, String name, long seed) {
        NumberChange numbers = column(preview, name).numbers();
        String odd = "::text NOT IN ('NaN', 'Infinity', '-Infinity')";
        assertThat(numbers.sumBefore())
                .as("%s, seed %d", name, seed)
                .isEqualByComparingTo(t.decimal("SELECT sum(" + name + "::numeric) FROM before WHERE " + name + odd));
        assertThat(numbers.sumAfter())
                .as("%s, seed %d", name, seed)
                .isEqualByComparingTo(t.decimal("SELECT sum(" + name + "::numeric) FROM t WHERE " + name + odd));
        NumberChange.Differences differences = numbers.differences();
        if (differences == null) {
            assertThat(name).isEqualTo("small");
            return;
        }
        String of =
                " FROM before b JOIN t a USING (part, id) WHERE b.%1$s%2$s AND a.%1$s%2$s AND b.%1$s::text <> a.%1$s::text"
                        .formatted(name, odd);
        String difference = "(a.%1$s::numeric - b.%1$s::numeric)".formatted(name);
        assertThat(differences.count()).isEqualTo(t.number("SELECT count(*)" + of));
        assertThat(differences.min()).isEqualByComparingTo(t.decimal("SELECT min" + difference + of));
        assertThat(differences.max()).isEqualByComparingTo(t.decimal("SELECT max" + difference + of));
        assertThat(differences.mean()).isEqualByComparingTo(t.decimal("SELECT avg" + difference + of));
        assertThat(differences.p50())
                .isEqualByComparingTo(t.decimal("SELECT d FROM (SELECT " + difference
                        + " AS d, row_number() OVER (ORDER BY " + difference + ") AS n, count(*) OVER () AS c" + of
                        + ") AS s WHERE n = ceil(c / 2.0)"));
        NumberChange.Histogram histogram = differences.histogram();
        assertThat(histogram.below()
                        + histogram.above()
                        + histogram.bars().stream()
                                .mapToLong(NumberChange.Bar::count)
                                .sum())
                .isEqualTo(differences.count());
        for (NumberChange.Bar bar : histogram.bars()) {
            assertThat(bar.count())
                    .as("%s from %s, seed %d", name, bar.from(), seed)
                    .isEqualTo(t.number("SELECT count(*)" + of + " AND " + difference + " >= "
                            + bar.from().toPlainString() + " AND " + difference + " < "
                            + bar.to().toPlainString()));
        }
    }

    private static Previewed plain(String database, int rows) {
        return new Previewed(
                PostgresServer.newest(),
                database,
                "CREATE TABLE t (part int, id int, n int, secret text, PRIMARY KEY (part, id)) PARTITION BY RANGE (part)",
                PARTITION,
                "CREATE TABLE t_2 PARTITION OF t FOR VALUES FROM (1) TO (2)",
                "INSERT INTO t SELECT 0, i, i % 10, 'secret-' || i FROM generate_series(1, " + rows + ") AS i",
                "ANALYZE");
    }

    @Test
    void minus_zero_and_a_longer_zero_are_changes_and_the_same_null_is_none() {
        Previewed t = new Previewed(
                        PostgresServer.newest(),
                        "preview_zero",
                        "CREATE TABLE t (part int, id int, f float8, n numeric, x int, PRIMARY KEY (part, id)) PARTITION BY RANGE (part)",
                        PARTITION,
                        "INSERT INTO t VALUES (0, 1, 0, 1.5, NULL), (0, 2, 4, 1.50, NULL), (0, 3, 'NaN', NULL, NULL)",
                        "ANALYZE")
                .set("n", "round(n, 2)")
                .set("f", "CASE WHEN f = 0 THEN '-0' ELSE f END")
                .set("x", "x + 1");

        Preview preview = t.full();

        assertThat(column(preview, "f").changed().count()).isEqualTo(1);
        assertThat(column(preview, "f").numbers().notMeasured()).isZero();
        assertThat(column(preview, "n").changed().count()).isEqualTo(1);
        assertThat(column(preview, "n").numbers().differences().max()).isEqualByComparingTo("0");
        assertThat(column(preview, "x").changed().count()).isZero();
    }

    @Test
    void rows_that_are_right_already_count_as_unchanged() {
        Previewed t = plain("preview_right", 1_000).set("n", "n + 100").set("secret", "'new'");
        t.alreadyRight = "id <= 250 OR secret = 'new'";

        Preview preview = t.full();

        assertThat(preview.alreadyRight()).isEqualTo(Share.exact(250, 1_000));
        assertThat(preview.rows().changed()).isEqualTo(Share.exact(750, 1_000));
        assertThat(preview.rows().unchanged()).isEqualTo(Share.exact(250, 1_000));
        assertThat(preview.rows().added().count() + preview.rows().gone().count())
                .isZero();
    }

    @Test
    void shows_ten_rows_of_each_kind_with_key_before_and_after() {
        Previewed t = plain("preview_samples", 1_000)
                .set("n", "CASE WHEN id = 500 THEN NULL WHEN id <= 30 THEN n + 1 ELSE n END");
        t.server.execute(t.database, "UPDATE t SET n = NULL WHERE id = 7");
        t.set("secret", "CASE WHEN id = 600 THEN repeat('y', 1000) ELSE secret END");

        Preview preview = t.engine().preview(t.backfill(), new PreviewRequest("t_1", 50, true, Set.of()));

        assertThat(preview.samples())
                .extracting(Preview.Samples::kind)
                .containsExactly(Kind.CHANGED, Kind.BECOMES_NULL);
        assertThat(preview.samples().get(0).rows()).isEqualTo(31);
        assertThat(preview.samples().get(0).shown())
                .as("too rare for the sample, so looked for in all rows")
                .hasSize(10)
                .allSatisfy(PreviewTest::isOneMore);
        assertThat(preview.samples().get(1).shown())
                .containsExactly(new SampleRow(
                        List.of(new KeyValue("part", "0"), new KeyValue("id", "500")),
                        List.of(
                                new ChangedValue("n", "0", null, true, false),
                                new ChangedValue("secret", "secret-500", "secret-500", false, false))));
    }

    private static void isOneMore(SampleRow row) {
        int id = Integer.parseInt(row.key().get(1).value());
        ChangedValue n = row.values().get(0);
        ChangedValue secret = row.values().get(1);
        if (id == 600) {
            assertThat(secret.after()).hasSize(ChangedValue.MOST_LETTERS).endsWith("yyy...");
        } else if (id != 500) {
            assertThat(id).isLessThanOrEqualTo(30);
            assertThat(Integer.parseInt(n.after())).isEqualTo(Integer.parseInt(n.before()) + 1);
            assertThat(n.changed()).isTrue();
            assertThat(secret.changed()).isFalse();
        }
    }

    @Test
    void no_value_of_a_hidden_column_leaves_the_database() {
        Previewed t = plain("preview_hidden", 200).set("n", "n + 1").set("secret", "secret || '!'");

        Preview one = t.engine().preview(t.backfill(), new PreviewRequest(null, 100, true, Set.of("secret", "id")));
        Preview all = t.engine().preview(t.backfill(), new PreviewRequest(null, 100, true, Set.of("*")));

        assertThat(one.hidden()).containsExactly("id", "secret");
        assertThat(one.toString()).doesNotContain("secret-");
        assertThat(column(one, "secret").changed().count()).isEqualTo(200);
        assertThat(column(one, "n").numbers()).isNotNull();
        assertThat(one.samples().get(0).shown().get(0).key().get(1)).isEqualTo(new KeyValue("id", null));
        assertThat(all.columns())
                .allSatisfy(column -> assertThat(column.numbers()).isNull());
        assertThat(all.samples().get(0).shown().toString()).doesNotContain("before=0", "after=1", "value=0");
        assertThatThrownBy(
                        () -> t.engine().preview(t.backfill(), new PreviewRequest(null, 100, true, Set.of("secrte"))))
                .isInstanceOf(NeapException.class)
                .hasMessageContaining("no column secrte; did you mean secret?");
    }

    @Test
    void looks_at_the_first_unit_that_has_rows_or_the_one_that_is_named() {
        Previewed t = plain("preview_unit", 100).set("n", "n + 1");

        assertThat(t.full().unit().name()).as("t_2 is newer, and empty").isEqualTo("t_1");
        Preview empty = t.engine().preview(t.backfill(), new PreviewRequest("public.t_2", 10, false, Set.of()));
        assertThat(empty.rows().changed()).isEqualTo(Share.exact(0, 0));
        assertThat(empty.samples()).isEmpty();
        assertThatThrownBy(() -> t.engine().preview(t.backfill(), new PreviewRequest("t_3", 10, false, Set.of())))
                .isInstanceOf(NeapException.class)
                .hasMessageMatching("no unit of fix is called t_3; did you mean t_[12]\\?");
    }

    @ParameterizedTest
    @ValueSource(ints = {14, 18})
    void a_bounded_sample_reads_few_pages_and_says_how_much_it_knows(int major) throws Exception {
        Previewed t = new Previewed(
                        PostgresServer.of(major),
                        "preview_bounded",
                        "CREATE TABLE t (part int, id int, n int, PRIMARY KEY (part, id)) PARTITION BY RANGE (part)",
                        PARTITION,
                        // Its pages would be counted, too.
                        "ALTER TABLE t_1 SET (autovacuum_enabled = false)",
                        "INSERT INTO t SELECT 0, i, i % 10 FROM generate_series(1, 300000) AS i",
                        "VACUUM ANALYZE t")
                .set("n", "CASE WHEN n < 3 THEN n + 10 ELSE n END");
        long pages = t.number("SELECT pg_relation_size('t_1') / 8192");
        Plan plan = t.engine().plan(t.backfill());
        PostgresPreviewer previewer = new PostgresPreviewer(() -> t.server.connect(t.database));
        PreviewRequest few = new PreviewRequest(null, 200, false, Set.of());
        long before = pagesRead(t);

        Preview preview = previewer.preview(plan, plan.units().get(0), few);

        assertThat(pages).isGreaterThan(1_600);
        assertThat(pagesRead(t) - before).isBetween(200L, 4 * 4 * 200L);
        assertThat(preview.scope().full()).isFalse();
        assertThat(preview.scope().rowsLooked()).isEqualTo(200);
        assertThat(preview.scope().rowsEstimated()).isBetween(280_000L, 320_000L);
        assertThat(preview.scope().effectiveRows()).isBetween(80.0, 200.0);
        assertThat(preview.rows().changed().low()).isLessThan(0.3);
        assertThat(preview.rows().changed().high()).isGreaterThan(0.3);
        assertThat(previewer.preview(plan, plan.units().get(0), few).rows())
                .as("the same rows again")
                .isEqualTo(preview.rows());
    }

    /** Every page of the heap that any session asked for, as the server counts them some time after a session has ended. */
    private static long pagesRead(Previewed t) throws InterruptedException {
        long now = -1;
        for (int same = 0; same < 6; ) {
            Thread.sleep(t.server.major() == 14 ? 300 : 50);
            long next =
                    t.number("SELECT heap_blks_read + heap_blks_hit FROM pg_statio_user_tables WHERE relname = 't_1'");
            same = next == now ? same + 1 : 0;
            now = next;
        }
        return now;
    }

    @Test
    void cannot_write() {
        Previewed t = plain("preview_writes", 100).set("n", "harmless(n)");
        t.server.execute(
                t.database,
                "CREATE TABLE written (n int)",
                "CREATE FUNCTION writes(n int) RETURNS int LANGUAGE plpgsql VOLATILE AS"
                        + " $$ BEGIN INSERT INTO written VALUES (n); RETURN n; END $$",
                // Declared as what it is not, so that no look at the expression finds it out.
                "CREATE FUNCTION harmless(n int) RETURNS int LANGUAGE plpgsql STABLE AS"
                        + " $$ BEGIN RETURN writes(n); END $$");

        assertThatThrownBy(t::full)
                .isInstanceOf(NeapException.class)
                .hasMessageContaining("the recompute writes, which a preview refuses")
                .hasMessageContaining("read-only transaction");
        assertThat(t.number("SELECT count(*) FROM written")).isZero();
        t.set("n", "writes(n)");
        assertThatThrownBy(t::full).isInstanceOf(NeapException.class).hasMessageContaining("is volatile");
        t.set("n", "1); COMMIT; INSERT INTO written VALUES (1); SELECT (1");
        assertThatThrownBy(t::full).isInstanceOf(NeapException.class).hasMessageContaining("is not one SQL expression");
        assertThat(t.number("SELECT count(*) FROM written")).isZero();
    }

    @Test
    void says_what_fails_and_what_would_refuse_a_run() {
        Previewed fails = plain("preview_fails", 100).set("n", "10 / (n - 5)");
        Previewed refused = plain("preview_refused", 100).set("n", "n * 2");

        assertThatThrownBy(fails::full)
                .isInstanceOf(NeapException.class)
                .hasMessageContaining("the recompute fails on rows of public.t_1: division by zero");
        assertThat(refused.bounded(50).refusals())
                .extracting(finding -> finding.check())
                .containsExactly("already-right");
    }

    @Test
    void two_columns_may_be_exchanged_and_odd_names_are_names() {
        Previewed t = new Previewed(
                        PostgresServer.newest(),
                        "preview_names",
                        """
                        CREATE TABLE t (part int, "neap_b0" int, "live" int, "x'; DROP TABLE t; --" int, "😀 ""q"" Sp" text,
                            PRIMARY KEY (part, "neap_b0")) PARTITION BY RANGE (part)
                        """,
                        PARTITION,
                        "INSERT INTO t VALUES (0, 1, 10, 20, '\u001b[31m<script>')",
                        "ANALYZE")
                .set("live", "\"x'; DROP TABLE t; --\"")
                .set("x'; DROP TABLE t; --", "\"live\"")
                .set("😀 \"q\" Sp", "upper(\"😀 \"\"q\"\" Sp\")");

        List<ChangedValue> values = t.full().samples().get(0).shown().get(0).values();

        assertThat(values)
                .containsExactly(
                        new ChangedValue("live", "10", "20", true, false),
                        new ChangedValue("x'; DROP TABLE t; --", "20", "10", true, false),
                        new ChangedValue("😀 \"q\" Sp", "\u001b[31m<script>", "\u001b[31M<SCRIPT>", true, false));
        assertThat(Map.of("rows", t.number("SELECT count(*) FROM t"))).containsEntry("rows", 1L);
    }
}
