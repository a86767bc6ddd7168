package dev.neap.postgres.rebuild;

import dev.neap.dialect.NeapException;
import dev.neap.dialect.NeapException.Kind;
import dev.neap.dialect.PartitionRebuild.Attempt;
import dev.neap.postgres.query.Names;
import dev.neap.postgres.query.SqlFailures;
import dev.neap.postgres.shadow.LockNeed;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

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

    /** The end of the transaction's deadline, once {@link #within} has set it. */
    static final String DEADLINE = "current_setting('neap.deadline')::timestamptz";

    /**
     * Takes locks one after another, in one message, under one deadline: what one waits is no longer left for the next.
     *
     * @param ms from the moment that the server begins with it
     */
    static String within(long ms, List<String> locks) {
        String list = locks.stream().map(Names::literal).collect(Collectors.joining(", "));
        String body = """
                DECLARE
                    step text;
                    left_ms bigint;
                BEGIN
                    PERFORM set_config('neap.deadline', (clock_timestamp() + %d * interval '1 millisecond')::text, true);
                    FOREACH step IN ARRAY ARRAY[%s]::text[] LOOP
                        left_ms := floor(extract(epoch FROM %s - clock_timestamp()) * 1000);
                        IF left_ms < 1 THEN
                            RAISE EXCEPTION 'no time is left for: %%', step USING ERRCODE = '55P03';
                        END IF;
                        PERFORM set_config('lock_timeout', left_ms::text, true);
                        EXECUTE step;
                    END LOOP;
                END
                """.formatted(ms, list, DEADLINE);
        return SwapScript.block(body);
    }

    /** From here on the application may feel it. */
    static void deadline(Statement s, UnitWork work) throws SQLException {
        long ms = work.tuning().lockDeadline().toMillis();
        s.execute("SET LOCAL lock_timeout = " + ms);
        s.execute("SET LOCAL idle_in_transaction_session_timeout = " + ms);
    }

    /** A miss, with who was in the way; whatever else went wrong is thrown. */
    static Attempt missed(UnitWork work, SQLException e, Aim aim) throws SQLException {
        NeapException ours = SqlFailures.explain(e);
        boolean lock = ours.kind() == Kind.LOCK
                || "40P01".equals(SqlFailures.state(e))
                || "40001".equals(SqlFailures.state(e));
        if (!lock) {
            throw e;
        }
        List<String> who = new Bystanders(work.connection()).holders(tables(work, aim), 0, -1);
        return Attempt.missed(who.isEmpty() ? String.valueOf(ours.getMessage()) : String.join("; ", who));
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
