package dev.neap.postgres.rebuild;

import java.sql.SQLException;
import java.sql.Statement;

/**
 * The drain under the swap's locks: everything that is pending, in one snapshot, in one round trip. Writers wait for it,
 * and one that takes its snapshot before it commits and then queues at the locks makes the attempt vain; so it must not
 * last longer on a slow network.
 */
final class LastDrain {
    private final UnitWork work;

    LastDrain(UnitWork work) {
        this.work = work;
    }

    void run() throws SQLException {
        try (Statement s = work.connection().createStatement()) {
            s.execute(script());
        } catch (SQLException e) {
            rollback(e);
            throw e;
        }
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
                    PERFORM neap.unit_drained(%d, %d, changes, added - removed);
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
                        work.unit().token());
        return "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT neap.hold("
                + work.unit().id() + ", "
                + work.unit().token() + "); SET LOCAL enable_seqscan = off; SET LOCAL enable_hashjoin = off;"
                + " SET LOCAL enable_mergejoin = off; " + SwapScript.block(body) + "; COMMIT";
    }
}
