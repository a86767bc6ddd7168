package dev.neap.postgres.rebuild;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * What a unit records inside the transaction that writes its data, so that a record and its data commit together. Each
 * method runs on the caller's connection and commits nothing.
 */
final class UnitWrites {
    private final Connection connection;
    private final long unit;
    private final long token;

    UnitWrites(Connection connection, long unit, long token) {
        this.connection = connection;
        this.unit = unit;
        this.token = token;
    }

    /**
     * Locks the unit's row and tests the lease: the first statement of every writing transaction.
     *
     * @throws SQLException NP001 when the token or the lease is no longer ours
     */
    void hold() throws SQLException {
        try (PreparedStatement s = connection.prepareStatement("SELECT neap.hold(?, ?)")) {
            s.setLong(1, unit);
            s.setLong(2, token);
            s.execute();
        }
    }

    /** A batch was loaded: the checkpoint and the rows. */
    void loaded(long nextBlock, long rows) throws SQLException {
        update("""
                next_block = ?, rows_loaded = rows_loaded + ?, last_write = pg_current_xact_id(), step = 'load'""", nextBlock, rows);
    }

    /**
     * The shadow is filled from what this transaction's snapshot sees of other tables.
     *
     * @param state SQL that yields which tables those are, in one text; yields null while it is not filled yet
     */
    void sourceSnapshot(String state) throws SQLException {
        update("source_snapshot = pg_current_snapshot(), source_state = " + state);
    }

    /** Changes were replayed; the number of rows in the shadow moved by this much. */
    void drained(long changes, long rowsAdded) throws SQLException {
        update("""
                changes_replayed = changes_replayed + ?, rows_loaded = rows_loaded + ?, last_write = pg_current_xact_id()""", changes, rowsAdded);
    }

    /** The shadow wrote something that is neither a load nor a drain. */
    void wrote() throws SQLException {
        update("last_write = pg_current_xact_id()");
    }

    /** The unit enters a step. */
    void enter(String step) throws SQLException {
        try (PreparedStatement s = connection.prepareStatement(
                "UPDATE neap.unit SET step = ?, waiting_for = NULL WHERE id = ? AND token = ?")) {
            s.setString(1, step);
            s.setLong(2, unit);
            s.setLong(3, token);
            mine(s);
        }
    }

    /** The shadow was made for this live table. */
    void shadowMade(long liveOid, long shadowOid, String fingerprint) throws SQLException {
        try (PreparedStatement s = connection.prepareStatement("""
                UPDATE neap.unit SET live_oid = ?, shadow_oid = ?, fingerprint = ?, step = 'capture', next_block = 0,
                       end_block = 0, rows_loaded = 0, merge_key = NULL, last_write = pg_current_xact_id()
                WHERE id = ? AND token = ?
                """)) {
            s.setLong(1, liveOid);
            s.setLong(2, shadowOid);
            s.setString(3, fingerprint);
            s.setLong(4, unit);
            s.setLong(5, token);
            mine(s);
        }
    }

    /** Capture began: the load covers the blocks before this one. */
    void captureStarted(long endBlock) throws SQLException {
        update("end_block = ?, next_block = 0, step = 'load'", endBlock);
    }

    /** The unit goes back to its beginning. */
    void restart() throws SQLException {
        update("""
                step = 'fingerprint', restarts = restarts + 1, next_block = 0, rows_loaded = 0, source_snapshot = NULL,
                source_state = NULL""");
    }

    /**
     * Rows were merged, in key order up to this one.
     *
     * @param key the key's values as text; null when the pass has ended
     */
    void merged(String @Nullable [] key, long rows) throws SQLException {
        try (PreparedStatement s = connection.prepareStatement(
                "UPDATE neap.unit SET merge_key = ?, rows_merged = rows_merged + ? WHERE id = ? AND token = ?")) {
            s.setArray(1, key == null ? null : connection.createArrayOf("text", key));
            s.setLong(2, rows);
            s.setLong(3, unit);
            s.setLong(4, token);
            mine(s);
        }
    }

    /** Everything is merged: the unit is done, and nothing of it is kept. */
    void mergeDone() throws SQLException {
        update(
                "state = 'done', step = 'settle', lock_ms = 0, waiting_for = NULL, cause = NULL, done_at = clock_timestamp()");
    }

    /** Rows of a done partition that arrived in the old form were recomputed. */
    void mended(long rows) throws SQLException {
        update("rows_mended = rows_mended + ?", rows);
    }

    /** The whole of a done partition was looked through up to this block. */
    void swept(long nextBlock, long rows) throws SQLException {
        update("next_block = ?, rows_mended = rows_mended + ?", nextBlock, rows);
    }

    /** The whole of a done partition must be looked through. */
    void sweep() throws SQLException {
        update("sweep_all = true, next_block = 0");
    }

    /** The whole of a done partition was looked through. */
    void sweptAll() throws SQLException {
        update("sweep_all = false");
    }

    /** Nothing is left to do for the unit. */
    void settled() throws SQLException {
        update("settled = true");
    }

    private void update(String assignments, long... values) throws SQLException {
        try (PreparedStatement s =
                connection.prepareStatement("UPDATE neap.unit SET " + assignments + " WHERE id = ? AND token = ?")) {
            int at = 1;
            for (long value : values) {
                s.setLong(at++, value);
            }
            s.setLong(at++, unit);
            s.setLong(at, token);
            mine(s);
        }
    }

    private void mine(PreparedStatement s) throws SQLException {
        if (s.executeUpdate() != 1) {
            throw new SQLException("unit " + unit + " has another owner", "NP001");
        }
    }
}
