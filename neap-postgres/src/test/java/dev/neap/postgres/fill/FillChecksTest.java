package dev.neap.postgres.fill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.neap.postgres.preflight.ReplicasCheck;
import dev.neap.preflight.Finding;
import dev.neap.preflight.Finding.Severity;
import dev.neap.preflight.NullsHandled;
import dev.neap.testkit.PostgresServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the checks of a fill see of the server, and of what is around the two tables. */
class FillChecksTest {
    private static final String USERS = """
            fill:
              from: legacy
              into: users
              set: { id: id, name: lower(full_name) }
            """;

    private static final String COLUMN = """
            fill:
              into: legacy
              set: { short: "left(full_name, 3)" }
            """;

    private static FillDatabase db;

    @BeforeAll
    static void tables() throws SQLException {
        db = FillDatabase.create();
        db.execute(
                "CREATE TABLE legacy (id bigint PRIMARY KEY, full_name text NOT NULL, short text)",
                "INSERT INTO legacy SELECT n, 'Ada ' || n FROM generate_series(1, 1000) n ORDER BY md5(n::text)",
                "CREATE TABLE users (id bigint PRIMARY KEY, name text)",
                "ANALYZE");
    }

    @AfterAll
    static void drop() throws SQLException {
        db.close();
    }

    /** Findings while these statements hold, which others take back. */
    private static List<Finding> with(String made, String fill, String undone) throws SQLException {
        db.execute(made);
        try {
            return findings(fill);
        } finally {
            db.execute(undone);
        }
    }

    /** But for what every file is asked about its readers: {@link NullsHandledTest}. */
    private static List<Finding> findings(String fill, String... settings) throws SQLException {
        try (Connection connection = db.connect();
                Statement s = connection.createStatement()) {
            for (String setting : settings) {
                s.execute(setting);
            }
            return new FillPlanner(connection, db::connect)
                    .plan(db.backfill("prod", fill)).findings().stream()
                            .filter(f -> !f.check().equals(NullsHandled.CHECK))
                            .toList();
        }
    }

    private static Finding only(List<Finding> findings, String check, Severity severity) {
        assertThat(findings).extracting(Finding::check).containsExactly(check);
        assertThat(findings.get(0).severity()).isEqualTo(severity);
        return findings.get(0);
    }

    @Test
    void nothing_is_said_where_all_is_well() throws Exception {
        assertThat(findings(USERS)).isEmpty();
        assertThat(findings(COLUMN)).isEmpty();
    }

    @Test
    void triggers_that_would_fire_are_said_and_those_that_would_not_are_no_news() throws Exception {
        db.execute(
                "CREATE FUNCTION greet() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
                "CREATE TRIGGER greets AFTER INSERT ON users FOR EACH ROW EXECUTE FUNCTION greet()",
                "CREATE TRIGGER shortens BEFORE UPDATE OF short ON legacy FOR EACH ROW EXECUTE FUNCTION greet()",
                "CREATE TRIGGER names BEFORE UPDATE OF full_name ON legacy FOR EACH ROW EXECUTE FUNCTION greet()",
                "CREATE TRIGGER sleeps BEFORE UPDATE ON legacy FOR EACH ROW EXECUTE FUNCTION greet()",
                "ALTER TABLE legacy DISABLE TRIGGER sleeps",
                "CREATE TRIGGER inserts BEFORE INSERT ON legacy FOR EACH ROW EXECUTE FUNCTION greet()");
        try {
            assertThat(only(findings(USERS), "triggers", Severity.WARNING).what())
                    .endsWith(": greets on users, which calls greet()");
            assertThat(only(findings(COLUMN), "triggers", Severity.WARNING).what())
                    .endsWith(": shortens on legacy, which calls greet()");
        } finally {
            db.execute("DROP FUNCTION greet CASCADE");
        }
    }

    @ParameterizedTest
    @MethodSource("dev.neap.testkit.PostgresServer#tested")
    void a_trigger_that_a_partition_has_from_its_parent_is_said_where_the_partition_is_filled(int major)
            throws Exception {
        try (FillDatabase parted = FillDatabase.create(PostgresServer.of(major))) {
            parted.execute(
                    "CREATE FUNCTION greet() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
                    "CREATE TABLE legacy (id bigint PRIMARY KEY, full_name text NOT NULL)",
                    "CREATE TABLE parent (id bigint PRIMARY KEY REFERENCES legacy, name text) PARTITION BY RANGE (id)",
                    "CREATE TABLE users PARTITION OF parent FOR VALUES FROM (0) TO (1000)",
                    "CREATE TRIGGER greets AFTER INSERT ON parent FOR EACH ROW EXECUTE FUNCTION greet()");

            assertThat(triggers(parted, "users"))
                    .singleElement()
                    .asString()
                    .endsWith(": greets on users, which calls greet()");
            assertThat(triggers(parted, "parent"))
                    .as("its partitions have the same one")
                    .singleElement()
                    .asString()
                    .endsWith(": greets on parent, which calls greet()");
        }
    }

    private static List<String> triggers(FillDatabase database, String into) throws SQLException {
        try (Connection connection = database.connect()) {
            return new FillPlanner(connection, database::connect)
                    .plan(database.backfill("prod", USERS.replace("users", into))).findings().stream()
                            .filter(finding -> finding.check().equals("triggers"))
                            .map(Finding::what)
                            .toList();
        }
    }

    @Test
    void event_triggers_are_said() throws Exception {
        db.execute(
                "CREATE FUNCTION noticed() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END'",
                "CREATE EVENT TRIGGER watcher ON ddl_command_end EXECUTE FUNCTION noticed()");
        try {
            assertThat(only(findings(USERS), "event-triggers", Severity.WARNING).what())
                    .contains("watcher on ddl_command_end");
        } finally {
            db.execute("DROP EVENT TRIGGER watcher", "DROP FUNCTION noticed");
        }
    }

    @Test
    void policies_that_hold_for_the_role_are_refused() throws Exception {
        db.execute(
                "DROP ROLE IF EXISTS policed",
                "CREATE ROLE policed",
                "GRANT pg_read_all_stats TO policed",
                "DO $$ BEGIN EXECUTE format('GRANT CREATE ON DATABASE %I TO policed', current_database()); END $$",
                "CREATE TABLE policed_users (id bigint PRIMARY KEY, name text)",
                "ALTER TABLE policed_users OWNER TO policed",
                "ALTER TABLE legacy OWNER TO policed",
                "ALTER TABLE policed_users ENABLE ROW LEVEL SECURITY");
        String fill = USERS.replace("users", "policed_users");
        try {
            assertThat(findings(fill, "SET ROLE policed")).isEmpty();
            db.execute("ALTER TABLE policed_users FORCE ROW LEVEL SECURITY");
            assertThat(only(findings(fill, "SET ROLE policed"), "row-security", Severity.ERROR)
                            .what())
                    .endsWith("on policed_users");
        } finally {
            db.execute("REASSIGN OWNED BY policed TO CURRENT_USER", "DROP OWNED BY policed", "DROP ROLE policed");
        }
    }

    @Test
    void a_published_table_whose_rows_cannot_be_told_apart_is_refused() throws Exception {
        db.execute("CREATE PUBLICATION of_users FOR TABLE users");
        try {
            assertThat(findings(USERS)).isEmpty();
            Finding finding = only(
                    with(
                            "ALTER TABLE users REPLICA IDENTITY NOTHING",
                            USERS,
                            "ALTER TABLE users REPLICA IDENTITY DEFAULT"),
                    "publications",
                    Severity.ERROR);
            assertThat(finding.what()).contains("of_users", "which have no replica identity");
            assertThat(finding.fix()).startsWith("ALTER TABLE users REPLICA IDENTITY");
        } finally {
            db.execute("DROP PUBLICATION of_users");
        }
    }

    @Test
    void a_publication_of_all_tables_would_send_neap_s_own_and_is_refused_where_somebody_reads() throws Exception {
        db.execute("CREATE PUBLICATION everything FOR ALL TABLES");
        try {
            only(findings(USERS), "publications", Severity.WARNING);
            List<Finding> read = with(
                    "SELECT pg_create_logical_replication_slot('cdc', 'pgoutput')",
                    USERS,
                    "SELECT pg_drop_replication_slot('cdc')");
            assertThat(read)
                    .extracting(f -> f.severity() + " " + f.check())
                    .containsExactly("WARNING replication-slots", "ERROR publications", "WARNING publications");
            assertThat(read.get(0).what()).contains("cdc (logical, keeps ");
            assertThat(read.get(0).why()).contains("until its disk is full");
        } finally {
            db.execute("DROP PUBLICATION everything");
        }
    }

    @Test
    void rows_that_would_go_with_a_deleted_copy_are_said() throws Exception {
        List<Finding> findings = with(
                "CREATE TABLE notes (of_user bigint CONSTRAINT whose REFERENCES users ON DELETE CASCADE,"
                        + " by_user bigint CONSTRAINT who REFERENCES users)",
                USERS,
                "DROP TABLE notes");

        assertThat(only(findings, "inbound-foreign-keys", Severity.WARNING).what())
                .endsWith(": whose on notes (ON DELETE CASCADE)");
    }

    @Test
    void a_table_that_autovacuum_leaves_alone_is_said() throws Exception {
        assertThat(only(
                                with(
                                        "ALTER TABLE users SET (autovacuum_enabled = off)",
                                        USERS,
                                        "ALTER TABLE users RESET (autovacuum_enabled)"),
                                "autovacuum",
                                Severity.WARNING)
                        .fix())
                .isEqualTo("ALTER TABLE public.users RESET (autovacuum_enabled)");
        assertThat(only(
                                with(
                                        "ALTER TABLE legacy SET (autovacuum_vacuum_threshold = 20000000)",
                                        COLUMN,
                                        "ALTER TABLE legacy RESET (autovacuum_vacuum_threshold)"),
                                "autovacuum",
                                Severity.WARNING)
                        .what())
                .startsWith("autovacuum leaves public.legacy alone up to 20,000,");
    }

    @Test
    void of_a_large_table_an_indexed_column_and_scattered_keys_are_said() throws Exception {
        db.execute(
                "CREATE TABLE large (id bigint PRIMARY KEY, full_name text NOT NULL, short text)",
                "INSERT INTO large SELECT * FROM legacy",
                "ANALYZE large",
                "CREATE INDEX by_short ON large (lower(short))",
                "CREATE INDEX by_name ON large (full_name)");
        String fill = COLUMN.replace("legacy", "large");
        assertThat(findings(fill)).isEmpty();

        // As if each of its pages held as many more rows.
        db.execute("UPDATE pg_class SET reltuples = 3e6 WHERE oid = 'large'::regclass");
        List<Finding> findings = findings(fill);

        assertThat(findings).extracting(Finding::check).containsExactly("indexed-columns", "covering-index");
        assertThat(findings.get(0).what()).isEqualTo("what the fill sets is in by_short");
        assertThat(findings.get(0).why()).contains("all 3 indexes of public.large");
        assertThat(findings.get(1).fix())
                .startsWith("CREATE INDEX CONCURRENTLY ON public.large (\"id\") INCLUDE (\"full_name\"), VACUUM");
        db.execute("CLUSTER large USING large_pkey", "ANALYZE large");
        db.execute("UPDATE pg_class SET reltuples = 3e6 WHERE oid = 'large'::regclass");
        assertThat(findings(fill)).extracting(Finding::check).containsExactly("indexed-columns");
    }

    @Test
    void a_table_that_is_not_stored_as_heap_is_refused() throws Exception {
        db.execute(
                "CREATE ACCESS METHOD pile TYPE TABLE HANDLER heap_tableam_handler",
                "CREATE TABLE piled (id bigint PRIMARY KEY, name text) USING pile");

        assertThat(only(findings(USERS.replace("users", "piled")), "storage", Severity.ERROR)
                        .what())
                .isEqualTo("tables are not stored as heap: piled (pile)");
    }

    @Test
    void a_disk_that_is_too_small_is_refused_and_one_that_cannot_be_seen_is_said_where_it_matters() {
        long gigabyte = 1L << 30;
        assertThat(DiskCheck.verdict(gigabyte, gigabyte, OptionalLong.of(3 * gigabyte)))
                .isEmpty();
        assertThat(DiskCheck.verdict(1000, 1000, OptionalLong.empty())).isEmpty();

        only(DiskCheck.verdict(gigabyte, gigabyte, OptionalLong.empty()), "disk", Severity.NOTE);
        only(DiskCheck.verdict(2 * gigabyte, gigabyte, OptionalLong.of(gigabyte)), "disk", Severity.ERROR);
        assertThat(only(
                                DiskCheck.verdict(gigabyte, 2 * gigabyte, OptionalLong.of(2 * gigabyte)),
                                "disk",
                                Severity.WARNING)
                        .what())
                .contains("grow by 1.0 GB", "2.0 GB of log", "2.0 GB are free");
    }

    @Test
    void timeouts_that_would_end_neap_s_sessions_are_said() throws Exception {
        assertThat(only(findings(USERS, "SET idle_session_timeout = '5min'"), "timeouts", Severity.WARNING)
                        .what())
                .startsWith("idle_session_timeout is 5min");
    }

    @Test
    void the_server_is_looked_at_once_for_a_list_of_fills() throws Exception {
        String list = """
                fill:
                  - { into: legacy, set: { short: "left(full_name, 3)" } }
                  - { from: legacy, into: users, set: { id: id, name: full_name } }
                """;

        assertThat(findings(list, "SET idle_session_timeout = '5min'"))
                .filteredOn(f -> f.severity() != Severity.NOTE)
                .extracting(Finding::check)
                .containsExactly("timeouts");
    }

    @Test
    void a_named_replica_must_answer_and_be_a_standby() throws Exception {
        String replicas = "replicas: ['postgresql://there/app']\n";
        ReplicasCheck.Opener refused = url -> {
            throw new SQLException("nothing answers at " + url, "08001");
        };
        try (Connection connection = db.connect()) {
            assertThat(only(
                                    ReplicasCheck.look(connection, db.backfill("prod", replicas + USERS), refused),
                                    "replicas",
                                    Severity.ERROR)
                            .what())
                    .startsWith("replicas.0 cannot be reached");
            only(
                    ReplicasCheck.look(connection, db.backfill("dev", replicas + USERS), refused),
                    "replicas",
                    Severity.WARNING);
            assertThat(only(
                                    ReplicasCheck.look(
                                            connection, db.backfill("dev", replicas + USERS), url -> db.connect()),
                                    "replicas",
                                    Severity.ERROR)
                            .what())
                    .isEqualTo("replicas.0 is no standby: it takes writes itself");
        }
    }

    @Test
    void a_row_that_moves_to_another_partition_loses_by_the_trigger_what_set_does_not_have() throws Exception {
        String fill = """
                fill:
                  from: parted
                  into: flat
                  set: { id: id, day: day }
                  dual_write: trigger
                """;
        String made = "CREATE TABLE parted (id int, day date, PRIMARY KEY (id, day)) PARTITION BY RANGE (day);"
                + " CREATE TABLE parted_1 PARTITION OF parted FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');"
                + " CREATE TABLE flat (id int, day date, note text, sure int GENERATED ALWAYS AS (id) STORED,"
                + " PRIMARY KEY (id, day)); INSERT INTO parted VALUES (1, '2026-02-01')";
        String undone = "DROP TABLE parted, flat";

        Finding moves = only(with(made, fill, undone), "partition-moves", Severity.WARNING);
        assertThat(moves.what()).endsWith("puts it in anew, without what note held");
        assertThat(moves.fix()).startsWith("nothing, if no UPDATE changes (day) ");
        assertThat(with(made.replace("note text,", ""), fill, undone)).isEmpty();
        assertThat(with(made, fill.replace("trigger", "application"), undone)).isEmpty();
        assertThat(with(
                        made.replace(
                                "PARTITION BY RANGE (day); CREATE TABLE parted_1 PARTITION OF parted FOR VALUES"
                                        + " FROM ('2026-01-01') TO ('2027-01-01')",
                                ""),
                        fill,
                        undone))
                .isEmpty();
    }

    @Test
    void where_over_a_table_with_a_column_that_a_trigger_does_not_see_is_refused() throws Exception {
        String fill = """
                fill:
                  from: shown
                  into: flat
                  where: price > 3
                  set: { id: id }
                  dual_write: trigger
                """;
        String made = "CREATE TABLE shown (id int PRIMARY KEY, price int GENERATED ALWAYS AS (id * 2) VIRTUAL);"
                + " CREATE TABLE flat (id int PRIMARY KEY); INSERT INTO shown VALUES (1)";
        String undone = "DROP TABLE shown, flat";

        assertThat(only(with(made, fill, undone), "virtual-columns", Severity.ERROR)
                        .what())
                .startsWith("fill.where: public.shown has virtual generated columns, price");
        assertThat(with(made, fill.replace("  where: price > 3\n", ""), undone)).isEmpty();
        assertThat(with(made, fill.replace("trigger", "application"), undone)).isEmpty();
        assertThat(with(made.replace("VIRTUAL", "STORED"), fill, undone)).isEmpty();
    }

    @Test
    void a_table_that_others_inherit_from_is_refused_whichever_it_is() throws Exception {
        String heir = "CREATE TABLE heir () INHERITS (%s)";
        for (String table : List.of("legacy", "users")) {
            assertThatThrownBy(() -> with(heir.formatted(table), USERS, "DROP TABLE heir"))
                    .hasMessageStartingWith("public." + table + " has tables that inherit from it, heir, ");
        }
        assertThatThrownBy(() -> with(heir.formatted("legacy"), COLUMN, "DROP TABLE heir"))
                .hasMessageContaining("fill each of them by itself");
    }
}
