package dev.neap.postgres.rebuild;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neap.backfill.ApplicationWrites;
import dev.neap.backfill.Backfill;
import dev.neap.backfill.Cutover;
import dev.neap.backfill.LiveWrites;
import dev.neap.backfill.MissingInSource;
import dev.neap.backfill.Pace;
import dev.neap.backfill.PartitionRange;
import dev.neap.backfill.Profile;
import dev.neap.backfill.Rebuild;
import dev.neap.backfill.TableName;
import dev.neap.backfill.Throttle;
import dev.neap.plan.Plan;
import dev.neap.postgres.PostgresDialect;
import dev.neap.preview.Preview;
import dev.neap.preview.PreviewRequest;
import dev.neap.preview.Share;
import dev.neap.rebuild.Point;
import dev.neap.run.Neap;
import dev.neap.run.Probe;
import dev.neap.run.RunListener;
import dev.neap.run.RunResult;
import dev.neap.run.Stop;
import dev.neap.run.UndoRequest;
import dev.neap.testkit.PostgresServer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A key of a type whose operators are not the server's own, as with `citext` and `ltree`: in a schema that no search path
 * has, so that a plain `=` is found nowhere. What is captured is captured all the same, and no write of the application
 * fails for it.
 */
class OwnKeyTypeTest {
    private static final Set<Point> WRITTEN_AT = EnumSet.of(
            Point.AFTER_CAPTURE, Point.AFTER_LOAD, Point.AFTER_VACUUM, Point.BEFORE_SWAP, Point.BEFORE_MERGE);

    private final PostgresServer server = PostgresServer.newest();
    private String database = "";
    private int written;

    /** An int4 by another name; nothing but its own operators compares it. */
    private void made(String name) {
        database = server.createDatabase(name);
        server.execute(
                database,
                "CREATE SCHEMA keys; CREATE TYPE keys.code",
                "CREATE FUNCTION keys.code_in(cstring) RETURNS keys.code LANGUAGE internal IMMUTABLE STRICT AS 'int4in'",
                "CREATE FUNCTION keys.code_out(keys.code) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'int4out'",
                "CREATE TYPE keys.code (INPUT = keys.code_in, OUTPUT = keys.code_out, INTERNALLENGTH = 4, PASSEDBYVALUE,"
                        + " ALIGNMENT = int4)");
        String two = "(keys.code, keys.code) RETURNS boolean LANGUAGE internal IMMUTABLE STRICT AS ";
        for (String[] operator : new String[][] {{"lt", "<"}, {"le", "<="}, {"eq", "="}, {"ge", ">="}, {"gt", ">"}}) {
            server.execute(
                    database,
                    "CREATE FUNCTION keys.code_" + operator[0] + two + "'int4" + operator[0] + "'",
                    "CREATE OPERATOR keys." + operator[1]
                            + " (LEFTARG = keys.code, RIGHTARG = keys.code, FUNCTION = keys.code_" + operator[0]
                            + (operator[0].equals("eq") ? ", HASHES, MERGES" : "") + ")");
        }
        server.execute(
                database,
                "CREATE FUNCTION keys.code_cmp(keys.code, keys.code) RETURNS int LANGUAGE internal IMMUTABLE STRICT AS"
                        + " 'btint4cmp'",
                "CREATE FUNCTION keys.code_hash(keys.code) RETURNS int LANGUAGE internal IMMUTABLE STRICT AS 'hashint4'",
                "CREATE OPERATOR CLASS keys.code_ops DEFAULT FOR TYPE keys.code USING btree AS OPERATOR 1 keys.<,"
                        + " OPERATOR 2 keys.<=, OPERATOR 3 keys.=, OPERATOR 4 keys.>=, OPERATOR 5 keys.>,"
                        + " FUNCTION 1 keys.code_cmp(keys.code, keys.code)",
                "CREATE OPERATOR CLASS keys.code_hash_ops DEFAULT FOR TYPE keys.code USING hash AS OPERATOR 1 keys.=,"
                        + " FUNCTION 1 keys.code_hash(keys.code)",
                "CREATE TABLE owner (id int PRIMARY KEY)",
                "INSERT INTO owner SELECT generate_series(1, 20)",
                "CREATE TABLE item (day date NOT NULL, id keys.code NOT NULL, owner int NOT NULL REFERENCES owner,"
                        + " amount bigint NOT NULL, form int NOT NULL, PRIMARY KEY (day, id)) PARTITION BY RANGE (day)",
                "CREATE TABLE item_1 PARTITION OF item FOR VALUES FROM ('2026-01-01') TO ('2026-01-02')",
                "INSERT INTO item SELECT '2026-01-01', i::text::keys.code, 1 + i % 20, i, 1 FROM generate_series(1, 500) AS i");
    }

    /** Each row's amount says which key it must have: its own, or 10,000 more. */
    private void write() {
        int n = ++written * 10;
        server.execute(
                database,
                "UPDATE item SET id = (10000 + id::text::int)::text::keys.code WHERE id OPERATOR(keys.=) '" + n + "'",
                "DELETE FROM item WHERE id OPERATOR(keys.=) '" + (n + 1) + "'",
                "UPDATE item SET owner = 7 WHERE id OPERATOR(keys.=) '" + (n + 2) + "'",
                "INSERT INTO item VALUES ('2026-01-01', '" + (100_000 + n) + "', 1, " + (100_000 + n) + ", 1)",
                "BEGIN; DELETE FROM item WHERE id OPERATOR(keys.=) '" + (n + 3)
                        + "'; INSERT INTO item VALUES ('2026-01-01'," + " '" + (n + 3) + "', 2, " + (n + 3)
                        + ", 1); COMMIT");
    }

    private Backfill backfill(Cutover cutover) {
        Rebuild rebuild = new Rebuild(
                new TableName("public", "item"),
                PartitionRange.all(),
                Map.of("amount", "amount * 100", "form", "2"),
                "form = 2",
                ApplicationWrites.OLD,
                LiveWrites.CAPTURE,
                Duration.ofDays(7));
        return new Backfill(
                "own-key", Profile.DEV, rebuild.with(cutover), Pace.unlimited(), 100, 1, Map.of(), List.of());
    }

    private Neap neap() {
        Probe writing = point -> {
            if (WRITTEN_AT.contains(point)) {
                write();
            }
        };
        return new Neap(new PostgresDialect(), server.target(database), Ledger.QUICK, writing);
    }

    private void rebuilt(Cutover cutover) {
        Neap neap = neap();
        Plan plan = neap.plan(backfill(cutover));
        assertThat(plan.refused()).as("%s", plan.findings()).isFalse();
        RunResult result = neap.run(plan, RunListener.SILENT, new Stop());
        assertThat(result.outcome()).as("%s", result).isEqualTo(RunResult.Outcome.DONE);
    }

    private String text(String sql) {
        try (Connection c = server.connect(database);
                Statement s = c.createStatement();
                ResultSet rs = s.executeQuery(sql)) {
            rs.next();
            return String.valueOf(rs.getString(1));
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** As many rows as ever, each once, in this form but for those written since, and no key that it should not have. */
    private void isRight(String form) {
        assertThat(text("SELECT count(*) || ' ' || count(DISTINCT id::text) FROM item"))
                .isEqualTo("500 500");
        assertThat(text("SELECT count(*) FROM item WHERE " + form)).isEqualTo("500");
        assertThat(text("SELECT count(*) FROM item WHERE amount <> CASE form WHEN 2 THEN 100 ELSE 1 END"
                        + " * CASE WHEN id::text::int BETWEEN 10000 AND 99999 THEN id::text::int - 10000"
                        + " ELSE id::text::int END"))
                .isEqualTo("0");
        assertThat(text("SELECT count(*) FROM item WHERE owner = 7 AND id::text ~ '2$' AND id::text::int <= "
                        + (written * 10 + 2)))
                .isEqualTo(String.valueOf(written));
    }

    @ParameterizedTest
    @EnumSource(
            value = Cutover.class,
            names = {"SWAP", "MERGE"})
    void rows_written_meanwhile_are_captured_and_no_write_fails(Cutover cutover) {
        made("own_key_" + cutover);
        rebuilt(cutover);

        assertThat(written).isGreaterThan(2);
        isRight("form = 2");
    }

    /** Under its collation `w10` and `W10` are one key, and both are captured. */
    @ParameterizedTest
    @EnumSource(
            value = Cutover.class,
            names = {"SWAP", "MERGE"})
    void a_row_that_two_captured_keys_mean_is_replayed_and_undone_once(Cutover cutover) {
        database = server.createDatabase("key_either_case_" + cutover);
        server.execute(
                database,
                "CREATE COLLATION either_case (PROVIDER = icu, LOCALE = 'und-u-ks-level2', DETERMINISTIC = false)",
                "CREATE TABLE item (day date NOT NULL, id text COLLATE either_case NOT NULL, amount bigint NOT NULL,"
                        + " form int NOT NULL, PRIMARY KEY (day, id)) PARTITION BY RANGE (day)",
                "CREATE TABLE item_1 PARTITION OF item FOR VALUES FROM ('2026-01-01') TO ('2026-01-02')",
                "INSERT INTO item SELECT '2026-01-01', 'w' || i, i, 1 FROM generate_series(1, 500) AS i");
        String[] either = {
            "UPDATE item SET id = upper(id) WHERE amount % 9 = 0", "UPDATE item SET id = lower(id) WHERE amount % 9 = 0"
        };
        Probe writing = point -> {
            if (WRITTEN_AT.contains(point)) {
                server.execute(database, either);
            }
        };
        Neap neap = new Neap(new PostgresDialect(), server.target(database), Ledger.QUICK, writing);

        RunResult result = neap.run(neap.plan(backfill(cutover)), RunListener.SILENT, new Stop());

        assertThat(result.outcome()).as("%s", result).isEqualTo(RunResult.Outcome.DONE);
        assertThat(
                        text(
                                "SELECT count(*) || ' ' || count(DISTINCT id) || ' ' || count(*) FILTER (WHERE form = 2) FROM item"))
                .isEqualTo("500 500 500");
        if (cutover == Cutover.SWAP) {
            server.execute(database, either);
            UndoRequest request = new UndoRequest(1, null, List.of(), List.of(), false, Throttle.NONE);
            RunResult undone = neap.undo(request, neap.undoPlan(request), RunListener.SILENT, new Stop());
            assertThat(undone.outcome()).as("%s", undone).isEqualTo(RunResult.Outcome.DONE);
            assertThat(text("SELECT count(*) || ' ' || count(DISTINCT id) FROM item"))
                    .isEqualTo("500 500");
        }
    }

    @Test
    void a_merge_takes_the_keys_own_order_and_leaves_the_search_path_to_the_tables_checks() {
        made("own_key_path");
        server.execute(
                database,
                // What a search path that has `public` would find first: an order the other way round.
                "CREATE FUNCTION later(keys.code, keys.code) RETURNS boolean LANGUAGE sql IMMUTABLE"
                        + " RETURN $1::text::int < $2::text::int",
                "CREATE OPERATOR public.> (LEFTARG = keys.code, RIGHTARG = keys.code, FUNCTION = later)",
                "CREATE FUNCTION usual_path() RETURNS boolean LANGUAGE sql STABLE"
                        + " AS $$SELECT current_setting('search_path') !~ 'keys'$$",
                "ALTER TABLE item ADD CHECK (usual_path())");

        Neap neap = new Neap(new PostgresDialect(), server.target(database), Ledger.QUICK, Probe.NONE);
        Plan plan = neap.plan(backfill(Cutover.MERGE));

        assertThat(plan.steps().toString()).contains("SET LOCAL search_path = pg_catalog, keys");
        assertThat(neap.run(plan, RunListener.SILENT, new Stop()).outcome()).isEqualTo(RunResult.Outcome.DONE);
        isRight("form = 2");
    }

    @Test
    void a_recompute_from_another_table_is_previewed_compared_and_undone_by_the_keys_own_operators() {
        made("own_key_recompute");
        server.execute(
                database,
                "CREATE TABLE raw AS SELECT * FROM item",
                "DELETE FROM raw WHERE id OPERATOR(keys.=) '5'",
                "DELETE FROM item WHERE id OPERATOR(keys.=) '6'");
        String sql = "SELECT day, id, owner, amount * 100 AS amount, 2 AS form FROM raw WHERE day >= :lower AND day <"
                + " :upper";
        Backfill recompute = Revenue.backfill(
                "own-key", "item", sql, List.of("raw"), MissingInSource.KEEP, LiveWrites.CAPTURE, Cutover.SWAP);
        Neap neap = new Neap(new PostgresDialect(), server.target(database), Ledger.QUICK, Probe.NONE);

        Preview preview = neap.preview(recompute, new PreviewRequest(null, 10, true, Set.of()));
        RunResult run = neap.run(neap.plan(recompute), RunListener.SILENT, new Stop());

        assertThat(preview.rows())
                .as("of 499 rows one is not in the source, and one comes in")
                .isEqualTo(new Preview.Rows(
                        Share.exact(498, 499), Share.exact(1, 499), Share.exact(1, 499), Share.exact(0, 499)));
        assertThat(run.outcome()).as("%s", run).isEqualTo(RunResult.Outcome.DONE);
        assertThat(text("SELECT count(*) FILTER (WHERE form = 2) || ' ' || count(*) FROM item"))
                .isEqualTo("499 500");
        server.execute(
                database,
                "UPDATE item SET owner = 7 WHERE id OPERATOR(keys.=) '8'",
                "DELETE FROM item WHERE id OPERATOR(keys.=) '9'");
        UndoRequest request = new UndoRequest(1, null, List.of(), List.of(), false, Throttle.NONE);
        RunResult undone = neap.undo(request, neap.undoPlan(request), RunListener.SILENT, new Stop());
        assertThat(undone.outcome()).as("%s", undone).isEqualTo(RunResult.Outcome.DONE);
        assertThat(text("SELECT count(*) FILTER (WHERE form = 1) || ' ' || count(*) FROM item"))
                .as("but for the row that was written since")
                .isEqualTo("497 498");
    }

    @Test
    void rows_written_since_are_carried_over_by_an_undo() {
        made("own_key_undo");
        rebuilt(Cutover.SWAP);
        int before = written;
        write();
        Neap neap = neap();
        UndoRequest request = new UndoRequest(1, null, List.of(), List.of(), false, Throttle.NONE);

        RunResult result = neap.undo(request, neap.undoPlan(request), RunListener.SILENT, new Stop());

        assertThat(result.outcome()).as("%s", result).isEqualTo(RunResult.Outcome.DONE);
        assertThat(written).isGreaterThan(before + 1);
        isRight("true");
        // Of the five rows of each write since: two changed as they stood, two written anew.
        assertThat(text("SELECT count(*) FROM item WHERE form = 2")).isEqualTo(String.valueOf(2 * (written - before)));
    }
}
