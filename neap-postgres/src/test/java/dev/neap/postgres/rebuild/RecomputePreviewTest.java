package dev.neap.postgres.rebuild;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.neap.backfill.MissingInSource;
import dev.neap.dialect.NeapException;
import dev.neap.preview.ColumnChange;
import dev.neap.preview.NumberChange;
import dev.neap.preview.Preview;
import dev.neap.preview.Preview.ChangedValue;
import dev.neap.preview.Preview.Kind;
import dev.neap.preview.PreviewRequest;
import dev.neap.preview.Scope;
import dev.neap.preview.Share;
import dev.neap.run.Probe;
import dev.neap.testkit.PostgresServer;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A preview of a recompute from other tables, compared with what a run then makes of it. Looks at events_1. */
class RecomputePreviewTest {
    private final PostgresServer server = PostgresServer.newest();

    private static Preview preview(Revenue revenue, boolean full, String... hidden) {
        return revenue.engine(Probe.NONE)
                .preview(revenue.backfill(), new PreviewRequest("events_1", 10, full, Set.of(hidden)));
    }

    private static ColumnChange column(Preview preview, String name) {
        return preview.columns().stream()
                .filter(column -> column.column().equals(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError(name + " is not in " + preview.columns()));
    }

    @ParameterizedTest
    @CsvSource({"oldest, DROP, true", "newest, KEEP, false"})
    void its_figures_are_what_a_run_then_does(String version, MissingInSource missing, boolean full) {
        Revenue revenue = new Revenue(
                version.equals("oldest") ? PostgresServer.oldest() : server, "recompute_preview_" + version);
        revenue.missing = missing;
        revenue.sql = revenue.sql.replace(
                "r.amount * fx.rate", "CASE WHEN r.id % 50 = 0 THEN NULL ELSE r.amount * fx.rate END");
        revenue.execute(
                "ALTER TABLE events ADD COLUMN twice numeric GENERATED ALWAYS AS (coalesce(revenue, -5) * 2) STORED",
                "UPDATE events SET revenue = 2 * id WHERE id BETWEEN 300 AND 500",
                "UPDATE events SET revenue = NULL WHERE id BETWEEN 600 AND 620",
                "DELETE FROM events WHERE id BETWEEN 200 AND 230",
                "DELETE FROM raw_events WHERE id BETWEEN 700 AND 750",
                "CREATE TABLE before AS SELECT * FROM events WHERE day = '2026-01-01'");
        long rows = revenue.number("SELECT count(*) FROM before");

        Preview preview = preview(revenue, full);
        revenue.run();

        revenue.execute("CREATE VIEW after AS SELECT * FROM events WHERE day = '2026-01-01'");
        assertThat(preview.scope()).isEqualTo(new Scope(true, rows, rows, rows));
        String pairs = " FROM before b JOIN after a USING (day, id) WHERE ";
        long changed = revenue.number("SELECT count(*)" + pairs + "b::text <> a::text");
        long added = revenue.number("SELECT count(*) FROM after WHERE id NOT IN (SELECT id FROM before)");
        long gone = revenue.number("SELECT count(*) FROM before WHERE id NOT IN (SELECT id FROM after)");
        assertThat(changed).isPositive();
        assertThat(added).isEqualTo(16);
        assertThat(gone).isEqualTo(missing == MissingInSource.DROP ? 27 : 0);
        assertThat(preview.rows())
                .isEqualTo(new Preview.Rows(
                        Share.exact(changed, rows),
                        Share.exact(rows - changed - gone, rows),
                        Share.exact(added, rows),
                        Share.exact(gone, rows)));
        assertThat(preview.columns())
                .as("the key is there only where it reads differently")
                .extracting(ColumnChange::column)
                .containsExactly("user_id", "revenue", "twice");
        for (String name : List.of("user_id", "revenue", "twice")) {
            same(revenue, preview, name, pairs);
        }
        assertThat(column(preview, "revenue").nullsAppear().count()).isPositive();
        assertThat(column(preview, "revenue").nullsDisappear().count()).isPositive();
        shown(preview, changed, added, gone);
    }

    private static void same(Revenue revenue, Preview preview, String name, String pairs) {
        ColumnChange column = column(preview, name);
        String b = "b." + name;
        String a = "a." + name;
        assertThat(column.changed().count())
                .as(name)
                .isEqualTo(revenue.number("SELECT count(*)" + pairs + b + "::text IS DISTINCT FROM " + a + "::text"));
        assertThat(column.nullsAppear().count())
                .isEqualTo(revenue.number("SELECT count(*)" + pairs + b + " IS NOT NULL AND " + a + " IS NULL"));
        assertThat(column.nullsDisappear().count())
                .isEqualTo(revenue.number("SELECT count(*)" + pairs + b + " IS NULL AND " + a + " IS NOT NULL"));
        NumberChange numbers = column.numbers();
        assertThat(numbers.sumBefore()).isEqualByComparingTo(decimal(revenue, "SELECT sum(" + name + ") FROM before"));
        assertThat(numbers.sumAfter()).isEqualByComparingTo(decimal(revenue, "SELECT sum(" + name + ") FROM after"));
        NumberChange.Differences differences = numbers.differences();
        if (differences == null) {
            assertThat(name).isEqualTo("user_id");
            return;
        }
        String of = pairs + b + "::text <> " + a + "::text";
        String difference = "(" + a + " - " + b + ")";
        assertThat(differences.count()).isEqualTo(revenue.number("SELECT count(*)" + of));
        assertThat(differences.min()).isEqualByComparingTo(decimal(revenue, "SELECT min" + difference + of));
        assertThat(differences.max()).isEqualByComparingTo(decimal(revenue, "SELECT max" + difference + of));
        assertThat(differences.mean()).isEqualByComparingTo(decimal(revenue, "SELECT avg" + difference + of));
        assertThat(differences.histogram().below()
                        + differences.histogram().above()
                        + differences.histogram().bars().stream()
                                .mapToLong(NumberChange.Bar::count)
                                .sum())
                .isEqualTo(differences.count());
    }

    private static BigDecimal decimal(Revenue revenue, String query) {
        return new BigDecimal(revenue.text(query));
    }

    /** Ten of each kind; a new row has no value before, one that goes has none after. */
    private static void shown(Preview preview, long changed, long added, long gone) {
        for (Preview.Samples samples : preview.samples()) {
            assertThat(samples.shown()).as(samples.toString()).hasSize((int) Math.min(10, samples.rows()));
            switch (samples.kind()) {
                case CHANGED -> assertThat(samples.rows()).isEqualTo(changed);
                case ADDED -> {
                    assertThat(samples.rows()).isEqualTo(added);
                    assertThat(samples.shown()).allSatisfy(row -> {
                        assertThat(Integer.parseInt(row.key().get(1).value())).isBetween(200, 230);
                        assertThat(row.values())
                                .extracting(ChangedValue::before)
                                .containsOnlyNulls();
                        assertThat(row.values().get(0).after()).isNotNull();
                        assertThat(row.values().get(2).after()).isNotNull();
                    });
                }
                case GONE -> {
                    assertThat(samples.rows()).isEqualTo(gone);
                    assertThat(samples.shown()).allSatisfy(row -> {
                        assertThat(row.values()).extracting(ChangedValue::after).containsOnlyNulls();
                        assertThat(row.values().get(2).before()).isNotNull();
                    });
                }
                case BECOMES_NULL, NO_LONGER_NULL -> assertThat(samples.rows()).isPositive();
            }
        }
        assertThat(preview.samples()).extracting(Preview.Samples::kind).contains(Kind.CHANGED, Kind.ADDED);
        assertThat(preview.samples().stream().anyMatch(samples -> samples.kind() == Kind.GONE))
                .isEqualTo(gone > 0);
    }

    @Test
    void pairs_rows_as_their_key_compares_and_hides_what_is_to_be_hidden() {
        Revenue revenue = new Revenue(server, "recompute_preview_keys");
        revenue.execute(
                "CREATE COLLATION any_case (provider = icu, locale = 'und-u-ks-level2', deterministic = false)",
                "DROP TABLE events",
                "CREATE TABLE events (day date NOT NULL, n numeric NOT NULL, name text COLLATE any_case NOT NULL, v text"
                        + ") PARTITION BY RANGE (day)",
                "CREATE UNIQUE INDEX ON events (day, n, name)",
                "CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2026-01-02')",
                "INSERT INTO events VALUES ('2026-01-01', 1.0, 'Anna', 'a'), ('2026-01-01', 2, 'Bert', 'secret')",
                "CREATE TABLE named (day date, n numeric, name text COLLATE \"POSIX\", v text)",
                "INSERT INTO named VALUES ('2026-01-01', 1.00, 'ANNA', 'a'), ('2026-01-01', 2, 'Bert', 'secrets'),"
                        + " ('2026-01-01', 3, 'Carl', 'secret')");
        revenue.reads = List.of("named");
        revenue.sql = "SELECT v, name, n, day FROM named WHERE day >= :lower AND day < :upper";

        Preview preview = preview(revenue, false, "v");

        assertThat(preview.rows().changed().count()).isEqualTo(2);
        assertThat(preview.rows().added().count()).isEqualTo(1);
        assertThat(preview.columns()).extracting(ColumnChange::column).containsExactly("n", "name", "v");
        assertThat(column(preview, "v").changed().count()).isEqualTo(1);
        assertThat(preview.hidden()).containsExactly("v");
        assertThat(preview.toString()).contains("ANNA").doesNotContain("secret");
    }

    @Test
    void refuses_what_a_run_would_fail_of_and_writes_nothing() {
        Revenue revenue = new Revenue(server, "recompute_preview_refused");
        revenue.reads = List.of("raw_events");
        revenue.execute(
                "CREATE TABLE written (n int)",
                "CREATE FUNCTION writes(n int) RETURNS int LANGUAGE plpgsql VOLATILE AS"
                        + " $$ BEGIN INSERT INTO written VALUES (n); RETURN n; END $$",
                "CREATE FUNCTION harmless(n int) RETURNS int LANGUAGE plpgsql STABLE AS"
                        + " $$ BEGIN RETURN writes(n); END $$");
        Map<String, String> refused = Map.of(
                "id, day + 1 AS day, user_id, amount AS revenue",
                        "500 rows outside the partition's bound FOR VALUES FROM",
                "id / 4 AS id, day, user_id, amount AS revenue",
                        "more than one row for the key (day, id) = (2026-01-01,",
                "nullif(id, 8) AS id, day, user_id, amount AS revenue", "1 rows with a null in the key (day, id)",
                "id, day, user_id, amount * 1e12 AS revenue", "change rebuild.recompute so that it works for every row",
                "id, day, user_id, harmless(1) AS revenue", "rebuild.recompute must only read",
                "id, day, user_id", "does not yield revenue");

        refused.forEach((select, says) -> {
            revenue.sql = "SELECT " + select + " FROM raw_events WHERE day >= :lower AND day < :upper";
            assertThatThrownBy(() -> preview(revenue, false))
                    .as(select)
                    .isInstanceOf(NeapException.class)
                    .hasMessageContaining(says);
        });
        assertThat(revenue.number("SELECT count(*) FROM written")).isZero();
        revenue.sql =
                "SELECT id / 4 AS id, day, user_id, amount AS revenue FROM raw_events WHERE day >= :lower AND day < :upper";
        assertThatThrownBy(() -> preview(revenue, false, "id"))
                .hasMessageContaining("= (hidden) and ")
                .hasMessageNotContaining("2026-01-01");
    }

    @Test
    void without_a_key_it_says_why_it_cannot_compare() {
        Revenue revenue = new Revenue(server, "recompute_preview_keyless");
        revenue.missing = MissingInSource.DROP;
        revenue.execute("ALTER TABLE events DROP CONSTRAINT events_pkey");

        assertThatThrownBy(() -> preview(revenue, false))
                .isInstanceOf(NeapException.class)
                .hasMessageContaining("public.events_1 has neither a primary key");
    }
}
