package dev.neap.postgres.fill;

import dev.neap.dialect.NeapException;
import dev.neap.dialect.NeapException.Kind;
import dev.neap.dialect.TableFill.CaughtUp;
import dev.neap.dialect.Tuning;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reconciles another table with what the application wrote meanwhile to the walked one. */
final class CatchingUp {
    /** What is left at the end is reconciled while writers of the walked table wait. */
    private static final int AT_THE_END = 200;

    private final FillSession session;
    private final FillTables tables;
    private final FillNames names;
    private final FillCapture capture;
    private final Tuning tuning;
    private final long worker;
    private final @Nullable Making making;
    private final PostgresPlans plans;
    private final ReconcileSql sql;
    /** Whether segments are still to be done, so that a row may be on its way that another one references. */
    private boolean walking = true;
    /** Whether what failed last was for want of a row that is referenced. */
    private boolean orphan;
    /** Whether a row may have been put in since that was last recorded. */
    private boolean put;

    /** @param making null where SQL makes the values */
    CatchingUp(
            FillSession session,
            FillTables tables,
            FillNames names,
            FillCapture capture,
            Tuning tuning,
            long worker,
            PostgresPlans plans,
            @Nullable Making making) {
        this.session = session;
        this.tables = tables;
        this.names = names;
        this.capture = capture;
        this.tuning = tuning;
        this.worker = worker;
        this.plans = plans;
        this.making = making;
        this.sql = new ReconcileSql(tables, names);
    }

    /** Every transaction that writes begins with this. */
    void hold(Statement s) throws SQLException {
        s.execute("SELECT neap.hold_fill(" + names.run() + ", " + worker + "), " + CarriedFrom.mark(tables.from()));
    }

    private long graceMs() {
        return tuning.secondWrite().toMillis();
    }

    String state(Statement s) throws SQLException {
        try (ResultSet rs = s.executeQuery("SELECT state FROM neap.fill WHERE " + names.mine("fill"))) {
            rs.next();
            return rs.getString(1);
        }
    }

    /** @throws NeapException UNKNOWN when changes may have escaped */
    void requireCaptured(Statement s) throws SQLException {
        if (FillSession.truth(s, capture.lapsed())) {
            throw new NeapException(Kind.UNKNOWN, "capture on " + tables.from().name() + " lapsed, and is begun anew");
        }
    }

    /** Reconciles the next keys. */
    CaughtUp next(int keys, Runnable beforeCommit) {
        orphan = false;
        recordPut();
        Picked picked = session.in("read committed", s -> pick(s, keys));
        plans.reconcile(picked.keys() > 0);
        if (picked.keys() == 0) {
            return new CaughtUp(0, false, "");
        }
        awaitBatches();
        Making in = making;
        Made now = in == null ? null : in.transform(read(in));
        if (now != null && !now.bad().isEmpty()) {
            return new CaughtUp(0, true, now.bad());
        }
        Made before = in == null ? null : in.transformEach(readBefore(in));
        try {
            session.in("repeatable read", s -> {
                hold(s);
                planForFew(s);
                if (in != null && now != null && before != null) {
                    in.stage(now);
                    in.stageBefore(before);
                    s.execute(plans.sent(sql.unpickChanged()));
                }
                if (!walking) {
                    s.executeUpdate(sql.waitWhileMissing());
                }
                put = reconcile(s) > 0;
                beforeCommit.run();
                return true;
            });
            recordPut();
            return new CaughtUp(picked.keys(), picked.more(), "");
        } catch (NeapException e) {
            String bad = FillSession.bad(e);
            if (bad.isEmpty()) {
                throw e;
            }
            orphan = FillSession.orphan(e);
            return new CaughtUp(0, true, bad);
        }
    }

    /**
     * A row is there for the application from its commit on, which may take long after what comes before it. So that is
     * recorded by a transaction of its own; where this process dies before it, the next one does so as it begins.
     */
    private void recordPut() {
        if (put) {
            session.in("read committed", s -> {
                hold(s);
                recordPut(s);
                return true;
            });
            put = false;
        }
    }

    /** The last row was put in now, or before. */
    void recordPut(Statement s) throws SQLException {
        s.execute("UPDATE neap.fill SET last_insert = clock_timestamp() WHERE " + names.mine("fill"));
    }

    private Making.Reading read(Making in) {
        return session.in("read committed", s -> {
            s.execute("SET TRANSACTION READ ONLY");
            planForFew(s);
            Making.Reading reading = in.read(s, plans.sent(sql.toTransform(in.sql())));
            Making.requireWhole(reading);
            return reading;
        });
    }

    private Making.Reading readBefore(Making in) {
        return session.in("read committed", s -> {
            s.execute("SET TRANSACTION READ ONLY");
            Making.Reading reading = in.readBefore(s);
            Making.requireWhole(reading);
            return reading;
        });
    }

    private record Picked(long keys, boolean more) {}

    private Picked pick(Statement s, int keys) throws SQLException {
        hold(s);
        if (state(s).equals("ended")) {
            return new Picked(0, false);
        }
        requireCaptured(s);
        planForFew(s);
        if (FillSession.truth(s, sql.truncated())) {
            throw new NeapException(
                    Kind.STOP,
                    tables.from().name() + " was truncated during the fill, so what was filled from it has no source;"
                            + " empty " + tables.into().name()
                            + " as you mean it, give the run up with `neap stop --abandon`,"
                            + " and run the fill again");
        }
        if (!walking) {
            s.executeUpdate(sql.waitWhileMissingNoLonger());
        }
        s.execute(sql.unpick());
        long picked = s.executeLargeUpdate(sql.pick(keys, graceMs()));
        long recorded = FillSession.number(s, capture.recorded());
        if (recorded < tuning.captureLimit() / 2) {
            s.execute(capture.allow(tuning.captureLimit() - recorded));
        }
        return new Picked(picked, picked == keys);
    }

    /**
     * A batch that began before the changes were picked may have read rows as they were, and not yet written them: what it
     * writes would be missed. Those that begin later read the rows as they are.
     */
    private void awaitBatches() {
        session.in("read committed", s -> {
            s.execute("SET LOCAL lock_timeout = " + FillSession.MOST_MS);
            s.execute("SELECT pg_advisory_xact_lock(" + names.batches() + ")");
            return true;
        });
    }

    /**
     * A few keys, each found by an index: a round costs the same whether a hundred changes wait or ten million. What the
     * planner guesses of a table that was never analyzed is no matter.
     */
    private void planForFew(Statement s) throws SQLException {
        s.execute(FillStatements.FEW_KEYS);
        plans.prepare(s);
    }

    /** Returns how many rows were put where none was. */
    private long reconcile(Statement s) throws SQLException {
        s.execute(names.recordBatch());
        for (String unpick : sql.unpickUnsettled(graceMs())) {
            s.executeUpdate(unpick);
        }
        s.executeLargeUpdate(plans.sent(sql.deleteGone()));
        // Which of them are new cannot be told in one statement: a partitioned table shows no xmax of what was written.
        long fresh = s.executeLargeUpdate(plans.sent(sql.writeMissing(graceMs())));
        String again = sql.writeAgain(graceMs());
        if (!again.isEmpty()) {
            s.executeLargeUpdate(plans.sent(again));
        }
        if (tables.fill().byTrigger()) {
            s.execute(sql.mended());
        }
        s.execute(sql.forget());
        s.execute("UPDATE neap.fill SET reconciled = reconciled + " + fresh + " WHERE " + names.mine("fill"));
        s.execute("UPDATE neap.batch SET at = clock_timestamp() WHERE xid = pg_current_xact_id()::xid AND "
                + names.mine("batch"));
        return fresh;
    }

    /** Every segment is done: what waits for a row that it references is tried once more, soon. */
    void walked(Statement s) throws SQLException {
        walking = false;
        s.executeUpdate(sql.waitNoLonger());
        for (String hold : capture.holdToUpdates()) {
            s.executeUpdate(hold);
        }
    }

    /**
     * Forgets the keys that are picked, and records the first of them with a cause; unless it only waits for a row that it
     * references, and is tried once more.
     */
    boolean setAside(Statement s, String cause) throws SQLException {
        if (orphan && FillSession.truth(s, sql.mayWait()) && s.executeUpdate(sql.waitForParent(walking)) > 0) {
            return false;
        }
        List<String> key;
        try (ResultSet rs = s.executeQuery(sql.pickedKeys())) {
            key = rs.next() ? FillSession.texts(rs, tables.key().size()) : null;
        }
        if (key != null) {
            Quarantine.add(s, names, 0, key, cause);
        }
        s.execute(sql.forget());
        return true;
    }

    /**
     * The last of it, in the transaction that ends capture, while writers wait. A transform in Java is not called then, and
     * where one row becomes several none may be put in: what is left must need neither.
     *
     * @throws NeapException RETRY or LOCK when capture may not end yet
     */
    void end(Statement s) throws SQLException {
        requireCaptured(s);
        planForFew(s);
        s.executeUpdate(sql.waitWhileMissingNoLonger());
        if (FillSession.truth(s, sql.anyWaits())) {
            throw new NeapException(
                    Kind.LOCK, "rows are missing that the application may be about to write, or what they reference");
        }
        if (making != null || tables.severalRows()) {
            if (FillSession.truth(s, sql.undecided(graceMs()))) {
                throw new NeapException(Kind.RETRY, "rows changed just now, and are followed first");
            }
            return;
        }
        if (FillSession.truth(s, sql.moreThan(AT_THE_END, graceMs()))) {
            throw new NeapException(Kind.RETRY, "the application writes faster than it can be followed");
        }
        s.execute(sql.unpick());
        s.execute(sql.pick(AT_THE_END, graceMs()));
        if (reconcile(s) > 0) {
            throw new NeapException(Kind.LOCK, "rows were missing that the application wrote just now");
        }
    }
}
