package dev.neap.postgres.rebuild;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neap.backfill.ApplicationWrites;
import dev.neap.backfill.Backfill;
import dev.neap.backfill.Cutover;
import dev.neap.backfill.LiveWrites;
import dev.neap.backfill.Rebuild;
import dev.neap.backfill.Schedule;
import dev.neap.backfill.ServerSignals;
import dev.neap.backfill.Throttle;
import dev.neap.plan.Plan;
import dev.neap.postgres.PostgresDialect;
import dev.neap.rebuild.Point;
import dev.neap.run.Neap;
import dev.neap.run.Probe;
import dev.neap.run.RunEvent;
import dev.neap.run.RunListener;
import dev.neap.run.RunResult;
import dev.neap.run.Stop;
import dev.neap.testkit.CatalogDescription;
import dev.neap.testkit.PostgresServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** Differences are written into the live partition; nothing else of it changes. Unit 1 is ledger_3. */
class MergeTest {
    private final PostgresServer server = PostgresServer.newest();

    private static String findings(Plan plan) {
        return plan.findings().stream().map(Object::toString).collect(Collectors.joining("\n"));
    }

    private static List<String> catalog(Ledger ledger) {
        try (Connection c = ledger.server.connect(ledger.database)) {
            return CatalogDescription.ofDatabase(c);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void only_rows_that_differ_are_written_and_the_catalog_stays_as_it_was() {
        Ledger ledger = new Ledger(server, "merge_few").withRows(3_000);
        server.execute(
                ledger.database,
                "UPDATE ledger SET form = 2, amount = amount * 100 WHERE id % 10 <> 0",
                "CREATE TABLE seen AS SELECT day, id, xmin::text AS was, form FROM ledger",
                "CREATE TABLE was AS SELECT c.oid::bigint, c.relname, c.relfilenode FROM pg_class c WHERE relname LIKE 'ledger%'");
        List<String> before = catalog(ledger);

        Merges.done(ledger, Merges.merging(ledger), Probe.NONE);

        assertThat(ledger.number("SELECT count(*) FROM ledger WHERE amount <> id * 100"))
                .isZero();
        assertThat(ledger.number("SELECT sum(rows_merged) FROM neap.unit")).isEqualTo(900);
        assertThat(
                        ledger.number(
                                "SELECT count(*) FROM ledger JOIN seen USING (day, id) WHERE (seen.form = 1) <> (ledger.xmin::text <> was)"))
                .as("every row that differed was written, no other")
                .isZero();
        assertThat(
                        ledger.number(
                                "SELECT count(*) FROM was JOIN pg_class c USING (oid, relname, relfilenode) WHERE relname LIKE 'ledger%'"))
                .as("no relation was replaced")
                .isEqualTo(ledger.number("SELECT count(*) FROM was"));
        Merges.neap(ledger, Ledger.QUICK, Probe.NONE).uninstall(false);
        assertThat(catalog(ledger)).isEqualTo(before);
    }

    @Test
    void a_table_that_others_reference_and_a_view_on_a_partition_are_no_hindrance() {
        Ledger ledger = new Ledger(server, "merge_inbound").withRows(1_000);
        server.execute(
                ledger.database,
                "CREATE TABLE detail (id bigint PRIMARY KEY, day date, entry bigint, FOREIGN KEY (day, entry) REFERENCES ledger (day, id))",
                "INSERT INTO detail SELECT id, day, id FROM ledger WHERE id % 3 = 0",
                "CREATE VIEW newest AS SELECT * FROM ledger_3");
        assertThat(findings(Merges.neap(ledger, Ledger.QUICK, Probe.NONE).plan(ledger.backfill())))
                .contains("detail_day_entry_fkey")
                .contains("view newest")
                .contains("say cutover: merge");
        Once once = new Once(
                Point.AFTER_MERGE_BATCH,
                () -> server.execute(
                        ledger.database,
                        "INSERT INTO ledger VALUES ('2026-01-03', 900001, 1, 5, 1, 'referenced at once')",
                        "INSERT INTO detail VALUES (900001, '2026-01-03', 900001)"));

        Merges.done(ledger, Merges.merging(ledger), once);

        assertThat(once.did()).isTrue();
        assertThat(ledger.number("SELECT count(*) FROM detail JOIN ledger l ON l.day = detail.day AND l.id = entry"))
                .isEqualTo(1_001);
        assertThat(ledger.number("SELECT count(*) FROM newest WHERE form = 2")).isEqualTo(1_001);
    }

    /** Of ledger_3 each row takes 10 ms to be written; how long the application's longest statement takes meanwhile. */
    private Duration longestWait(String database, boolean heeded) throws Exception {
        Ledger ledger = new Ledger(server, database).withRows(300);
        server.execute(ledger.database, """
                CREATE FUNCTION slow(day date) RETURNS boolean LANGUAGE plpgsql AS $$
                BEGIN
                    IF day = '2026-01-03' AND current_setting('application_name') LIKE 'neap run % writes' THEN
                        PERFORM pg_sleep(0.01);
                    END IF;
                    RETURN true;
                END $$
                """, "ALTER TABLE ledger ADD CHECK (slow(day))");
        Throttle throttle = new Throttle(null, false, heeded, List.of(), null, ServerSignals.NONE, Schedule.ALWAYS);
        AtomicReference<Duration> longest = new AtomicReference<>(Duration.ZERO);
        AtomicBoolean over = new AtomicBoolean();
        Thread application = new Thread(() -> {
            for (int id = 2; !over.get(); id = id % 897 + 3) {
                long began = System.nanoTime();
                server.execute(
                        ledger.database, "UPDATE ledger SET note = 'seen' WHERE day = '2026-01-03' AND id = " + id);
                Duration took = Duration.ofNanos(System.nanoTime() - began);
                longest.accumulateAndGet(took, (a, b) -> a.compareTo(b) > 0 ? a : b);
            }
        });
        Merges.done(ledger, Merges.merging(ledger).with(throttle), new Once(Point.BEFORE_MERGE, application::start));
        over.set(true);
        application.join();
        assertThat(ledger.number("SELECT count(*) FROM ledger WHERE amount <> id * 100"))
                .isZero();
        return longest.get();
    }

    @Test
    void who_waits_for_a_row_of_a_batch_gets_it_at_once() throws Exception {
        assertThat(longestWait("merge_heeded", true)).isLessThan(Duration.ofMillis(1_500));
        assertThat(longestWait("merge_unheeded", false))
                .as("where nobody looks")
                .isGreaterThan(Duration.ofSeconds(2));
    }

    @Test
    void rows_written_in_the_middle_of_a_merge_are_right_and_transformed_once() {
        Ledger ledger = new Ledger(server, "merge_writes").withRows(3_000);
        Once once = new Once(
                Point.AFTER_MERGE_BATCH,
                () -> server.execute(
                        ledger.database,
                        // One that was merged, in the old form again; one that was not yet; one merged that keeps its
                        // form.
                        "UPDATE ledger SET amount = 7, form = 1 WHERE day = '2026-01-03' AND id = 2",
                        "UPDATE ledger SET amount = 8 WHERE day = '2026-01-03' AND id = 8996",
                        "UPDATE ledger SET note = 'kept' WHERE day = '2026-01-03' AND id = 5",
                        "DELETE FROM ledger WHERE day = '2026-01-03' AND id = 8",
                        "UPDATE ledger SET id = 900001 WHERE day = '2026-01-03' AND id = 8993",
                        "INSERT INTO ledger VALUES ('2026-01-03', 900002, 1, 9, 1, 'new')",
                        "UPDATE ledger SET day = '2026-01-01' WHERE day = '2026-01-03' AND id = 11",
                        "UPDATE ledger SET day = '2026-01-03' WHERE day = '2026-01-01' AND id = 3"));

        Merges.done(ledger, Merges.merging(ledger), once);

        assertThat(once.did()).isTrue();
        assertThat(ledger.number("""
                        SELECT count(*) FROM ledger WHERE amount <> 100 * CASE id
                            WHEN 2 THEN 7 WHEN 8996 THEN 8 WHEN 900001 THEN 8993 WHEN 900002 THEN 9 ELSE id END
                        """)).isZero();
        assertThat(ledger.number("SELECT count(*) FROM ledger WHERE note = 'kept'"))
                .isEqualTo(1);
        assertThat(ledger.number("SELECT count(*) FROM ledger")).isEqualTo(9_000);
    }

    @Test
    void neaps_own_updates_are_no_writes_of_the_application() {
        Ledger ledger = new Ledger(server, "merge_own").withRows(1_000);
        Backfill backfill = Merges.merging(ledger);
        Rebuild r = backfill.rebuild();
        Rebuild quiet = new Rebuild(
                        r.table(),
                        r.partitions(),
                        r.set(),
                        r.alreadyRight(),
                        ApplicationWrites.OLD,
                        LiveWrites.NONE,
                        Duration.ofDays(7))
                .with(Cutover.MERGE);

        Merges.done(ledger, backfill.with(quiet), Probe.NONE);

        assertThat(ledger.number("SELECT count(*) FROM ledger WHERE amount <> id * 100"))
                .isZero();
        assertThat(ledger.number("SELECT sum(changes_replayed) FROM neap.unit")).isZero();
    }

    @Test
    void the_mark_of_a_merge_is_worth_nothing_in_another_transaction() {
        Ledger ledger = new Ledger(server, "merge_mark").withRows(1_000);
        Once once = new Once(Point.AFTER_LOAD, () -> {
            try (Connection c = server.connect(ledger.database);
                    Statement s = c.createStatement()) {
                s.execute("SELECT set_config('neap.merges', '1 ' || pg_current_xact_id(), false)");
                s.execute("UPDATE ledger SET amount = 7 WHERE day = '2026-01-03' AND id = 2");
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        });

        Merges.done(ledger, Merges.merging(ledger), once);

        assertThat(ledger.number("SELECT amount::bigint FROM ledger WHERE id = 2"))
                .isEqualTo(700);
    }

    @Test
    void a_row_that_is_locked_is_waited_for_and_its_holder_is_named() {
        Ledger ledger = new Ledger(server, "merge_locked").withRows(1_000);
        try (Connection c = server.connect(ledger.database);
                Statement s = c.createStatement()) {
            Once lock = new Once(Point.BEFORE_MERGE, () -> {
                try {
                    c.setAutoCommit(false);
                    s.execute("SET application_name = 'the one who holds it'");
                    s.execute("UPDATE ledger SET amount = 5 WHERE day = '2026-01-03' AND id = 2");
                } catch (SQLException e) {
                    throw new IllegalStateException(e);
                }
            });
            RunResult first = Merges.run(ledger, Merges.merging(ledger), Ledger.IMPATIENT, lock);

            assertThat(first.outcome()).isEqualTo(RunResult.Outcome.LOCKED_OUT);
            assertThat(first.causes().toString())
                    .contains("1 rows are not merged yet")
                    .contains("the one who holds it")
                    .contains("the next run goes on from there");
            assertThat(ledger.number("SELECT count(*) FROM ledger_3 WHERE form = 2"))
                    .as("all others went through, and nobody waited for the locked one")
                    .isEqualTo(999);
            c.commit();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        Merges.done(ledger, Merges.merging(ledger), Probe.NONE);
        assertThat(ledger.number("SELECT amount::bigint FROM ledger WHERE id = 2"))
                .isEqualTo(500);
    }

    @Test
    void triggers_of_the_table_do_not_fire_for_a_merge() {
        Ledger ledger = new Ledger(server, "merge_triggers").withRows(1_000);
        server.execute(
                ledger.database,
                "CREATE FUNCTION touched() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.note := 'touched'; RETURN NEW; END $$",
                "CREATE TRIGGER touch BEFORE UPDATE ON ledger FOR EACH ROW EXECUTE FUNCTION touched()",
                "CREATE ROLE merger_plain LOGIN SUPERUSER",
                "CREATE ROLE merge_owner",
                "CREATE ROLE merge_least LOGIN IN ROLE merge_owner, pg_read_all_stats",
                "GRANT CREATE ON DATABASE merge_triggers TO merge_least",
                "GRANT USAGE, CREATE ON SCHEMA public TO merge_least, merge_owner",
                "ALTER TABLE ledger OWNER TO merge_owner",
                "ALTER TABLE ledger_1 OWNER TO merge_owner",
                "ALTER TABLE ledger_2 OWNER TO merge_owner",
                "ALTER TABLE ledger_3 OWNER TO merge_owner",
                "ALTER TABLE ledger_rest OWNER TO merge_owner",
                "GRANT SELECT, REFERENCES, MAINTAIN ON account TO merge_least");
        Neap least = new Neap(
                new PostgresDialect(), server.target(ledger.database, "merge_least"), Ledger.QUICK, Probe.NONE);
        assertThat(findings(least.plan(Merges.merging(ledger))))
                .contains("triggers on ledger_3 (touch) would fire")
                .contains("GRANT SET ON PARAMETER session_replication_role TO merge_least");

        server.execute(ledger.database, "GRANT SET ON PARAMETER session_replication_role TO merge_least");
        Plan plan = least.plan(Merges.merging(ledger));
        assertThat(plan.refused()).as("%s", plan.findings()).isFalse();
        assertThat(least.run(plan, RunListener.SILENT, new Stop()).outcome()).isEqualTo(RunResult.Outcome.DONE);

        assertThat(ledger.number("SELECT count(*) FROM ledger WHERE form = 2 AND note LIKE 'n%' AND amount = id * 100"))
                .isEqualTo(3_000);
    }

    @Test
    void a_foreign_key_over_a_recomputed_column_is_proven_before_any_row_is_merged() {
        Ledger ledger = new Ledger(server, "merge_key").withRows(1_000);
        Backfill backfill = Merges.merging(ledger);
        Rebuild r = backfill.rebuild();
        Map<String, String> set = Map.of("account", "account + 1", "form", "2");
        Rebuild over = new Rebuild(
                        r.table(), r.partitions(), set, "form = 2", r.applicationWrites(), r.writes(), r.keepOld())
                .with(Cutover.MERGE);

        RunResult refused = Merges.run(ledger, backfill.with(over), Ledger.QUICK, Probe.NONE);

        assertThat(refused.outcome()).isEqualTo(RunResult.Outcome.FAILED);
        assertThat(refused.causes().toString()).contains("ledger_account_fkey");
        assertThat(ledger.number("SELECT count(*) FROM ledger WHERE form = 2"))
                .as("account 51 is not there, so not a single row was touched")
                .isZero();
        server.execute(ledger.database, "INSERT INTO account VALUES (51, 'late')");
        Once once = new Once(
                Point.AFTER_MERGE_BATCH,
                () -> server.execute(
                        ledger.database,
                        "UPDATE ledger SET note = 'kept' WHERE day = '2026-01-03' AND id = 5",
                        "DELETE FROM ledger WHERE day = '2026-01-03' AND id = 8"));
        Merges.done(ledger, backfill.with(over), once);
        assertThat(ledger.number("SELECT count(*) FROM ledger WHERE account = 2 + id % 50"))
                .isEqualTo(2_999);
    }

    @Test
    void what_could_stop_a_merge_half_way_is_refused() {
        Ledger ledger = new Ledger(server, "merge_refused").withRows(100);
        server.execute(
                ledger.database,
                "CREATE UNIQUE INDEX one_amount ON ledger_2 (id, (amount + 1))",
                "ALTER TABLE ledger_3 ADD CONSTRAINT small CHECK (amount < 100) NOT VALID",
                "CREATE RULE quiet AS ON UPDATE TO ledger_1 DO INSTEAD NOTHING");

        String found = findings(Merges.neap(ledger, Ledger.QUICK, Probe.NONE).plan(Merges.merging(ledger)));

        assertThat(found)
                .contains("amount is in the unique index or exclusion constraint one_amount")
                .contains("the constraint small of ledger_3 was never validated")
                .contains("the rule quiet on ledger_1");
    }

    @Test
    void without_a_predicate_a_recompute_that_differs_when_done_twice_is_refused_whoever_writes() {
        Ledger ledger = new Ledger(server, "merge_twice").withRows(100);
        Backfill backfill = Merges.merging(ledger);
        Rebuild r = backfill.rebuild();
        Rebuild blind = new Rebuild(
                        r.table(),
                        r.partitions(),
                        Map.of("amount", "amount * 100"),
                        null,
                        r.applicationWrites(),
                        LiveWrites.NONE,
                        r.keepOld())
                .with(Cutover.MERGE);

        assertThat(Merges.neap(ledger, Ledger.QUICK, Probe.NONE)
                        .plan(backfill.with(blind))
                        .refused())
                .isTrue();
    }

    @Test
    void a_subscriber_is_sent_every_difference_and_nothing_of_neaps() throws SQLException {
        try (PostgresServer publisher = PostgresServer.start(18, Map.of("wal_level", "logical"));
                PostgresServer subscriber = PostgresServer.start(18, Map.of())) {
            Ledger ledger = new Ledger(publisher, "published").withRows(2_000);
            Ledger copy = new Ledger(subscriber, "copied").withRows(1);
            subscriber.execute(copy.database, "TRUNCATE ledger");
            publisher.execute(ledger.database, "CREATE PUBLICATION everything FOR ALL TABLES");
            publisher.execute(ledger.database, "SELECT pg_create_logical_replication_slot('other', 'pgoutput')");
            assertThat(findings(Merges.neap(ledger, Ledger.QUICK, Probe.NONE).plan(Merges.merging(ledger))))
                    .contains("the publication everything is for all tables");
            publisher.execute(
                    ledger.database,
                    "DROP PUBLICATION everything",
                    "SELECT pg_drop_replication_slot('other')",
                    "CREATE PUBLICATION two FOR TABLE ledger, account");
            subscriber.execute(
                    copy.database,
                    "TRUNCATE account CASCADE",
                    "CREATE SUBSCRIPTION copy CONNECTION 'host=localhost port=" + publisher.port()
                            + " user=postgres dbname=published' PUBLICATION two");
            Awaitility.await()
                    .atMost(Duration.ofSeconds(60))
                    .until(() -> copy.number("SELECT count(*) FROM ledger") == 6_000);
            assertThat(findings(Merges.neap(ledger, Ledger.QUICK, Probe.NONE).plan(ledger.backfill())))
                    .as("a swap")
                    .contains("say cutover: merge");

            Merges.done(ledger, Merges.merging(ledger), Probe.NONE);

            Awaitility.await()
                    .atMost(Duration.ofSeconds(60))
                    .until(() ->
                            copy.number("SELECT count(*) FROM ledger WHERE form = 2 AND amount = id * 100") == 6_000);
            assertThat(copy.number("SELECT count(*) FROM pg_stat_subscription_stats WHERE apply_error_count > 0"))
                    .isZero();
            subscriber.execute(copy.database, "DROP SUBSCRIPTION copy");
        }
    }

    @Test
    void merges_on_the_oldest_version_too() {
        Ledger ledger = new Ledger(PostgresServer.oldest(), "merge_oldest").withRows(1_000);

        Merges.done(ledger, Merges.merging(ledger), Probe.NONE);

        assertThat(ledger.number("SELECT count(*) FROM ledger WHERE amount <> id * 100"))
                .isZero();
        assertThat(ledger.events).noneMatch(e -> e instanceof RunEvent.UnitFailed);
    }
}
