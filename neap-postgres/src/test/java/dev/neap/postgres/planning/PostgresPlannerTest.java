package dev.neap.postgres.planning;

import static dev.neap.postgres.planning.Planning.declared;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.neap.backfill.ApplicationWrites;
import dev.neap.backfill.Backfill;
import dev.neap.backfill.Pace;
import dev.neap.backfill.RowsPerSecond;
import dev.neap.dialect.NeapException;
import dev.neap.plan.Plan;
import dev.neap.plan.PlannedUnit;
import dev.neap.postgres.planning.Planning.Declared;
import dev.neap.testkit.PostgresServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class PostgresPlannerTest {
    private static Planning newest;
    private static Planning oldest;

    @BeforeAll
    static void databases() {
        newest = new Planning(PostgresServer.newest(), "planner").withEvents();
        oldest = new Planning(PostgresServer.oldest(), "planner").withEvents();
    }

    static List<Planning> servers() {
        return List.of(newest, oldest);
    }

    @ParameterizedTest
    @MethodSource("servers")
    void freezes_every_partition_newest_first_and_the_default_one_last(Planning server) throws SQLException {
        Plan plan = server.plan(declared("events").backfill());

        assertThat(plan.refused()).as(plan.findings().toString()).isFalse();
        assertThat(plan.units()).hasSize(13);
        assertThat(plan.units().get(12).bound()).isEqualTo("DEFAULT");
        PlannedUnit first = plan.units().get(0);
        assertThat(first.position()).isEqualTo(1);
        assertThat(first.partition()).hasToString("public.events_12");
        assertThat(first.bound()).isEqualTo("FOR VALUES FROM ('2024-12-01 00:00:00+00') TO ('2025-01-01 00:00:00+00')");
        assertThat(plan.units().stream().mapToLong(PlannedUnit::rowsEstimated).sum())
                .isEqualTo(2400);
        assertThat(first.tableBytes()).isPositive();
        assertThat(first.indexBytes()).isPositive();
        assertThat(plan.server())
                .isEqualTo("PostgreSQL " + server.server.major() + plan.server().substring(13));
        assertThat(Planning.named(plan, "default-partition")).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("servers")
    void chooses_what_lies_wholly_inside_and_says_what_it_leaves_out(Planning server) throws SQLException {
        Plan plan = server.plan(declared("events")
                .between("2024-03-01", "2024-05-02")
                .oldestFirst()
                .backfill());

        assertThat(plan.units()).extracting(u -> u.partition().name()).containsExactly("events_03", "events_04");
        assertThat(Planning.named(plan, "straddling").get(0).what()).contains("public.events_05");
        assertThat(Planning.named(plan, "default-partition").get(0).what()).contains("public.events_rest");
    }

    @Test
    void reads_a_time_without_a_zone_as_UTC_and_one_with_a_zone_as_written() throws SQLException {
        Plan utc =
                newest.plan(declared("events").between("2024-12-01 00:00", null).backfill());
        Plan zoned = newest.plan(
                declared("events").between("2024-12-01 01:00+01", null).backfill());
        Plan later = newest.plan(
                declared("events").between("2024-11-01 00:00-01", null).backfill());

        assertThat(utc.units()).hasSize(1);
        assertThat(zoned.units()).hasSize(1);
        assertThat(later.units()).hasSize(1);
    }

    @Test
    void an_empty_range_names_the_bounds_that_there_are() {
        assertThatThrownBy(() -> newest.plan(
                        declared("events").between("2030-01-01", null).backfill()))
                .isInstanceOf(NeapException.class)
                .hasMessageContaining("No partition of public.events lies wholly inside")
                .hasMessageContaining("2024-01-01 00:00:00+00")
                .hasMessageContaining("change from and to");
    }

    @Test
    void an_edge_that_is_no_value_of_the_key_s_type_is_a_usage_error() {
        assertThatThrownBy(() -> newest.plan(
                        declared("events").between("yesteryear", null).backfill()))
                .isInstanceOfSatisfying(
                        NeapException.class, e -> assertThat(e.kind()).isEqualTo(NeapException.Kind.USAGE))
                .hasMessage(
                        "rebuild.partitions.from: \"yesteryear\" is no timestamp with time zone, which is the type of"
                                + " public.events's partition key at; write a value of that type.");
    }

    @Test
    void a_table_that_is_not_there_brings_the_nearest_name() {
        assertThatThrownBy(() -> newest.plan(declared("event").backfill()))
                .isInstanceOf(NeapException.class)
                .hasMessage("There is no table public.event here; did you mean public.events?");
    }

    @Test
    void a_column_that_is_not_there_brings_the_nearest_name() {
        assertThatThrownBy(
                        () -> newest.plan(declared("events").set("amout", "1").backfill()))
                .isInstanceOf(NeapException.class)
                .hasMessage("rebuild.set: public.events has no column amout; did you mean amount?");
    }

    @Test
    void lists_what_a_swap_locks() throws SQLException {
        Plan plan = newest.plan(declared("events").backfill());

        assertThat(plan.locks())
                .filteredOn(lock -> lock.when() == Plan.TableLock.When.SWAP)
                .extracting(Plan.TableLock::table)
                .containsExactly("public.events", "public.events_rest", "public.events_12");
    }

    @Test
    void lists_what_is_locked_before_a_swap_and_after_it() throws SQLException {
        newest.execute(
                "CREATE TABLE place (id int PRIMARY KEY)",
                "CREATE TABLE visit (id int, day date, place int REFERENCES place, PRIMARY KEY (id, day))"
                        + " PARTITION BY RANGE (day)",
                "CREATE TABLE visit_1 PARTITION OF visit FOR VALUES FROM ('2026-01-01') TO ('2026-01-02')",
                "CREATE TABLE visit_2 PARTITION OF visit FOR VALUES FROM ('2026-01-02') TO ('2026-01-03')",
                "CREATE TABLE visit_rest PARTITION OF visit DEFAULT");

        Plan plan =
                newest.plan(declared("visit").set("place", "1").oldestFirst().backfill());

        assertThat(plan.locks())
                .filteredOn(lock -> lock.when() != Plan.TableLock.When.SWAP)
                .extracting(lock -> lock.when() + " " + lock.table() + " " + lock.mode())
                .containsExactly(
                        "BEFORE public.visit_1 SHARE ROW EXCLUSIVE",
                        "BEFORE public.place SHARE ROW EXCLUSIVE",
                        "BEFORE public.visit_rest ACCESS EXCLUSIVE",
                        "BEFORE public.place SHARE UPDATE EXCLUSIVE",
                        "BEFORE public.visit SHARE UPDATE EXCLUSIVE",
                        "BEFORE public.visit_rest SHARE UPDATE EXCLUSIVE",
                        "BEFORE public.visit_1 SHARE UPDATE EXCLUSIVE",
                        "AFTER public.visit_1 ACCESS EXCLUSIVE");
        assertThat(plan.locks().get(0).why())
                .isEqualTo("capture starts, again before foreign keys are built, and for the last drain:"
                        + " its writers wait; the others in their turn");
    }

    @Test
    void the_hash_stays_when_nothing_that_decides_the_rows_changes() throws SQLException {
        Plan first = newest.plan(declared("events").backfill());
        newest.execute("ANALYZE events");
        Plan paced = newest.plan(declared("events")
                .pace(new Pace(new RowsPerSecond(1), Duration.ofHours(1), Duration.ZERO))
                .replicas("postgresql://replica")
                .backfill());

        assertThat(first.hash()).matches("[0-9a-f]{64}").isEqualTo(paced.hash());
    }

    @Test
    void the_hash_changes_with_everything_that_decides_the_rows() throws SQLException {
        List<Declared> others = List.of(
                declared("events"),
                declared("events").set("amount", "abs(amount)"),
                declared("events").alreadyRight("version = 2"),
                declared("events").applicationWrites(ApplicationWrites.NEW),
                declared("events").noWrites(),
                declared("events").oldestFirst(),
                declared("events").between("2024-02-01", null),
                declared("events").assertion("some", "SELECT true"));
        Set<String> hashes = new HashSet<>();
        for (Declared other : others) {
            hashes.add(newest.plan(other.backfill()).hash());
        }
        hashes.add(oldest.plan(declared("events").backfill()).hash());

        assertThat(hashes).hasSize(others.size() + 1);
    }

    @Test
    void the_same_under_another_name_is_another_plan_for_it_would_be_done_once_more() throws SQLException {
        Backfill first = declared("events").alreadyRight("version = 2").backfill();
        Backfill second = new Backfill(
                "once-more",
                first.profile(),
                first.strategy(),
                first.pace(),
                first.batchRows(),
                first.failureLimit(),
                first.assertions(),
                first.replicas());

        assertThat(newest.plan(second).hash()).isNotEqualTo(newest.plan(first).hash());
    }

    @Test
    void the_schemas_in_which_a_function_is_looked_for_are_in_the_hash() throws SQLException {
        newest.execute(
                "CREATE SCHEMA IF NOT EXISTS elsewhere",
                "CREATE OR REPLACE FUNCTION elsewhere.mended(numeric) RETURNS numeric IMMUTABLE LANGUAGE sql AS 'SELECT $1'",
                "CREATE OR REPLACE FUNCTION public.mended(numeric) RETURNS numeric IMMUTABLE LANGUAGE sql AS 'SELECT $1'");
        Backfill backfill = declared("events").set("amount", "mended(amount)").backfill();
        Plan usual = newest.plan(backfill);

        try (Connection connection = newest.connect();
                Statement statement = connection.createStatement()) {
            statement.execute("SET search_path = elsewhere, public");
            assertThat(new PostgresPlanner(connection, StepSqlSource.NONE)
                            .plan(backfill)
                            .hash())
                    .isNotEqualTo(usual.hash());
        }
    }

    @Test
    void a_thousand_partitions_are_planned_in_seconds() throws SQLException {
        Planning many = new Planning(PostgresServer.newest(), "many");
        many.execute("CREATE TABLE many (id int PRIMARY KEY, amount int) PARTITION BY RANGE (id)");
        for (int from = 0; from < 1_000; from += 250) {
            many.execute(
                    "DO $$ BEGIN FOR i IN %d..%d LOOP EXECUTE format('CREATE TABLE many_%%s PARTITION OF many FOR VALUES FROM (%%s) TO (%%s)', i, i * 10, i * 10 + 10); END LOOP; END $$"
                            .formatted(from, from + 249));
        }
        many.execute("INSERT INTO many SELECT i, i FROM generate_series(0, 9999) AS i");

        long began = System.nanoTime();
        Plan plan = many.plan(declared("many").set("amount", "abs(amount)").backfill());
        Duration took = Duration.ofNanos(System.nanoTime() - began);

        assertThat(plan.units()).hasSize(1_000);
        assertThat(plan.units().get(0).partition().name()).isEqualTo("many_999");
        assertThat(plan.estimate().rows()).isEqualTo(10_000);
        assertThat(took).isLessThan(Duration.ofSeconds(10));
    }

    @Test
    void orders_by_every_column_of_a_key_and_by_its_own_order() throws SQLException {
        newest.execute(
                "CREATE TABLE two (a int, b text COLLATE \"C\", amount int, PRIMARY KEY (a, b)) PARTITION BY RANGE (a, b)",
                "CREATE TABLE two_last PARTITION OF two FOR VALUES FROM (10, 'a') TO (MAXVALUE, MAXVALUE)",
                "CREATE TABLE two_first PARTITION OF two FOR VALUES FROM (MINVALUE, MINVALUE) TO (-5, 'it''s')",
                "CREATE TABLE two_third PARTITION OF two FOR VALUES FROM (9, 'a') TO (10, 'a')",
                "CREATE TABLE two_second PARTITION OF two FOR VALUES FROM (9, 'Z') TO (9, 'a')");

        Plan plan = newest.plan(declared("two").oldestFirst().backfill());

        assertThat(plan.units())
                .extracting(u -> u.partition().name())
                .containsExactly("two_first", "two_second", "two_third", "two_last");
        Plan some = newest.plan(declared("two").between("9", "10").oldestFirst().backfill());
        // Rows of (10, …) lie below (10, 'a').
        assertThat(some.units()).extracting(u -> u.partition().name()).containsExactly("two_second");
        assertThat(Planning.named(some, "straddling").get(0).what()).contains("two_third");
    }

    @Test
    void names_of_any_kind_are_quoted() throws SQLException {
        newest.execute(
                "CREATE SCHEMA \"a.b; --\"",
                "CREATE TABLE \"a.b; --\".\"t\"\"; '\" (\"I d\" int PRIMARY KEY, \"select\" int) PARTITION BY RANGE (\"I d\")",
                "CREATE TABLE \"a.b; --\".\"p $1 ?\" PARTITION OF \"a.b; --\".\"t\"\"; '\" FOR VALUES FROM (0) TO (10)",
                "INSERT INTO \"a.b; --\".\"t\"\"; '\" VALUES (1, 1)");

        Plan plan = newest.plan(
                declared("a.b; --", "t\"; '").set("select", "\"I d\" * 0 + 1").backfill());

        assertThat(plan.refused()).as(plan.findings().toString()).isFalse();
        assertThat(plan.units()).extracting(u -> u.partition().name()).containsExactly("p $1 ?");
    }

    @ParameterizedTest
    @MethodSource("servers")
    void a_list_is_ordered_by_its_lowest_value_and_chosen_when_all_its_values_are_inside(Planning server)
            throws SQLException {
        server.execute(
                "CREATE TABLE shops (id int, country text COLLATE \"C\", amount int, PRIMARY KEY (id, country)) PARTITION BY LIST (country)",
                "CREATE TABLE shops_east PARTITION OF shops FOR VALUES IN ('jp', 'cn', 'it''s')",
                "CREATE TABLE shops_de PARTITION OF shops FOR VALUES IN ('de')",
                "CREATE TABLE shops_rest PARTITION OF shops DEFAULT",
                "CREATE TABLE shops_us PARTITION OF shops FOR VALUES IN ('us', 'US')");

        Plan all = server.plan(declared("shops").backfill());
        Plan some =
                server.plan(declared("shops").between("cn", "us").oldestFirst().backfill());
        Plan cut =
                server.plan(declared("shops").between("d", null).oldestFirst().backfill());

        assertThat(all.units())
                .extracting(u -> u.partition().name())
                .containsExactly("shops_de", "shops_east", "shops_us", "shops_rest");
        assertThat(some.units()).extracting(u -> u.partition().name()).containsExactly("shops_east", "shops_de");
        assertThat(Planning.named(some, "straddling")).isEmpty();
        assertThat(cut.units()).extracting(u -> u.partition().name()).containsExactly("shops_de");
        assertThat(Planning.named(cut, "straddling").get(0).what()).contains("shops_east", "shops_us");
    }

    @ParameterizedTest
    @MethodSource("servers")
    void the_leaves_of_partitions_of_partitions_are_units_and_a_range_is_about_the_table_s_own_key(Planning server)
            throws SQLException {
        server.execute(
                "CREATE TABLE deep (id int, day date, kind text, amount int) PARTITION BY RANGE (day)",
                "CREATE TABLE deep_1 PARTITION OF deep FOR VALUES FROM ('2024-01-01') TO ('2024-02-01') PARTITION BY HASH (id)",
                "CREATE TABLE deep_1b PARTITION OF deep_1 FOR VALUES WITH (MODULUS 2, REMAINDER 1)",
                "CREATE TABLE deep_1a PARTITION OF deep_1 FOR VALUES WITH (MODULUS 2, REMAINDER 0)",
                "CREATE TABLE deep_2 PARTITION OF deep FOR VALUES FROM ('2024-02-01') TO ('2024-03-01') PARTITION BY LIST (lower(kind))",
                "CREATE TABLE deep_2x PARTITION OF deep_2 FOR VALUES IN ('x')",
                "CREATE TABLE deep_2rest PARTITION OF deep_2 DEFAULT",
                "CREATE TABLE deep_2a PARTITION OF deep_2 FOR VALUES IN ('a')",
                "CREATE TABLE deep_3 PARTITION OF deep FOR VALUES FROM ('2024-03-01') TO (MAXVALUE)");

        Plan all = server.plan(declared("deep").noWrites().backfill());
        Plan some = server.plan(declared("deep")
                .noWrites()
                .between("2024-01-01", "2024-03-01")
                .oldestFirst()
                .backfill());
        Plan moving = server.plan(declared("deep").noWrites().set("kind", "'a'").backfill());

        assertThat(all.refused()).as(all.findings().toString()).isFalse();
        assertThat(all.units())
                .extracting(u -> u.partition().name())
                .containsExactly("deep_3", "deep_2x", "deep_2a", "deep_2rest", "deep_1a", "deep_1b");
        assertThat(some.units())
                .extracting(u -> u.partition().name())
                .containsExactly("deep_1a", "deep_1b", "deep_2a", "deep_2x", "deep_2rest");
        assertThat(Planning.named(moving, "set-column").get(0).what()).contains("part of the partition key");
    }

    @Test
    void a_range_means_nothing_for_hash_partitions() {
        newest.execute(
                "CREATE TABLE hashed (id int PRIMARY KEY, amount int) PARTITION BY HASH (id)",
                "CREATE TABLE hashed_0 PARTITION OF hashed FOR VALUES WITH (MODULUS 1, REMAINDER 0)");

        assertThatThrownBy(
                        () -> newest.plan(declared("hashed").between("1", null).backfill()))
                .isInstanceOfSatisfying(
                        NeapException.class, e -> assertThat(e.kind()).isEqualTo(NeapException.Kind.USAGE))
                .hasMessage(
                        "rebuild.partitions.from: public.hashed is partitioned by HASH (id), and HASH partitions have no order"
                                + " that a range could mean; leave from and to out to rebuild all of them.");
    }
}
