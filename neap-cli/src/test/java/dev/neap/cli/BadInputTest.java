package dev.neap.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neap.cli.Shellish.Ran;
import dev.neap.dialect.Tuning;
import dev.neap.postgres.PostgresDialect;
import dev.neap.run.Neap;
import dev.neap.run.Probe;
import dev.neap.testkit.CatalogDescription;
import dev.neap.testkit.PostgresServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What somebody may get wrong: one clear message, the right exit code, nothing changed, nothing left. */
class BadInputTest {
    private static final Tuning QUICK = new Tuning(
            Duration.ofSeconds(3),
            Duration.ofMillis(500),
            Duration.ofSeconds(3),
            Duration.ofSeconds(5),
            Duration.ofMinutes(10),
            1_000_000);

    private final PostgresServer server = PostgresServer.newest();

    @TempDir
    Path folder;

    private Shellish shell;

    @BeforeEach
    void a_fresh_database() {
        server.createDatabase("bad_input");
        server.execute(
                "bad_input",
                """
                CREATE TABLE events (id bigint, day date, code text, amount numeric(8,2) NOT NULL, size int,
                    PRIMARY KEY (id, day), UNIQUE (code, day)) PARTITION BY RANGE (day)
                """,
                "CREATE TABLE events_01 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2024-02-01')",
                "CREATE TABLE plain (id int PRIMARY KEY, amount int)",
                "CREATE VIEW seen AS SELECT * FROM events",
                "INSERT INTO events SELECT i, date '2024-01-01' + i % 30, 'c' || i, i, i FROM generate_series(1, 900) i",
                "ANALYZE");
        shell = new Shellish(folder);
        shell.engines = target -> new Neap(new PostgresDialect(), target, QUICK, Probe.NONE);
    }

    @ParameterizedTest(name = "{0} {1} {2}")
    @CsvSource(
            delimiter = '|',
            value = {
                "plain | {} | amount: amount + 1 | 2 | public.plain is not a partitioned table; name the table that was created with PARTITION BY in rebuild.table.",
                "seen | {} | amount: amount + 1 | 2 | public.seen is not a partitioned table; name the table that was created with PARTITION BY in rebuild.table.",
                "event | {} | amount: amount + 1 | 2 | There is no table public.event here; did you mean public.events?",
                "events_01 | {} | amount: amount + 1 | 2 | public.events_01 is not a partitioned table; name the table that was created with PARTITION BY in rebuild.table.",
                "events | {} | amont: amount + 1 | 2 | rebuild.set: public.events has no column amont; did you mean amount?",
                "events | { from: 2030-01-01 } | amount: amount + 1 | 2 | No partition of public.events lies wholly inside rebuild.partitions (from 2030-01-01, to the last)",
                "events | { from: soon } | amount: amount + 1 | 2 | rebuild.partitions.from: \"soon\" is no date, which is the type of public.events's partition key day; write a value of that type."
            })
    void what_is_not_there_is_said_and_nothing_is_done(
            String table, String partitions, String set, int exitCode, String message) throws Exception {
        List<String> before = database();
        write(table, partitions, set);

        for (Ran ran : List.of(command("plan"), command("run", "--yes"))) {
            assertThat(ran.exitCode()).isEqualTo(exitCode);
            assertThat(ran.err().lines().toList()).hasSize(2);
            assertThat(ran.err()).startsWith("neap: " + message);
        }
        assertThat(database()).containsExactlyElementsOf(before);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "amount: amount +                | set-compiles         | does not compile: syntax error",
                "amount: \"'much'::text\"        | set-compiles         | column \"amount\" is of type numeric but expression is of type text",
                "amount: lost + 1                | set-compiles         | column \"lost\" does not exist",
                "amount: sum(amount)             | set-compiles         | aggregate functions are not allowed in WHERE",
                "amount: amount OFFSET 5         | set-compiles         | does not compile: syntax error",
                "amount: \"1), (2\"              | one-expression       | is not one SQL expression",
                "amount: \"1; DROP TABLE events\" | one-expression      | is not one SQL expression",
                "amount: amount * 1000000        | recompute-fails      | numeric field overflow",
                "amount: \"null\"                | recompute-null       | would get a null",
                "amount: random()                | volatile-expression  | is volatile",
                "day: day + 1                    | set-column           | sets part of the partition key",
                "id: id + 1                      | set-column           | sets part of the row's key"
            })
    void a_recompute_that_does_not_fit_is_refused(String set, String check, String message) throws Exception {
        List<String> before = database();
        write("events", "{}", set);

        Ran plan = command("plan");
        Ran run = command("run", "--yes");

        assertThat(plan.out()).contains("error " + check).contains(message);
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(plan.exitCode()).isEqualTo(2);
        assertThat(database()).containsExactlyElementsOf(before);
    }

    @Test
    void keys_that_become_double_set_the_unit_aside_and_leave_nothing_after_cleanup() throws Exception {
        List<String> before = database();
        write("events", "{}", "code: left(code, 2)");

        Ran run = command("run", "--yes");

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.out() + run.err()).contains("could not create unique index \"events_01_code_day_key\"");
        assertThat(one("SELECT count(*) FROM events WHERE code = 'c' || id")).isEqualTo("900");
        Ran stop = command("stop");
        assertThat(command("cleanup", "--yes").exitCode()).as(stop.out()).isZero();
        Ran uninstall = command("uninstall", "--yes", "--force");
        assertThat(uninstall.exitCode()).as(uninstall.err()).isZero();
        assertThat(database()).containsExactlyElementsOf(before);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "day + 40 AS day, id | 900 rows outside the partition's bound FOR VALUES FROM ('2024-01-01')",
                "date '2024-01-05' AS day, id / 4 AS id | more than one row for the key (id, day) = ("
            })
    void rows_of_a_recompute_that_do_not_fit_set_the_unit_aside_and_leave_nothing_after_cleanup(
            String keys, String message) throws Exception {
        server.execute("bad_input", "CREATE TABLE raw AS TABLE events", "ANALYZE raw");
        List<String> before = database();
        shell.file("""
                backfill: bad
                profile: dev
                connection: ${DATABASE_URL}
                rebuild:
                  table: events
                  recompute: SELECT %s, code, amount + 1 AS amount, size FROM raw
                  reads: [raw]
                  missing_in_source: keep
                  application_writes: new
                """.formatted(keys));

        Ran preview = command("preview");
        Ran run = command("run", "--yes");

        assertThat(preview.exitCode()).as(preview.out()).isEqualTo(2);
        assertThat(run.exitCode()).as(run.err()).isEqualTo(1);
        assertThat(run.out()).contains(message);
        assertThat(one("SELECT count(*) FROM events e JOIN raw USING (id, day, amount)"))
                .isEqualTo("900");
        assertThat(command("stop", "--abandon").exitCode()).isZero();
        assertThat(command("cleanup", "--yes").exitCode()).isZero();
        assertThat(command("uninstall", "--yes").exitCode()).isZero();
        assertThat(database()).containsExactlyElementsOf(before);
    }

    @Test
    void names_that_need_quotes_or_try_to_inject_go_through_every_command_and_leave_no_trace() throws Exception {
        String table = "\"S p\".\"T'\"\"); DROP TABLE plain; --\"";
        String longest = "🌊".repeat(15) + "abc";
        String page = "<script>alert(1)</script> $1 :lower ?";
        server.execute(
                "bad_input",
                "CREATE SCHEMA \"S p\"",
                "CREATE TABLE " + table + " (id int PRIMARY KEY, \"a\"\"'); DROP TABLE plain; --\" text, size int)"
                        + " PARTITION BY RANGE (id)",
                "CREATE TABLE \"S p\".\"" + longest + "\" PARTITION OF " + table + " FOR VALUES FROM (0) TO (100)",
                "CREATE TABLE \"S p\".\"" + page + "\" PARTITION OF " + table + " FOR VALUES FROM (100) TO (200)",
                "INSERT INTO " + table + " SELECT i, '<b>' || i, 1 FROM generate_series(0, 199) i",
                "ANALYZE");
        List<String> before = database();
        String url = "postgresql://" + PostgresServer.ADMIN + "@localhost:" + server.port() + "/bad_input";
        Path file = folder.resolve("fix.yaml");

        Ran init = shell.run("init", url, table, "--output", file);
        assertThat(init.exitCode()).as(init.err()).isZero();
        Files.writeString(
                file,
                Files.readString(file)
                        .replace("profile: prod", "profile: dev ")
                        .replaceFirst("(?m)^  set:.*", "  set:\n    size: \"7\""));
        done(command("plan"));
        Ran preview =
                command("preview", page, "--html", folder.resolve("page.html").toString());
        done(preview);
        assertThat(Files.readString(folder.resolve("page.html")))
                .contains("&lt;script&gt;alert(1)")
                .doesNotContain("<script>alert");
        done(command("run", "--yes"));
        assertThat(one("SELECT count(*) FROM " + table + " WHERE size = 7")).isEqualTo("200");
        assertThat(command("status").out()).contains("2 done, 0 running", longest);
        done(command("undo", longest, "--yes"));
        assertThat(one("SELECT count(*) FROM " + table + " WHERE size = 7")).isEqualTo("100");
        done(command("undo", "--yes"));
        done(command("cleanup", "--yes"));
        done(command("uninstall", "--yes", "--force"));
        assertThat(database()).containsExactlyElementsOf(before);
    }

    private static void done(Ran ran) {
        assertThat(ran.exitCode()).as(ran.out() + ran.err()).isZero();
    }

    @Test
    void a_role_without_privileges_is_told_which_it_needs() throws Exception {
        server.execute("bad_input", "DROP ROLE IF EXISTS nobody_much", "CREATE ROLE nobody_much LOGIN");
        List<String> before = database();
        write("events", "{}", "amount: amount + 1");

        Ran run = as("nobody_much", "run", "--yes");

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.out() + run.err()).contains("neap grants").contains("events");
        shell.file("""
                backfill: bad
                profile: dev
                connection: ${DATABASE_URL}
                fill: { into: events, set: { size: amount } }
                """);
        assertThat(as("nobody_much", "plan").out())
                .contains("What is to be done is not known before the errors below are mended.")
                .contains("fix: GRANT SELECT ON public.events TO nobody_much");
        assertThat(database()).containsExactlyElementsOf(before);
        server.execute("bad_input", "DROP ROLE nobody_much");
    }

    @Test
    void a_server_that_does_not_answer_and_a_database_that_is_not_there_are_named() {
        write("events", "{}", "amount: amount + 1");
        Ran nobody = at("postgresql://app@localhost:1/shop", "plan");
        Ran nothing = at("postgresql://postgres@localhost:" + server.port() + "/no_such_database", "run", "--yes");

        assertThat(nobody.exitCode()).isEqualTo(2);
        assertThat(nobody.err())
                .contains("cannot connect to")
                .contains("localhost:1")
                .contains("nothing answers there");
        assertThat(nothing.exitCode()).isEqualTo(2);
        assertThat(nothing.err()).contains("there is no database \"no_such_database\"");
    }

    @Test
    void a_wrong_password_is_said_without_it_and_a_standby_is_no_target() throws Exception {
        try (PostgresServer own = PostgresServer.start(server.major(), Map.of())) {
            own.execute(
                    "postgres",
                    "CREATE TABLE events (id int PRIMARY KEY, amount int) PARTITION BY RANGE (id)",
                    "CREATE TABLE events_01 PARTITION OF events FOR VALUES FROM (0) TO (100)",
                    "CREATE ROLE app LOGIN PASSWORD 'right'");
            try (PostgresServer standby = own.standby()) {
                write("events", "{}", "amount: amount + 1");
                Ran replica = at("postgresql://postgres@localhost:" + standby.port() + "/postgres", "run", "--yes");
                assertThat(replica.exitCode()).isEqualTo(2);
                assertThat(replica.out() + replica.err()).contains("standby");
                writesNothingElseThere(own, "postgresql://postgres@localhost:" + standby.port() + "/postgres");
            }
            Path hba = Path.of(one(own, "postgres", "SHOW hba_file"));
            Files.writeString(hba, "host all app all scram-sha-256\n" + Files.readString(hba));
            own.execute("postgres", "SELECT pg_reload_conf()");
            String address = "@localhost:" + own.port() + "/postgres";
            Ran wrong = at("postgresql://app:hunter2" + address, "plan");
            for (int i = 0; i < 50 && !wrong.err().contains("password"); i++) {
                Thread.sleep(100);
                wrong = at("postgresql://app:hunter2" + address, "plan");
            }
            assertThat(wrong.exitCode()).isEqualTo(2);
            assertThat(wrong.err())
                    .contains("the server refuses the user or the password")
                    .doesNotContain("hunter2");
        }
    }

    /** What is written without a plan is refused there as well. */
    private void writesNothingElseThere(PostgresServer primary, String standby) throws InterruptedException {
        Ran done = at("postgresql://postgres@localhost:" + primary.port() + "/postgres", "run", "--yes");
        assertThat(done.exitCode()).as(done.out() + done.err()).isZero();
        Ran undo = at(standby, "undo", "--yes");
        for (int i = 0; i < 100 && undo.err().contains("never run"); i++) {
            Thread.sleep(100);
            undo = at(standby, "undo", "--yes");
        }
        for (Ran there : List.of(undo, at(standby, "uninstall", "--yes", "--force"))) {
            assertThat(there.exitCode()).isEqualTo(2);
            assertThat(there.err()).startsWith("neap: this server is a standby").contains("connect to the primary");
        }
    }

    private void write(String table, String partitions, String set) {
        shell.file("backfill: bad\nprofile: dev\nconnection: ${DATABASE_URL}\nrebuild:\n  table: public." + table
                + "\n  partitions: " + partitions + "\n  set:\n    " + set + "\n");
    }

    private Ran command(String name, String... options) {
        return as(PostgresServer.ADMIN, name, options);
    }

    private Ran as(String user, String name, String... options) {
        return at("postgresql://" + user + "@localhost:" + server.port() + "/bad_input", name, options);
    }

    private Ran at(String url, String name, String... options) {
        shell.variables.put("DATABASE_URL", url);
        Object[] words = new Object[options.length + 2];
        words[0] = name;
        words[1] = folder.resolve("fix.yaml");
        System.arraycopy(options, 0, words, 2, options.length);
        return shell.run(words);
    }

    private List<String> database() throws Exception {
        try (Connection c = server.connect("bad_input")) {
            return CatalogDescription.ofDatabase(c);
        }
    }

    private String one(String query) throws Exception {
        return one(server, "bad_input", query);
    }

    private static String one(PostgresServer server, String database, String query) throws Exception {
        try (Connection c = server.connect(database);
                Statement s = c.createStatement();
                ResultSet row = s.executeQuery(query)) {
            row.next();
            return row.getString(1);
        }
    }
}
