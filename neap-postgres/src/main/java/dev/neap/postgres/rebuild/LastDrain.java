package dev.neap.postgres.rebuild;

import dev.neap.control.UnitRow;
import dev.neap.postgres.rebuild.Bystanders.Old;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/**
 * The drain under the swap's locks: everything that is pending, in one snapshot, and the first look for older snapshots,
 * in one round trip. Writers wait for it, and one that takes its snapshot before it commits and then queues at the locks
 * makes the attempt vain; so it must not last longer on a slow network. For the same reason it is sent before the locks
 * are had, and waits at a gate, an advisory lock, which the session that gets the locks opens within the server.
 */
final class LastDrain {
    /** The first of an advisory lock's two numbers: "NEAP" in ASCII. */
    private static final int NEAP = 0x4E454150;

    private final UnitWork work;

    LastDrain(UnitWork work) {
        this.work = work;
    }

    /**
     * What was there when it had committed.
     *
     * @param lastWrite the transaction that wrote the shadow last
     * @param log where the server's log ended
     * @param old sessions whose snapshot may be older
     */
    record Committed(String lastWrite, String log, List<Old> old) {}

    /** The statement that closes the gate, in the session that is about to get the locks. */
    static String closeGate(UnitRow unit) {
        return "SELECT pg_advisory_lock(" + gate(unit) + ")";
    }

    /** Opens it. What waits there then goes on, whether the locks were had or not: a drain does no harm without them. */
    static String openGate(UnitRow unit) {
        return "SELECT pg_advisory_unlock(" + gate(unit) + ")";
    }

    private static String gate(UnitRow unit) {
        return NEAP + ", " + (int) unit.id();
    }

    Committed run(long swapperPid) throws SQLException {
        try (Statement s = work.connection().createStatement()) {
            return committed(s, s.execute(script() + "; " + look(swapperPid)));
        } catch (SQLException e) {
            rollback(e);
            throw e;
        }
    }

    private String look(long swapperPid) {
        String lastWrite =
                "SELECT last_write FROM neap.unit WHERE id = " + work.unit().id();
        return "SELECT coalesce((" + lastWrite + ")::text, ''), pg_current_wal_insert_lsn()::text; "
                + Bystanders.olderThanSql(
                        lastWrite, 0, swapperPid, UnitNames.sessions(work.unit().runId()));
    }

    /** The last two results are those of the look. */
    private static Committed committed(Statement s, boolean first) throws SQLException {
        String lastWrite = "";
        String log = "";
        List<Old> old = new ArrayList<>();
        boolean rows = first;
        while (rows || s.getUpdateCount() != -1) {
            if (rows) {
                try (ResultSet rs = s.getResultSet()) {
                    int columns = rs.getMetaData().getColumnCount();
                    while (rs.next()) {
                        if (columns == 2) {
                            lastWrite = rs.getString(1);
                            log = rs.getString(2);
                        } else if (columns > 2) {
                            old.add(Bystanders.old(rs));
                        }
                    }
                }
            }
            rows = s.getMoreResults();
        }
        return new Committed(lastWrite, log, old);
    }

    private void rollback(SQLException e) {
        try (Statement s = work.connection().createStatement()) {
            s.execute("ROLLBACK");
        } catch (SQLException lost) {
            e.addSuppressed(lost);
        }
    }

    private String script() throws SQLException {
        RebuildSql sql = work.sql();
        String replay = sql.hasKey()
                ? sql.deletePending(Long.MAX_VALUE) + ";\n                    GET DIAGNOSTICS removed = ROW_COUNT;\n"
                        + sql.insertPending(Long.MAX_VALUE) + ";\n                    GET DIAGNOSTICS added = ROW_COUNT"
                : "RAISE EXCEPTION 'changes came in' USING ERRCODE = 'NP004'";
        String body = """
                DECLARE
                    changes bigint;
                    removed bigint;
                    added bigint;
                BEGIN
                    IF (SELECT last_value FROM %s) > %d OR EXISTS (SELECT FROM %s WHERE op = 'T')
                       OR (SELECT last_value FROM %s) <= extract(epoch FROM clock_timestamp()) THEN
                        RAISE EXCEPTION 'the shadow is void' USING ERRCODE = 'NP004';
                    END IF;
                    SELECT count(*) INTO changes FROM %s;
                    IF changes = 0 THEN
                        RETURN;
                    END IF;
                    %s;
                    %s;
                    PERFORM neap.unit_drained(%d, %d, changes, %s);
                END
                """.formatted(
                        work.names().changesSequence(),
                        work.tuning().captureLimit(),
                        work.names().changes(),
                        work.names().aliveUntil(),
                        work.names().changes(),
                        replay,
                        sql.deleteReplayed(Long.MAX_VALUE),
                        work.unit().id(),
                        work.unit().token(),
                        work.carriesOver() ? "changes" : "added - removed");
        return "BEGIN; SET LOCAL lock_timeout = "
                + work.tuning().lockDeadline().toMillis() + "; SELECT pg_advisory_xact_lock(" + gate(work.unit())
                + "); COMMIT; BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT neap.hold("
                + work.unit().id() + ", "
                + work.unit().token() + "); SET LOCAL enable_seqscan = off; SET LOCAL enable_hashjoin = off;"
                + " SET LOCAL enable_mergejoin = off; " + SwapScript.block(body) + "; COMMIT";
    }
}
