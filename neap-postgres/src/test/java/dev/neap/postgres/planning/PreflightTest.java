package dev.neap.postgres.planning;

import static dev.neap.postgres.planning.Planning.declared;
import static dev.neap.postgres.planning.Planning.named;
import static org.assertj.core.api.Assertions.assertThat;

import dev.neap.backfill.Backfill;
import dev.neap.backfill.Cutover;
import dev.neap.plan.Plan;
import dev.neap.postgres.preflight.Bytes;
import dev.neap.preflight.Finding;
import dev.neap.preflight.Finding.Severity;
import dev.neap.testkit.PostgresServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

@ParameterizedClass
@MethodSource("dev.neap.testkit.PostgresServer#tested")
class PreflightTest {
    @Parameter
    private int major;

    private Planning database;

    @BeforeEach
    void a_fresh_database() {
        database = new Planning(PostgresServer.of(major), "preflight").withEvents();
    }

    @Test
    void sees_nothing_wrong_with_the_common_case() throws SQLException {
        Plan plan = plan();

        assertThat(plan.findings())
                .allMatch(f -> f.severity() == Severity.NOTE)
                .extracting(Finding::check)
                .containsExactlyInAnyOrder("recompute-sample", "cutover", "disk");
    }

    @Test
    void says_how_much_disk_is_needed_of_a_merge_by_each_worker() throws SQLException {
        Backfill swap = declared("events").backfill();

        Plan merge = database.plan(swap.with(swap.rebuild().with(Cutover.MERGE)));

        assertThat(only(merge, "disk", Severity.NOTE).what())
                .startsWith("needs about " + Bytes.of(merge.estimate().shadowBytes())
                        + " free in pg_default for each worker, for sorting ");
        assertThat(only(plan(), "disk", Severity.NOTE).what()).contains(" free in pg_default until cleanup, for ");
    }

    @Test
    void says_of_a_merge_that_nobody_takes_its_dead_rows_away() throws SQLException {
        database.execute("ALTER TABLE events_03 SET (autovacuum_enabled = off)");
        Backfill swap = declared("events").backfill();

        assertThat(named(database.plan(swap), "autovacuum")).isEmpty();
        assertThat(only(database.plan(swap.with(swap.rebuild().with(Cutover.MERGE))), "autovacuum", Severity.WARNING)
                        .fix())
                .isEqualTo("ALTER TABLE public.events_03 RESET (autovacuum_enabled)");
    }

    @Test
    void refuses_inbound_foreign_keys_and_names_them_once() throws SQLException {
        database.execute(
                "CREATE TABLE notes (event bigint, at timestamptz, CONSTRAINT of_event FOREIGN KEY (event, at) REFERENCES"
                        + " events)");

        Finding finding = only(plan(), "inbound-foreign-keys", Severity.ERROR);

        assertThat(finding.what()).endsWith("by of_event on notes to events");
    }

    @Test
    void refuses_a_foreign_key_to_a_partition() throws SQLException {
        database.execute(
                "CREATE TABLE notes (event bigint, at timestamptz, CONSTRAINT of_event FOREIGN KEY (event, at) REFERENCES"
                        + " events_03)");

        assertThat(only(plan(), "inbound-foreign-keys", Severity.ERROR).what())
                .contains("of_event on notes to events_03");
    }

    @Test
    void refuses_what_depends_on_a_partition_and_names_it() throws SQLException {
        database.execute(
                "CREATE VIEW march AS SELECT id FROM events_03",
                "CREATE MATERIALIZED VIEW april AS SELECT id FROM events_04",
                "CREATE FUNCTION may(e events_05) RETURNS bigint LANGUAGE sql AS 'SELECT e.id'",
                "CREATE VIEW all_events AS SELECT id FROM events");

        String what = only(plan(), "dependents", Severity.ERROR).what();

        assertThat(what)
                .contains(
                        "view march (of events_03)",
                        "materialized view april (of events_04)",
                        "function may(events_05)")
                .doesNotContain("all_events");
    }

    @Test
    void refuses_indexes_that_attach_would_build() throws SQLException {
        database.execute("CREATE INDEX by_label ON ONLY events (label)");

        assertThat(only(plan(), "indexes", Severity.ERROR).what()).contains("by_label on events_01");
    }

    @Test
    void warns_of_a_publication_and_refuses_it_where_somebody_reads() throws SQLException {
        database.execute("CREATE PUBLICATION everything FOR ALL TABLES");
        assertThat(only(plan(), "publications", Severity.WARNING).what()).contains("everything (all tables)");

        database.execute("SELECT pg_create_logical_replication_slot('reader', 'pgoutput')");
        try {
            assertThat(only(plan(), "publications", Severity.ERROR).what()).contains("reader");
        } finally {
            database.execute("SELECT pg_drop_replication_slot('reader')");
        }
    }

    @Test
    void has_nothing_against_a_publication_of_other_tables() throws SQLException {
        database.execute("CREATE TABLE other (id int PRIMARY KEY)", "CREATE PUBLICATION others FOR TABLE other");

        assertThat(named(plan(), "publications")).isEmpty();
    }

    @Test
    void warns_of_event_triggers() throws SQLException {
        database.execute(
                "CREATE FUNCTION noticed() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END'",
                "CREATE EVENT TRIGGER watcher ON ddl_command_end EXECUTE FUNCTION noticed()");

        assertThat(only(plan(), "event-triggers", Severity.WARNING).what()).contains("watcher on ddl_command_end");
    }

    @Test
    void warns_of_prepared_transactions_and_not_of_short_ones() throws SQLException {
        try (Connection other = database.connect();
                Statement statement = other.createStatement()) {
            other.setAutoCommit(false);
            statement.execute("SELECT count(*) FROM events");
            assertThat(named(plan(), "long-transactions")).isEmpty();

            statement.execute("UPDATE events SET amount = 1 WHERE id = 1");
            statement.execute("PREPARE TRANSACTION 'forgotten'");
        }
        try {
            assertThat(only(plan(), "long-transactions", Severity.WARNING).what())
                    .contains("'forgotten'");
        } finally {
            database.execute("ROLLBACK PREPARED 'forgotten'");
        }
    }

    @Test
    void warns_of_standbys_that_the_file_does_not_name() throws SQLException {
        try (PostgresServer primary = PostgresServer.start(major, Map.of());
                PostgresServer standby = primary.standby()) {
            Planning replicated = new Planning(primary, "replicated").withEvents();
            primary.awaitReplay(standby);

            assertThat(only(replicated.plan(declared("events").backfill()), "standbys", Severity.WARNING)
                            .fix())
                    .contains("replicas:");
            assertThat(named(
                            replicated.plan(declared("events")
                                    .replicas("postgresql://standby")
                                    .backfill()),
                            "standbys"))
                    .isEmpty();
            try (Connection connection = standby.connect("replicated")) {
                Plan there = new PostgresPlanner(connection, StepSqlSource.NONE)
                        .plan(declared("events").backfill());
                assertThat(only(there, "writable-server", Severity.ERROR).what())
                        .contains("standby");
            }
        }
    }

    @Test
    void refuses_row_security_that_holds_for_its_role() throws SQLException {
        database.execute(
                "DROP ROLE IF EXISTS secured",
                "CREATE ROLE secured LOGIN",
                "ALTER TABLE events_03 OWNER TO secured",
                "ALTER TABLE events_03 ENABLE ROW LEVEL SECURITY",
                "ALTER TABLE events_03 FORCE ROW LEVEL SECURITY");
        try (Connection connection = database.connect("secured")) {
            Plan plan = new PostgresPlanner(connection, StepSqlSource.NONE)
                    .plan(declared("events").between("2024-03-01", "2024-04-01").backfill());

            assertThat(only(plan, "row-security", Severity.ERROR).what()).contains("events_03");
        } finally {
            database.execute("DROP OWNED BY secured", "DROP ROLE secured");
        }
    }

    @Test
    void names_each_missing_privilege_with_its_grant() throws SQLException {
        database.execute(
                "DROP ROLE IF EXISTS stranger",
                "CREATE ROLE stranger LOGIN",
                "REVOKE ALL ON SCHEMA public FROM PUBLIC",
                "GRANT USAGE ON SCHEMA public TO stranger",
                "GRANT SELECT ON ALL TABLES IN SCHEMA public TO stranger");
        try (Connection connection = database.connect("stranger")) {
            Plan plan = new PostgresPlanner(connection, StepSqlSource.NONE)
                    .plan(declared("events").backfill());

            assertThat(named(plan, "privileges"))
                    .allMatch(f -> f.severity() == Severity.ERROR)
                    .extracting(Finding::fix)
                    .containsExactly(
                            "GRANT postgres TO stranger" + (major >= 16 ? " WITH INHERIT TRUE, SET TRUE" : ""),
                            "GRANT CONNECT, CREATE ON DATABASE preflight TO stranger",
                            "GRANT USAGE, CREATE ON SCHEMA public TO stranger",
                            "GRANT pg_read_all_stats TO stranger");
            if (major >= 16) {
                database.execute("GRANT postgres TO stranger WITH INHERIT TRUE, SET FALSE");
                Plan member = new PostgresPlanner(connection, StepSqlSource.NONE)
                        .plan(declared("events").backfill());

                assertThat(named(member, "privileges"))
                        .filteredOn(f -> f.fix().startsWith("GRANT postgres"))
                        .as("who may not SET ROLE cannot make the owner the owner of a shadow")
                        .extracting(Finding::what)
                        .singleElement()
                        .asString()
                        .contains("stranger is not a member of postgres with INHERIT and SET");
            }
        } finally {
            database.execute("DROP OWNED BY stranger", "DROP ROLE stranger");
        }
    }

    @Test
    void refuses_shapes_that_this_version_does_not_do() throws SQLException {
        database.execute(
                "CREATE FOREIGN DATA WRAPPER away",
                "CREATE SERVER there FOREIGN DATA WRAPPER away",
                "CREATE TABLE half (id int, amount int) PARTITION BY RANGE (id)",
                "CREATE FOREIGN TABLE half_1 PARTITION OF half FOR VALUES FROM (1) TO (9) SERVER there",
                "CREATE TABLE keyless (id int, amount int, other int) PARTITION BY RANGE (id)",
                "CREATE TABLE keyless_1 PARTITION OF keyless FOR VALUES FROM (1) TO (9)",
                "CREATE UNIQUE INDEX ON keyless_1 (id)",
                "CREATE TABLE keyed (id int NOT NULL, amount int) PARTITION BY RANGE (id)",
                "CREATE TABLE keyed_1 PARTITION OF keyed FOR VALUES FROM (1) TO (9)",
                "CREATE UNIQUE INDEX ON keyed_1 (id)");

        assertThat(shape("half", "table-shape").what()).contains("public.half_1 foreign tables");
        assertThat(shape("keyless", "row-key").what())
                .contains("public.keyless_1 without a primary key, or a unique index over columns that refuse null");
        assertThat(database.plan(declared("keyed").backfill()).refused()).isFalse();
    }

    @Test
    void a_partition_without_a_key_needs_an_application_that_does_not_write_and_no_foreign_keys() throws SQLException {
        database.execute(
                "CREATE TABLE other (id int PRIMARY KEY)",
                "CREATE TABLE keyless (id int, amount int, other int) PARTITION BY RANGE (id)",
                "CREATE TABLE keyless_1 PARTITION OF keyless FOR VALUES FROM (1) TO (9)");

        Plan quiet = database.plan(declared("keyless").noWrites().backfill());
        assertThat(quiet.refused()).as(quiet.findings().toString()).isFalse();
        assertThat(only(quiet, "row-key", Severity.NOTE).why()).contains("sends the partition back to its load");

        database.execute("ALTER TABLE keyless_1 ADD FOREIGN KEY (other) REFERENCES other");
        Plan referencing = database.plan(declared("keyless").noWrites().backfill());
        assertThat(only(referencing, "row-key", Severity.ERROR).what())
                .isEqualTo("public.keyless_1 with foreign keys and without a key of their own");
    }

    @Test
    void refuses_partitions_of_the_same_name_in_two_schemas() throws SQLException {
        database.execute(
                "CREATE SCHEMA other",
                "CREATE TABLE twice (id int PRIMARY KEY, amount int) PARTITION BY RANGE (id)",
                "CREATE TABLE twice_1 PARTITION OF twice FOR VALUES FROM (1) TO (9)",
                "CREATE TABLE other.twice_1 PARTITION OF twice FOR VALUES FROM (10) TO (19)");

        assertThat(shape("twice", "same-names").what())
                .endsWith("other.twice_1 and twice_1, other.twice_1_pkey and twice_1_pkey");
        assertThat(database.plan(declared("twice").between(null, "10").backfill())
                        .refused())
                .isFalse();
    }

    @Test
    void what_decides_a_row_s_place_or_its_key_may_not_be_set() throws SQLException {
        database.execute(
                "CREATE TABLE parts (id int NOT NULL, day date, kind text, code text NOT NULL GENERATED ALWAYS AS ('c' || id) STORED, amount int)"
                        + " PARTITION BY RANGE (date_trunc('month', day::timestamp))",
                "CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM ('2024-01-01') TO ('2024-02-01') PARTITION BY LIST (lower(kind))",
                "CREATE TABLE parts_1a PARTITION OF parts_1 (UNIQUE (code)) FOR VALUES IN ('a')");

        assertThat(setting("day", "'2024-01-02'")).contains("sets part of the partition key");
        assertThat(setting("kind", "'a'")).contains("sets part of the partition key");
        assertThat(setting("code", "'a'")).contains("sets a generated column");
        assertThat(setting("id", "id + 1")).contains("sets a column from which part of the row's key is generated");
    }

    private String setting(String column, String sql) throws SQLException {
        Plan plan = database.plan(declared("parts").set(column, sql).backfill());
        return only(plan, "set-column", Severity.ERROR).what();
    }

    @Test
    void says_so_when_the_role_s_settings_would_end_its_sessions() throws SQLException {
        database.execute(
                "DROP ROLE IF EXISTS hasty",
                "CREATE ROLE hasty LOGIN SUPERUSER",
                "ALTER ROLE hasty SET idle_session_timeout = '1min'",
                "ALTER ROLE hasty SET temp_file_limit = '1MB'",
                "ALTER ROLE hasty SET deadlock_timeout = '10s'");
        try (Connection connection = database.connect("hasty")) {
            Plan plan = new PostgresPlanner(connection, StepSqlSource.NONE)
                    .plan(declared("events").backfill());

            // The sorts of this table fit in memory, so that limit alone is none of its business.
            assertThat(only(plan, "timeouts", Severity.WARNING).what()).contains("idle_session_timeout is 1min");
            assertThat(only(plan, "settings", Severity.WARNING).what()).contains("deadlock_timeout is 10s");
        } finally {
            database.execute("DROP ROLE hasty");
        }
    }

    private Finding shape(String table, String check) throws SQLException {
        Plan plan = database.plan(declared(table).backfill());
        assertThat(plan.refused()).isTrue();
        assertThat(plan.steps()).isEmpty();
        return only(plan, check, Severity.ERROR);
    }

    private Plan plan() throws SQLException {
        return database.plan(declared("events").backfill());
    }

    private static Finding only(Plan plan, String check, Severity severity) {
        List<Finding> findings = named(plan, check);
        assertThat(findings).as("%s in %s", check, plan.findings()).hasSize(1);
        assertThat(findings.get(0).severity()).isEqualTo(severity);
        return findings.get(0);
    }
}
