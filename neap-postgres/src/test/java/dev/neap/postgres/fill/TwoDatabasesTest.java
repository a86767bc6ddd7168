package dev.neap.postgres.fill;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neap.parity.Difference;
import dev.neap.parity.Fact;
import dev.neap.parity.Figure;
import dev.neap.parity.Parity;
import dev.neap.parity.Survey;
import dev.neap.parity.Weight;
import dev.neap.run.Probe;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Two databases of one server, which differ in what a test makes different. */
class TwoDatabasesTest {
    private static final String FILL = """
            fill:
              from: legacy
              into: users
              set: { id: id, name: lower(full_name) }
            """;

    private static FillDatabase staging;
    private static FillDatabase prod;

    @BeforeAll
    static void two_alike() throws SQLException {
        staging = FillDatabase.create();
        prod = FillDatabase.create();
        for (FillDatabase db : List.of(staging, prod)) {
            db.execute(
                    "CREATE TABLE legacy (id bigint PRIMARY KEY, full_name text NOT NULL)",
                    "INSERT INTO legacy SELECT n, 'Ada ' || n FROM generate_series(1, 20000) n",
                    "CREATE TABLE users (id bigint PRIMARY KEY, name text)",
                    "ANALYZE");
        }
    }

    @AfterAll
    static void drop() throws SQLException {
        staging.close();
        prod.close();
    }

    private static Survey survey(FillDatabase db, boolean probe) {
        return db.neap(Probe.NONE).survey(db.backfill(FILL), probe);
    }

    private static Parity parity() {
        return Parity.of(survey(staging, false), survey(prod, false));
    }

    @Test
    void two_databases_that_are_alike_differ_in_nothing() {
        Parity parity = parity();

        assertThat(parity.differences()).isEmpty();
        assertThat(parity.compared()).isGreaterThan(60);
        assertThat(parity.unseen())
                .containsExactly("from: how fast it is: not to be measured", "to: how fast it is: not to be measured");
    }

    @Test
    void an_index_a_column_and_a_trigger_that_are_in_one_alone_make_a_rehearsal_worthless() throws Exception {
        prod.execute(
                "ALTER TABLE users ADD COLUMN mail text",
                "CREATE INDEX by_mail ON users (mail)",
                "CREATE FUNCTION greet() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
                "CREATE TRIGGER greets AFTER INSERT ON users FOR EACH ROW EXECUTE FUNCTION greet()");
        try {
            Parity parity = parity();

            assertThat(parity.worthless()).isTrue();
            assertThat(parity.differences())
                    .filteredOn(difference -> difference.topic().equals("schema"))
                    .extracting(Difference::name)
                    .containsExactlyInAnyOrder(
                            "public.users column mail",
                            "public.users index public.by_mail",
                            "public.users trigger greets");
            assertThat(parity.differences())
                    .filteredOn(difference -> difference.name().equals("public.users column mail"))
                    .containsExactly(
                            new Difference("schema", "public.users column mail", "-", "text", Weight.WORTHLESS));
        } finally {
            prod.execute("DROP FUNCTION greet CASCADE", "ALTER TABLE users DROP COLUMN mail");
        }
    }

    @Test
    void ten_times_as_many_rows_make_it_worthless_and_a_setting_of_the_database_matters() throws Exception {
        prod.execute(
                "INSERT INTO legacy SELECT n, 'Ada ' || n FROM generate_series(20001, 250000) n",
                "ANALYZE legacy",
                "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET work_mem = %L', current_database(), '77MB'); END $$");
        try {
            assertThat(parity().differences())
                    .contains(
                            new Difference(
                                    "size", "public.legacy, rows", "20,000 rows", "250,000 rows", Weight.WORTHLESS),
                            new Difference("settings", "work_mem", "4MB", "77MB", Weight.MATTERS));
        } finally {
            prod.execute(
                    "DELETE FROM legacy WHERE id > 20000",
                    "VACUUM (FULL, ANALYZE) legacy",
                    "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I RESET work_mem', current_database()); END $$");
        }
    }

    @Test
    void a_statement_of_the_backfill_s_own_that_gets_at_its_table_otherwise_is_seen() throws Exception {
        prod.execute("ALTER TABLE legacy RENAME CONSTRAINT legacy_pkey TO legacy_by_id");
        try {
            assertThat(parity().differences())
                    .filteredOn(difference -> difference.topic().equals("plans"))
                    .isNotEmpty()
                    .allSatisfy(difference -> {
                        assertThat(difference.from()).contains("public.legacy by legacy_pkey");
                        assertThat(difference.to()).contains("public.legacy by legacy_by_id");
                        assertThat(difference.weight()).isEqualTo(Weight.WORTHLESS);
                    });
        } finally {
            prod.execute("ALTER TABLE legacy RENAME CONSTRAINT legacy_by_id TO legacy_pkey");
        }
    }

    @Test
    void what_a_rebuild_reads_is_compared_too_whatever_its_first_partition_is_called() throws Exception {
        for (FillDatabase db : List.of(staging, prod)) {
            String first = db == prod ? "sale_first" : "sale_1";
            db.execute(
                    "CREATE TABLE sale (id bigint, day date, cents bigint, PRIMARY KEY (id, day)) PARTITION BY RANGE (day)",
                    "CREATE TABLE " + first + " PARTITION OF sale FOR VALUES FROM ('2026-01-01') TO ('2026-01-02')",
                    "CREATE TABLE raw (id bigint PRIMARY KEY, day date NOT NULL, amount bigint)",
                    "INSERT INTO raw SELECT n, date '2026-01-01' + n % 100, n FROM generate_series(1, 20000) n",
                    "CREATE INDEX raw_day ON raw (day)",
                    "INSERT INTO sale SELECT id, day, 0 FROM raw WHERE day = '2026-01-01'",
                    "ANALYZE");
        }
        String set = "rebuild: { table: sale, application_writes: new, set: { cents: cents * 100 } }\n";
        String recompute = """
                rebuild:
                  table: sale
                  recompute: SELECT id, day, amount * 100 AS cents FROM raw WHERE day >= :lower AND day < :upper
                  reads: raw
                  missing_in_source: drop
                  application_writes: new
                """;
        try {
            prod.execute("DROP INDEX raw_day");
            assertThat(plans(set)).isEmpty();
            assertThat(plans(recompute)).singleElement().satisfies(difference -> {
                assertThat(difference.name()).isEqualTo("load");
                assertThat(difference.from()).isEqualTo("public.raw by raw_day");
                assertThat(difference.to()).isEqualTo("public.raw by Seq Scan");
            });
            assertThat(staging.neap(Probe.NONE)
                            .survey(staging.backfill(set), false)
                            .facts())
                    .filteredOn(fact -> fact.topic().equals("plans"))
                    .extracting(Fact::value)
                    .containsExactly("may run", "the partition by blocks", "the partition by Index Scan");
        } finally {
            for (FillDatabase db : List.of(staging, prod)) {
                db.execute("DROP TABLE sale, raw");
            }
        }
    }

    private static List<Difference> plans(String file) {
        return Parity.of(
                        staging.neap(Probe.NONE).survey(staging.backfill(file), false),
                        prod.neap(Probe.NONE).survey(prod.backfill(file), false))
                .differences()
                .stream()
                .filter(difference -> difference.topic().equals("plans"))
                .toList();
    }

    @Test
    void a_plan_that_one_of_them_refuses_makes_it_worthless() throws Exception {
        prod.execute("ALTER TABLE users ADD COLUMN code text NOT NULL");
        try {
            assertThat(parity().differences())
                    .contains(new Difference(
                            "plans", "the plan", "may run", "refused by not-null-column", Weight.WORTHLESS));
        } finally {
            prod.execute("ALTER TABLE users DROP COLUMN code");
        }
    }

    @Test
    void a_table_that_one_of_them_has_not_is_a_difference_and_no_failure() throws Exception {
        prod.execute("ALTER TABLE users RENAME TO people");
        try {
            assertThat(parity().differences())
                    .contains(new Difference("schema", "public.users", "there", "not there", Weight.WORTHLESS))
                    .filteredOn(difference -> difference.name().equals("the plan"))
                    .singleElement()
                    .satisfies(difference -> assertThat(difference.to()).contains("users"));
        } finally {
            prod.execute("ALTER TABLE people RENAME TO users");
        }
    }

    @Test
    void replicas_that_the_file_names_are_those_of_one_and_asked_of_neither() {
        String file = FILL + "replicas: [\"postgresql://localhost:1/none\"]\n";

        assertThat(staging.neap(Probe.NONE)
                        .survey(staging.backfill(file), false)
                        .facts())
                .contains(new Fact("plans", "the plan", "may run", Weight.WORTHLESS));
    }

    @Test
    void what_a_session_finds_first_is_no_difference() throws Exception {
        prod.execute("DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET search_path = %L', current_database(),"
                + " 'pg_catalog'); END $$");
        try {
            assertThat(parity().differences())
                    .filteredOn(difference -> difference.topic().equals("schema"))
                    .isEmpty();
        } finally {
            prod.execute(
                    "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I RESET search_path', current_database()); END $$");
        }
    }

    @Test
    void the_probe_measures_and_leaves_nothing() throws Exception {
        String before = staging.text("SELECT count(*) FROM pg_class");

        Survey survey = survey(staging, true);

        assertThat(survey.unseen()).isEmpty();
        assertThat(survey.figures())
                .filteredOn(figure -> figure.topic().equals("speed"))
                .allSatisfy(figure -> assertThat(figure.value()).isPositive())
                .extracting(Figure::name)
                .containsExactly("round trip, p50", "round trip, p99", "commit, p50", "commit, p99", "batch");
        assertThat(staging.text("SELECT count(*) FROM pg_class")).isEqualTo(before);
    }
}
