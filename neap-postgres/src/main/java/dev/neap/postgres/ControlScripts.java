package dev.neap.postgres;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/** The numbered scripts of the control schema, applied in order and recorded in `neap.history`. */
final class ControlScripts {
    private static final List<String> SCRIPTS = List.of(
            "V001__control_tables.sql",
            "fingerprint.sql",
            "V002__merge.sql",
            "V003__claims_and_lock_ms.sql",
            "V004__fingerprint_of_ancestors.sql",
            "V005__hold.sql",
            "V006__undo.sql",
            "V007__sources.sql",
            "V008__flat.sql",
            "V009__fill.sql",
            "V010__parts.sql",
            "V011__batch_at.sql",
            "V012__approval.sql",
            "V013__look_end.sql",
            "V014__retry.sql",
            "V015__missed.sql",
            "V016__verification.sql",
            "V017__timed_commit.sql");
    /** One number for every Neap, so that two of them do not install at the same moment. */
    private static final long INSTALL_LOCK = 0x6e656170L;

    private ControlScripts() {}

    static boolean installed(Connection connection) throws SQLException {
        try (Statement s = connection.createStatement();
                ResultSet rs = s.executeQuery("SELECT to_regclass('neap.history') IS NOT NULL")) {
            rs.next();
            return rs.getBoolean(1);
        }
    }

    /** Writes nothing where all of them were applied. */
    static void install(Connection connection) throws SQLException {
        if (installed(connection) && complete(connection)) {
            return;
        }
        connection.setAutoCommit(false);
        try (Statement s = connection.createStatement()) {
            s.execute("SELECT pg_advisory_xact_lock(" + INSTALL_LOCK + ")");
            s.execute("CREATE SCHEMA IF NOT EXISTS neap");
            s.execute("""
                    CREATE TABLE IF NOT EXISTS neap.history (
                        script text PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT clock_timestamp())
                    """);
            for (String script : SCRIPTS) {
                applyOnce(connection, s, script);
            }
            connection.commit();
        } catch (SQLException e) {
            connection.rollback();
            throw e;
        } finally {
            connection.setAutoCommit(true);
        }
    }

    private static boolean complete(Connection connection) throws SQLException {
        try (PreparedStatement s =
                connection.prepareStatement("SELECT count(*) = ? FROM neap.history WHERE script = ANY (?)")) {
            s.setInt(1, SCRIPTS.size());
            s.setArray(2, connection.createArrayOf("text", SCRIPTS.toArray()));
            try (ResultSet rs = s.executeQuery()) {
                rs.next();
                return rs.getBoolean(1);
            }
        }
    }

    private static void applyOnce(Connection connection, Statement s, String script) throws SQLException {
        try (PreparedStatement record =
                connection.prepareStatement("INSERT INTO neap.history (script) VALUES (?) ON CONFLICT DO NOTHING")) {
            record.setString(1, script);
            if (record.executeUpdate() == 1) {
                s.execute(text(script));
            }
        }
    }

    private static String text(String script) {
        try (InputStream in = ControlScripts.class.getResourceAsStream("/dev/neap/postgres/control/" + script)) {
            if (in == null) {
                throw new IllegalStateException("the script " + script + " is missing from the build");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
