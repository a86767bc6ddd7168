package dev.neap.testkit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Set;

/** Makes a streaming hot standby by an online copy of the primary's files. */
final class Standby {
    private static final int LABEL_VERSION = 15;
    private static final Duration REPLAY = Duration.ofSeconds(30);
    private static final Set<String> LEFT_BEHIND =
            Set.of("postmaster.pid", "postmaster.opts", "epg-lock", "backup_label", "tablespace_map");

    private Standby() {}

    static PostgresServer of(PostgresServer primary) {
        PostgresServer standby = new PostgresServer(
                primary.major(), PostgresServer.newHome(primary.major()), primary.settings(), PostgresServer.STARTUP);
        try {
            copy(primary, standby.data());
        } catch (SQLException | IOException e) {
            standby.close();
            throw new IllegalStateException("the standby's base backup failed: " + e, e);
        }
        standby.start();
        return standby;
    }

    private static void copy(PostgresServer primary, Path data) throws SQLException, IOException {
        String label;
        // The session that began the backup must stay until it has ended it.
        try (Connection connection = primary.connect(PostgresServer.ADMIN);
                Statement statement = connection.createStatement()) {
            boolean renamed = primary.major() >= LABEL_VERSION;
            statement.execute(
                    renamed
                            ? "SELECT pg_backup_start('neap-testkit', true)"
                            : "SELECT pg_start_backup('neap-testkit', true, false)");
            DataFolder.copy(
                    primary.data(),
                    data,
                    file -> !LEFT_BEHIND.contains(file.getFileName().toString()));
            label = labelFile(statement, renamed);
        }
        Files.writeString(data.resolve("backup_label"), label);
        Files.createFile(data.resolve("standby.signal"));
        Files.writeString(
                data.resolve("postgresql.auto.conf"),
                "\nprimary_conninfo = 'host=localhost port=" + primary.port() + " user=" + PostgresServer.ADMIN
                        + " application_name=standby'\nlog_recovery_conflict_waits = on\n",
                StandardOpenOption.CREATE,
                StandardOpenOption.APPEND);
    }

    private static String labelFile(Statement statement, boolean renamed) throws SQLException {
        try (ResultSet rows = statement.executeQuery(
                renamed
                        ? "SELECT labelfile FROM pg_backup_stop(false)"
                        : "SELECT labelfile FROM pg_stop_backup(false, false)")) {
            rows.next();
            return rows.getString(1);
        }
    }

    static void awaitReplay(PostgresServer primary, PostgresServer standby) {
        long deadline = System.nanoTime() + REPLAY.toNanos();
        try (Connection from = primary.connect(PostgresServer.ADMIN);
                Connection to = standby.connect(PostgresServer.ADMIN)) {
            // A durable commit flushes what the asynchronous ones before it left in memory, if it wrote anything.
            text(from, "SELECT set_config('synchronous_commit', 'local', false)");
            text(from, "SELECT pg_logical_emit_message(true, 'neap-testkit', '')");
            String lsn = text(from, "SELECT pg_current_wal_flush_lsn()");
            while (!"t".equals(text(to, "SELECT pg_last_wal_replay_lsn() >= '" + lsn + "'::pg_lsn"))) {
                if (System.nanoTime() > deadline) {
                    throw new IllegalStateException("the standby did not reach " + lsn + "\n" + standby.logTail());
                }
                Thread.sleep(5);
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    private static String text(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getString(1);
        }
    }
}
