package dev.neap.postgres.rebuild;

import dev.neap.backfill.LiveWrites;
import dev.neap.dialect.PartitionRebuild.Attempt;
import dev.neap.dialect.PartitionRebuild.Drained;
import dev.neap.dialect.PartitionRebuild.SwapMoments;
import dev.neap.postgres.query.Query;
import dev.neap.postgres.query.SqlFailures;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The last drain, and the turn from recorded changes to applied ones: one short transaction while the writers of the live
 * partition, and nobody else, wait. From its commit on every change is in the shadow with the transaction that made it, so
 * that the swap has no writer to race. While this is so nothing else drains: a drain would not see what a writer has
 * deleted and not committed yet, and put it back.
 */
final class TurnOver {
    /** Recorded changes, besides those applied, that are left to the next turn-over: some milliseconds of its lock. */
    private static final int FEW = 1_000;

    private final UnitWork work;

    TurnOver(UnitWork work) {
        this.work = work;
    }

    /** Whether changes are applied by now; also after a crash. */
    boolean inPlace() throws SQLException {
        return Query.of(
                        work.connection(),
                        "SELECT coalesce(bool_or(prosrc LIKE '%pg_visible_in_snapshot%'), false) FROM pg_proc"
                                + " WHERE pronamespace = 'neap'::regnamespace AND proname = ?",
                        work.names().captureName())
                .truth();
    }

    /** Whether there can be changes, and they can be replayed one by one. */
    boolean wanted() throws SQLException {
        return work.sql().hasKey() && work.backfill().rebuild().writes() == LiveWrites.CAPTURE;
    }

    /** Got when nothing is left to drain: because of this, or as it is. */
    Attempt attempt(Connection session, SwapMoments moments) throws SQLException {
        if (!wanted() || (!pending() && (inPlace() || !appliesInTime()))) {
            return Attempt.GOT;
        }
        session.setAutoCommit(false);
        try (Statement s = session.createStatement()) {
            Locks.courtesy(s, work);
            // What a new session reads of the catalog for the first time is read before the lock.
            s.execute("EXPLAIN " + work.sql().deletePending(Long.MAX_VALUE) + "; EXPLAIN "
                    + work.sql().insertPending(Long.MAX_VALUE));
            moments.beforeTurnOver();
            s.execute(script());
            return Attempt.GOT;
        } catch (SQLException e) {
            session.rollback();
            // Its own statement_timeout: too much for the deadline.
            return "57014".equals(SqlFailures.state(e))
                    ? Attempt.missed("changes that were not replayed within the deadline")
                    : Locks.missed(work, e, Locks.Aim.WRITERS);
        } catch (RuntimeException e) {
            session.rollback();
            throw e;
        } finally {
            if (!session.isClosed()) {
                session.setAutoCommit(true);
            }
        }
    }

    private boolean pending() throws SQLException {
        return Query.of(
                        work.connection(),
                        "SELECT EXISTS (SELECT FROM " + work.names().changes() + ")")
                .truth();
    }

    /**
     * What is left to drain while changes are applied.
     *
     * @return that there is more, if it is too much for a turn-over; else that there is nothing to do
     */
    Drained rest(Statement s) throws SQLException {
        String changes = work.names().changes();
        if (UnitWork.number(s, "SELECT count(*) FROM " + changes + " WHERE op = 'T'") > 0) {
            return new Drained(0, false, "the application truncated the partition");
        }
        long left =
                UnitWork.number(s, "SELECT count(*) FROM (SELECT FROM " + changes + " LIMIT " + (FEW + 1) + ") AS few");
        return new Drained(0, left > FEW, "");
    }

    /** Back to recorded changes, with writers held off. */
    void back() throws SQLException {
        work.inTransaction(s -> {
            Locks.holdWritersOff(s, work);
            s.execute(work.capture().function(eager()));
            return s;
        });
    }

    private boolean eager() throws SQLException {
        return !work.definition().foreignKeys().isEmpty();
    }

    /**
     * A deferrable foreign key over a recomputed column may fail at the application's COMMIT, where nothing catches it;
     * with other columns it fails there only if the live one does. So those changes go on being recorded.
     */
    private boolean appliesInTime() throws SQLException {
        return !Query.of(
                        work.connection(),
                        """
                        SELECT EXISTS (SELECT FROM pg_constraint co JOIN pg_attribute a ON a.attrelid = co.conrelid
                                           AND a.attnum = ANY (co.conkey)
                                       WHERE co.conrelid = ?::oid AND co.contype = 'f' AND co.condeferrable
                                         AND (a.attgenerated <> '' OR a.attname = ANY (?::text[])))
                        """,
                        work.requireLive(),
                        List.copyOf(work.backfill().rebuild().set().keySet()))
                .truth();
    }

    /** The shadow's have the live one's names. */
    private List<String> deferrable() throws SQLException {
        return Query.of(
                        work.connection(),
                        "SELECT format('%I.%I', ?, conname) FROM pg_constraint WHERE conrelid = ?::oid AND condeferrable"
                                + " AND contype IN ('p', 'u', 'x') ORDER BY conname",
                        work.names().work(),
                        work.requireLive())
                .texts();
    }

    private Optional<String> function() throws SQLException {
        if (!appliesInTime()) {
            return Optional.empty();
        }
        CaptureSql capture = work.capture();
        ImmediateSql immediate =
                new ImmediateSql(work.sql(), capture.keyChanged(), work.names().unit(), deferrable());
        return Optional.of(capture.immediate(immediate, eager()));
    }

    /**
     * One message. Under its lock no change is in flight, so all its statements see the same. The deadline is that of the
     * one statement which waits for the lock and then drains.
     */
    private String script() throws SQLException {
        long deadline = work.tuning().lockDeadline().toMillis();
        return "SET LOCAL enable_seqscan = off; SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off;"
                + " SET LOCAL idle_in_transaction_session_timeout = " + deadline
                + "; SET LOCAL statement_timeout = " + deadline + "; " + SwapScript.block(body(deadline)) + "; COMMIT";
    }

    private String body(long deadline) throws SQLException {
        UnitNames names = work.names();
        RebuildSql sql = work.sql();
        return """
                #variable_conflict use_column
                DECLARE
                    changes bigint;
                    removed bigint;
                    added bigint;
                    before xid8;
                    drained xid8;
                BEGIN
                    PERFORM neap.hold(%1$d, %2$d);
                    PERFORM set_config('lock_timeout', least(%4$d,
                        extract(epoch FROM current_setting('deadlock_timeout')::interval) * 500)::int::text, true);
                    LOCK TABLE ONLY %3$s IN SHARE ROW EXCLUSIVE MODE;
                    -- Whoever holds a referenced row, and waits for this lock, soon gets it.
                    PERFORM set_config('lock_timeout', (%4$d / 4)::text, true);
                    IF (SELECT last_value FROM %5$s) > %6$d OR EXISTS (SELECT FROM %7$s WHERE op = 'T')
                       OR (SELECT last_value FROM %8$s) <= extract(epoch FROM clock_timestamp()) THEN
                        RAISE EXCEPTION 'the shadow is void' USING ERRCODE = 'NP004';
                    END IF;
                    SELECT last_write INTO before FROM neap.unit WHERE id = %1$d;
                    SELECT count(*) INTO changes FROM %7$s;
                    IF changes > 0 THEN
                """.formatted(
                                work.unit().id(),
                                work.unit().token(),
                                names.liveTable(),
                                deadline,
                                names.changesSequence(),
                                work.tuning().captureLimit(),
                                names.changes(),
                                names.aliveUntil())
                + sql.deletePending(Long.MAX_VALUE) + ";\nGET DIAGNOSTICS removed = ROW_COUNT;\n"
                + sql.insertPending(Long.MAX_VALUE) + ";\nGET DIAGNOSTICS added = ROW_COUNT;\n"
                + sql.deleteReplayed(Long.MAX_VALUE) + ";\nPERFORM neap.unit_drained("
                + work.unit().id() + ", "
                + work.unit().token() + ", changes, " + (work.carriesOver() ? "changes" : "added - removed") + ");\n"
                + "END IF;\nSELECT last_write INTO drained FROM neap.unit WHERE id = "
                + work.unit().id() + ";\n"
                + function().map(ImmediateSql::make).orElse("") + "END\n";
    }

    /** For a plan: what else is done than in any drain. */
    List<String> statements() throws SQLException {
        List<String> all = new ArrayList<>();
        all.add("LOCK TABLE ONLY " + work.names().liveTable() + " IN SHARE ROW EXCLUSIVE MODE");
        function().ifPresent(all::add);
        return all;
    }
}
