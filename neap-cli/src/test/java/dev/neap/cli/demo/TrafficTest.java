package dev.neap.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neap.cli.server.OwnServer;
import dev.neap.cli.server.Programs;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The application, its ledger and the audit, which are to be trusted before Neap is judged by them. */
class TrafficTest {
    private static final Bank BANK = Bank.of(12_000, 6);
    private static OwnServer server;

    @BeforeAll
    static void start() throws SQLException {
        server = OwnServer.start("demo", Programs.bundled(), BANK.rows());
        Stage.fill(server, BANK);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void the_server_is_as_durable_as_a_real_one() throws SQLException {
        assertThat(Stage.describe(server.url(Stage.DATABASE))).contains("fsync on", "synchronous_commit on");
    }

    @Test
    void its_files_go_with_it() {
        Path home;
        try (OwnServer other = OwnServer.start("demo", Programs.bundled(), 1)) {
            home = other.file("x").getParent();
            assertThat(Files.exists(home)).isTrue();
        }
        assertThat(Files.exists(home)).isFalse();
    }

    @Test
    void a_whole_update_under_traffic_passes_the_audit() throws SQLException {
        Ledger ledger = new Ledger(BANK);
        String database = copy("whole");
        Observations.Summary seen;
        try (Application application = Application.start(server.url(database), ledger, 1)) {
            application.workFor(1_000);
            application.deploy();
            new OneStatement(server).rebuild(database, application);
            // A row in the old form that was moved under the statement's eyes may be left.
            new OneStatement(server).rebuild(database, application);
            application.workFor(500);
            seen = application.nextPhase();
        }

        assertThat(seen.wrong()).isEmpty();
        assertThat(seen.kinds()).containsKeys("insert", "update", "note", "delete", "move", "rollback");
        Audit.Result audit = Audit.of(server.url(database), ledger);
        assertThat(audit.examples()).isEmpty();
        assertThat(audit.writes()).isPositive();
        assertThat(audit.right()).isTrue();
    }

    @Test
    void the_audit_finds_what_is_lost_doubled_changed_or_left_old() throws SQLException {
        Ledger ledger = new Ledger(BANK);
        String database = copy("broken");
        ledger.touch(4);
        ledger.commit(new Ledger.Transfer(4, BANK.bookedOn(4), 77, 2, false));
        ledger.touch(5);
        ledger.commit(new Ledger.Transfer(5, BANK.bookedOn(5), 1, 2, true));
        server.execute(
                database,
                List.of(
                        "UPDATE bank.entry SET amount = amount * 100, unit = 'cent' WHERE transfer_id <> 1",
                        "DELETE FROM bank.entry WHERE id = 4",
                        "UPDATE bank.entry SET amount = amount + 1 WHERE id = 6"));

        Audit.Result audit = Audit.of(server.url(database), ledger);

        assertThat(audit.oldForm()).isEqualTo(2);
        assertThat(audit.lostWrites()).isEqualTo(2);
        assertThat(audit.wrongHistory()).isEqualTo(2);
        assertThat(audit.sumCents()).isNotZero();
        assertThat(audit.right()).isFalse();
    }

    @Test
    void a_reader_tells_an_empty_a_half_and_a_mixed_month() throws SQLException {
        String database = copy("months");
        String first = BANK.partition(0);
        assertThat(month(database)).isEmpty();
        server.execute(
                database,
                List.of("UPDATE %s SET amount = amount * 100, unit = 'cent' WHERE id < 1000".formatted(first)));
        assertThat(month(database)).isEqualTo("mixed");
        server.execute(database, List.of("DELETE FROM %s WHERE id = 2".formatted(first)));
        assertThat(month(database)).isEqualTo("half");
        server.execute(database, List.of("ALTER TABLE bank.entry DETACH PARTITION " + first));
        assertThat(month(database)).isEqualTo("empty");
    }

    private static String month(String database) throws SQLException {
        try (var connection = java.sql.DriverManager.getConnection(server.url(database))) {
            return MonthTotal.read(connection, BANK, BANK.month(0)).wrong();
        }
    }

    private static String copy(String database) throws SQLException {
        server.copyDatabase(Stage.DATABASE, database);
        return database;
    }
}
