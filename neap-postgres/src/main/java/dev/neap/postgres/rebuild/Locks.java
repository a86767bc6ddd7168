package dev.neap.postgres.rebuild;

import dev.neap.dialect.NeapException;
import dev.neap.dialect.NeapException.Kind;
import dev.neap.dialect.PartitionRebuild.Attempt;
import dev.neap.postgres.query.SqlFailures;
import dev.neap.postgres.shadow.LockNeed;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/** Locks on tables that the application uses: each with a limit, and with a name for who was in the way. */
final class Locks {
    /** What a lock would have to wait for. */
    enum Aim {
        /** Sessions that wrote the live partition. */
        WRITERS,
        /** Sessions that wrote the shadow, through its eager capture. */
        SHADOW,
        /** Everybody who touched a table of the swap. */
        EVERYBODY
    }

    private Locks() {}

    /**
     * A lock on the live partition that stalls no reader and no writer, with a longer limit: an autovacuum gives way only
     * to a wait that outlasts the server's deadlock_timeout.
     */
    static void courtesy(Statement s, UnitWork work) throws SQLException {
        s.execute("SET LOCAL lock_timeout = " + work.tuning().courtesy().toMillis());
        s.execute("LOCK TABLE ONLY " + work.names().liveTable() + " IN SHARE UPDATE EXCLUSIVE MODE");
    }

    /** The same on every table of a swap, the shadow among them, so that no autovacuum is in its way. */
    static void courtesyForSwap(Statement s, UnitWork work) throws SQLException {
        List<String> locks = new ArrayList<>();
        locks.add("SET LOCAL lock_timeout = " + work.tuning().courtesy().toMillis());
        work.sources().map(SourceCapture::courtesy).ifPresent(locks::addAll);
        for (LockNeed need : work.definition().locks()) {
            if (!need.sequence()) {
                locks.add("LOCK TABLE ONLY " + need.relation() + " IN SHARE UPDATE EXCLUSIVE MODE");
            }
        }
        s.execute(String.join("; ", locks));
    }

    /** From here on the application may feel it. */
    static void deadline(Statement s, UnitWork work) throws SQLException {
        long ms = work.tuning().lockDeadline().toMillis();
        s.execute("SET LOCAL lock_timeout = " + ms);
        s.execute("SET LOCAL idle_in_transaction_session_timeout = " + ms);
    }

    /** Holds off the writers of the live partition, until the transaction ends, and waits out those in flight. */
    static void holdWritersOff(Statement s, UnitWork work) throws SQLException {
        courtesy(s, work);
        deadline(s, work);
        s.execute("LOCK TABLE ONLY " + work.names().liveTable() + " IN SHARE ROW EXCLUSIVE MODE");
    }

    /** A miss, with who was in the way; whatever else went wrong is thrown. */
    static Attempt missed(UnitWork work, SQLException e, Aim aim) throws SQLException {
        if (!isLock(e)) {
            throw e;
        }
        return named(work, e, tables(work, aim));
    }

    /** The same where these tables were asked for. */
    static Attempt missed(UnitWork work, SQLException e, List<Long> tables) throws SQLException {
        if (!isLock(e)) {
            throw e;
        }
        return named(work, e, tables);
    }

    private static Attempt named(UnitWork work, SQLException e, List<Long> tables) throws SQLException {
        List<String> who = new Bystanders(work.connection()).holders(tables, 0, -1);
        return Attempt.missed(SqlFailures.explain(e), who);
    }

    private static boolean isLock(SQLException e) {
        return SqlFailures.explain(e).kind() == Kind.LOCK
                || "40P01".equals(SqlFailures.state(e))
                || "40001".equals(SqlFailures.state(e));
    }

    /** The same as a failure. */
    static NeapException failure(UnitWork work, SQLException e, Aim aim) throws SQLException {
        Attempt missed = missed(work, e, aim);
        return new NeapException(Kind.LOCK, missed.cause(), missed.inTheWay(), e);
    }

    /** The tables that matter for an aim. */
    static List<Long> tables(UnitWork work, Aim aim) throws SQLException {
        if (aim == Aim.SHADOW) {
            return work.shadowOid().map(List::of).orElse(List.of());
        }
        List<Long> oids = new ArrayList<>();
        oids.add(work.requireLive());
        if (aim == Aim.EVERYBODY) {
            for (LockNeed need : work.definition().locks()) {
                if (need.oid() != 0) {
                    oids.add(need.oid());
                }
            }
        }
        return oids.stream().distinct().toList();
    }
}
