package dev.neap.postgres.signals;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neap.postgres.query.Query;
import dev.neap.testkit.PostgresServer;
import dev.neap.throttle.Reading;
import dev.neap.throttle.Signal;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A slot that the server has given up: it keeps neither log nor dead rows any more, whatever it once asked for. */
class DeadSlotTest {
    private static final String SLOT = "SELECT %s FROM pg_replication_slots WHERE slot_name = 'left'";

    @TempDir
    Path folder;

    private Signal signal(PostgresServer server, String name) throws SQLException, IOException {
        return new PostgresSignals("neap run 1", () -> server.connect("postgres"), List.of())
                .of(Read.file(folder, "throttle: { replica_lag: none }\n")).signals().stream()
                        .filter(signal -> signal.limits().signal().equals(name))
                        .findFirst()
                        .orElseThrow();
    }

    private static void await(PostgresServer server, String of) {
        Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> {
            try (Connection c = server.connect("postgres")) {
                return Query.of(c, SLOT.formatted(of)).truth();
            }
        });
    }

    @Test
    void is_no_reason_to_wait() throws Exception {
        try (PostgresServer server = PostgresServer.start(18, Map.of())) {
            server.execute("postgres", "SELECT pg_create_physical_replication_slot('left', true)");
            try (PostgresServer standby = server.standby()) {
                standby.execute(
                        "postgres",
                        "ALTER SYSTEM SET hot_standby_feedback = on",
                        "ALTER SYSTEM SET wal_receiver_status_interval = '1s'",
                        "ALTER SYSTEM SET primary_slot_name = 'left'",
                        "SELECT pg_reload_conf()");
                await(server, "xmin IS NOT NULL");
            }
            server.execute("postgres", "SELECT pg_current_xact_id()", "SELECT pg_current_xact_id(), pg_switch_wal()");
            try (Signal log = signal(server, SlotWal.NAME);
                    Signal transaction = signal(server, OldestTransaction.NAME)) {
                assertThat(Read.until(log, reading -> reading.value() > 0).about())
                        .isEqualTo("slot left");
                assertThat(Read.until(transaction, reading -> reading.value() > 0)
                                .about())
                        .isEqualTo("slot left");

                server.execute(
                        "postgres",
                        "ALTER SYSTEM SET idle_replication_slot_timeout = '1s'",
                        "SELECT pg_reload_conf()",
                        "SELECT pg_sleep(1.5)",
                        "CHECKPOINT");
                await(server, "wal_status = 'lost' AND xmin IS NOT NULL AND restart_lsn IS NOT NULL");

                assertThat(log.read()).isEqualTo(Reading.of(0, ""));
                transaction.read();
                assertThat(transaction.read()).isEqualTo(Reading.of(0, ""));
            }
        }
    }
}
