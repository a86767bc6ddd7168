package dev.neap.mysql.fill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.neap.mysql.MysqlDialect;
import dev.neap.rebuild.Point;
import dev.neap.run.Neap;
import dev.neap.run.Probe;
import dev.neap.run.RunResult;
import dev.neap.testkit.MariaDbServer;
import dev.neap.testkit.fill.FillRuns;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.StringJoiner;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Fills of tables, and on servers, as they are in the wild. */
class UnusualFillTest {
    private static final String DATABASE = "unusual";
    /** What a server may set for its people, and what it has by default. */
    private static final List<String> SETTINGS = List.of(
            "autocommit = 0",
            "check_constraint_checks = 0",
            "foreign_key_checks = 0",
            "unique_checks = 0",
            "sql_safe_updates = 1",
            "sql_select_limit = 3",
            "max_join_size = 3",
            "tx_read_only = 1",
            "completion_type = 2",
            "sql_mode = ''");

    private static final String COPY = "fill: { from: s, into: t, set: { id: id, v: v } }";

    private final MariaDbServer server = MariaDbServer.newest();

    @BeforeEach
    void a_fresh_database() {
        server.createDatabase(DATABASE);
    }

    private Neap neap(Probe probe) {
        return new FillRuns(new MysqlDialect()).neap(server.target(DATABASE), probe);
    }

    private RunResult run(String fill, Probe probe) throws Exception {
        return new FillRuns(new MysqlDialect()).run(neap(probe), yaml(fill), 1, event -> {});
    }

    private String yaml(String fill) {
        return "backfill: unusual\nprofile: dev\nconnection: " + server.url(DATABASE) + "\n" + fill + "\n";
    }

    private void execute(String... sql) {
        server.execute(DATABASE, sql);
    }

    private String rows(String query) throws SQLException {
        StringJoiner all = new StringJoiner(" ");
        try (Connection connection = server.connect(DATABASE);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            while (row.next()) {
                all.add(row.getString(1));
            }
        }
        return all.toString();
    }

    private static Probe dies(Point where, Runnable first) {
        return at -> {
            if (at == where) {
                first.run();
                throw new IllegalStateException("dies");
            }
        };
    }

    @Test
    void columns_that_an_update_stamps_stay_as_they_were_and_a_run_that_was_given_up_leaves_nothing() throws Exception {
        execute(
                "CREATE TABLE t (id int PRIMARY KEY, v int, w int, at timestamp(6) NOT NULL DEFAULT current_timestamp(6)"
                        + " ON UPDATE current_timestamp(6))",
                "INSERT INTO t SELECT seq, seq, NULL, '2020-01-01 00:00:00' FROM seq_1_to_50");
        String fill = "fill: { into: t, set: { w: v } }";
        assertThatThrownBy(() -> run(fill, dies(Point.AFTER_CAPTURE, () -> {}))).hasMessageContaining("dies");
        neap(Probe.NONE).abandon("unusual");
        neap(Probe.NONE).cleanup();
        assertThat(rows(
                        "SELECT table_name FROM information_schema.tables WHERE table_schema = 'neap' AND table_name LIKE"
                                + " 'fill\\_%'"))
                .isEmpty();

        run(fill, Probe.NONE);

        assertThat(rows("SELECT concat(count(*), ' ', sum(w), ' ', min(at), ' ', max(at)) FROM t"))
                .isEqualTo("50 1275 2020-01-01 00:00:00.000000 2020-01-01 00:00:00.000000");
    }

    @Test
    void what_the_server_switches_off_for_its_people_and_numbers_that_no_long_holds_are_as_ever() throws Exception {
        execute(
                "CREATE TABLE s (id bigint unsigned PRIMARY KEY, v int)",
                "CREATE TABLE t (id bigint unsigned AUTO_INCREMENT PRIMARY KEY, v int CHECK (v < 50), note varchar(9),"
                        + " at datetime DEFAULT current_timestamp ON UPDATE current_timestamp)",
                "INSERT INTO s SELECT seq, seq FROM seq_1_to_50",
                "INSERT INTO s VALUES (18446744073709551600, 7)",
                "INSERT INTO t VALUES (3, 0, 'mine', '2020-01-01 00:00:00')");
        SETTINGS.forEach(setting -> execute("SET GLOBAL " + setting));
        RunResult result;
        try {
            result = run(COPY.replace("} }", "}, conflict: overwrite }"), Probe.NONE);
        } finally {
            SETTINGS.forEach(setting -> execute("SET GLOBAL " + setting.replaceAll("=.*", "= DEFAULT")));
        }

        assertThat(result.setAside()).isEqualTo(1);
        assertThat(rows("SELECT concat(count(*), ' ', sum(t.v)) FROM s JOIN t ON t.id = s.id AND t.v = s.v"))
                .isEqualTo("50 1232");
        assertThat(rows("SELECT concat(v, note, at) FROM t WHERE id = 3")).isEqualTo("3mine2020-01-01 00:00:00");
        assertThat(rows("SELECT auto_increment FROM information_schema.tables WHERE table_schema = database() AND"
                        + " table_name = 't'"))
                .isEqualTo("18446744073709551601");
    }

    @Test
    void a_column_that_the_walked_table_gets_meanwhile_is_in_nobodys_way() throws Exception {
        execute("CREATE TABLE s (id int PRIMARY KEY, v varchar(9))", "CREATE TABLE t LIKE s");
        execute("INSERT INTO s SELECT seq, seq FROM seq_1_to_50");
        Runnable change = () -> execute(
                "ALTER TABLE s ADD COLUMN more int AFTER id",
                "UPDATE s SET v = 'new', more = 1 WHERE id = 7",
                "DELETE FROM s WHERE id = 8");
        assertThatThrownBy(() -> run(COPY, dies(Point.AFTER_FILL_BATCH, change)))
                .hasMessageContaining("dies");

        run(COPY, Probe.NONE);

        assertThat(rows("SELECT count(*) FROM s JOIN t USING (id) WHERE t.v = s.v"))
                .isEqualTo("49");
        assertThat(rows("SELECT count(*) FROM t")).isEqualTo("49");
    }

    @Test
    void a_sequence_that_numbers_the_target_is_moved_past_the_numbers_that_are_copied() throws Exception {
        execute(
                "CREATE TABLE s (id int PRIMARY KEY, v varchar(9))",
                "CREATE SEQUENCE numbers",
                "CREATE TABLE t (id int PRIMARY KEY DEFAULT nextval(numbers), v varchar(9))",
                "INSERT INTO s SELECT seq * 3, seq FROM seq_1_to_50");

        run(COPY, at -> {
            if (at == Point.AFTER_CAPTURE) {
                execute("INSERT INTO t (v) VALUES ('new')");
            }
        });

        assertThat(rows("SELECT id FROM t WHERE v = 'new'")).isEqualTo("151");
        assertThat(rows("SELECT count(*) FROM t")).isEqualTo("51");
    }

    /** The application's own write must not fail; what is not recorded voids capture. */
    @Test
    void a_value_that_capture_cannot_hold_since_its_column_was_widened_stops_the_run_and_not_the_application()
            throws Exception {
        execute("CREATE TABLE s (id int PRIMARY KEY, v varchar(9))", "CREATE TABLE t LIKE s");
        execute("INSERT INTO s SELECT seq, seq FROM seq_1_to_50");

        assertThatThrownBy(() -> run(COPY, at -> {
                    if (at == Point.AFTER_FILL) {
                        execute(
                                "ALTER TABLE s MODIFY v varchar(99)",
                                "UPDATE s SET v = 'longer than nine' WHERE id = 7",
                                "UPDATE s SET v = 'longer than nine, too' WHERE id = 7");
                    }
                }))
                .hasMessageContaining("capture on unusual.s lapsed");
        assertThat(rows("SELECT v FROM s WHERE id = 7")).isEqualTo("longer than nine, too");
    }

    @Test
    void what_would_make_rows_that_are_not_known_again_is_refused() throws Exception {
        execute(
                "CREATE TABLE s (id varchar(20) COLLATE utf8mb4_bin PRIMARY KEY, v varchar(9))",
                "CREATE TABLE t (id varchar(20) PRIMARY KEY, v varchar(9))",
                "CREATE TRIGGER big BEFORE INSERT ON t FOR EACH ROW SET NEW.v = upper(NEW.v)");

        assertThat(neap(Probe.NONE).plan(FillRuns.backfill(yaml(COPY))).findings())
                .extracting(finding -> finding.severity() + " " + finding.check())
                .contains("ERROR collations", "ERROR triggers", "WARNING triggers");
    }
}
