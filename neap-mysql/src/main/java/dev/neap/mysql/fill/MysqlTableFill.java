package dev.neap.mysql.fill;

import dev.neap.backfill.Fill;
import dev.neap.dialect.NeapException;
import dev.neap.dialect.NeapException.Kind;
import dev.neap.dialect.PartitionRebuild.Attempt;
import dev.neap.dialect.TableFill;
import dev.neap.dialect.Tuning;
import dev.neap.mysql.query.Query;
import dev.neap.mysql.query.SqlFailures;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.function.LongConsumer;

/** What the segments of a fill share, on MariaDB. */
public final class MysqlTableFill implements TableFill {
    private final FillSession session;
    private final long run;
    private final long worker;
    private final Tuning tuning;
    private final FillTables tables;
    private final FillSql walk;
    private final TargetSql target;
    private final FillCapture capture;
    private final Reconciling reconciling;
    private final Look look;
    /** What was picked last, and could not be reconciled. */
    private Reconciling.Picked picked = Reconciling.Picked.NOTHING;
    /** Whether a row may have been put in since that was last recorded. */
    private boolean put;

    /** Takes over the session, and closes it. */
    public MysqlTableFill(Connection connection, LongConsumer killer, Fill fill, long run, long worker, Tuning tuning)
            throws SQLException {
        this.session = new FillSession(connection, killer);
        this.run = run;
        this.worker = worker;
        this.tuning = tuning;
        this.tables = FillTables.read(connection, fill);
        FillNames names = new FillNames(run);
        this.walk = new FillSql(tables, names);
        this.target = new TargetSql(tables, names);
        this.capture = new FillCapture(tables, names);
        this.reconciling = new Reconciling(target, tables.key().size(), run, graceMs());
        this.look = new Look(session, tables, walk, target, run, worker);
        if (!inPlace()) {
            for (String sql : target.scratch()) {
                Query.execute(connection, sql);
            }
        }
    }

    private boolean inPlace() {
        return tables.fill().inPlace();
    }

    private long graceMs() {
        return tuning.secondWrite().toMillis();
    }

    private record Row(String state, boolean whole) {}

    private Row row(Connection c) throws SQLException {
        return Query.first(
                        c,
                        "SELECT state, whole FROM neap.fill WHERE run_id = " + run,
                        r -> new Row(r.getString(1), r.getBoolean(2)))
                .orElseThrow();
    }

    @Override
    public Attempt begin() {
        return attempt(() -> {
            Row row = session.in(c -> {
                FillSession.holdFill(c, run, worker);
                // What was set aside before is tried again by the look at the end: somebody may have mended it.
                Quarantine.clear(c, run);
                recordPut(c);
                Row standing = row(c);
                if (inPlace() && !standing.state().equals("ended")) {
                    LateSegment.behind(c, tables, run);
                }
                return standing;
            });
            if (inPlace() || row.state().equals("ending") || row.state().equals("ended")) {
                return;
            }
            if (row.whole()) {
                throw lapsed();
            }
            if (row.state().equals("captured")) {
                if (!session.plainly(capture::inPlace) || session.plainly(capture::lapsed)) {
                    throw lapsed();
                }
                return;
            }
            session.plainly(c -> {
                for (String sql : capture.create(tuning.captureLimit())) {
                    Query.execute(c, sql);
                }
                for (String sql : capture.createTriggers()) {
                    Query.execute(c, sql);
                }
                for (String sql : Counters.moves(c, tables)) {
                    Query.execute(c, sql);
                }
                return true;
            });
            session.in(c -> {
                FillSession.holdFill(c, run, worker);
                LateSegment.behind(c, tables, run);
                return Query.execute(
                        c, "UPDATE neap.fill SET state = 'captured' WHERE state = 'new' AND run_id = " + run);
            });
        });
    }

    private NeapException lapsed() {
        return new NeapException(
                Kind.STOP,
                "capture on " + tables.from().name()
                        + " lapsed or lost a trigger, so it is not known which rows changed"
                        + " meanwhile; give the run up with `neap stop --abandon`, run `neap cleanup`, empty "
                        + tables.into().name()
                        + " of what the fill wrote or say `conflict: overwrite`, and run the fill"
                        + " again");
    }

    private static Attempt attempt(Runnable work) {
        try {
            work.run();
            return Attempt.GOT;
        } catch (NeapException e) {
            if (e.kind() != Kind.LOCK && e.kind() != Kind.RETRY) {
                throw e;
            }
            return Attempt.missed(e);
        }
    }

    @Override
    public CaughtUp catchUp(int keys, Runnable beforeCommit) {
        if (inPlace()) {
            return new CaughtUp(0, false, "");
        }
        recordPut();
        Reconciling.Picked next = session.in(c -> {
            FillSession.holdFill(c, run, worker);
            if (!row(c).state().equals("captured")) {
                return Reconciling.Picked.NOTHING;
            }
            if (capture.lapsed(c)) {
                throw lapsed();
            }
            return reconciling.pick(c, keys);
        });
        picked = next;
        if (next.seqs().isEmpty()) {
            return new CaughtUp(0, false, "");
        }
        session.plainly(this::allowMore);
        session.plainly(reconciling::awaitBatches);
        try {
            session.in(c -> {
                FillSession.holdFill(c, run, worker);
                put = reconciling.reconcile(c, next, true);
                beforeCommit.run();
                return true;
            });
            recordPut();
            return new CaughtUp(next.seqs().size(), next.seqs().size() == keys, "");
        } catch (NeapException e) {
            String bad = SqlFailures.bad(e);
            if (bad.isEmpty()) {
                throw e;
            }
            return new CaughtUp(0, true, bad);
        }
    }

    /**
     * A row is there for the application from its commit on, which may take long after what comes before it. So that is
     * recorded by a transaction of its own; where this process dies before it, the next one does so as it begins.
     */
    private void recordPut() {
        if (put) {
            session.in(c -> {
                FillSession.holdFill(c, run, worker);
                return recordPut(c);
            });
            put = false;
        }
    }

    /** The last row was put in now, or before. */
    private long recordPut(Connection c) throws SQLException {
        return Query.execute(c, "UPDATE neap.fill SET last_insert = sysdate(6) WHERE run_id = " + run);
    }

    private boolean allowMore(Connection c) throws SQLException {
        long recorded = Query.number(c, target.recorded());
        if (recorded < tuning.captureLimit() / 2) {
            capture.allow(c, tuning.captureLimit() - recorded);
        }
        return true;
    }

    @Override
    public boolean setAside(String cause) {
        return session.in(c -> {
            FillSession.holdFill(c, run, worker);
            if (look.setAside(c, cause)) {
                return true;
            }
            for (List<String> one : picked.keys()) {
                Quarantine.add(c, run, 0, one, cause);
            }
            if (!picked.seqs().isEmpty()) {
                Query.execute(c, target.forget(picked.list()));
            }
            return true;
        });
    }

    /** Nothing waits: a fill is one table here, and what it references is not filled by the run. */
    @Override
    public void walked() {}

    @Override
    public Looked look(int rows) {
        return look.next(rows);
    }

    @Override
    public boolean lookAgain() {
        return look.again();
    }

    @Override
    public String stillOpen() {
        return session.plainly(c -> OldTransactions.sinceBefore(c, run));
    }

    @Override
    public boolean captures() {
        return !inPlace();
    }

    @Override
    public boolean ended() {
        return session.plainly(c -> row(c).state().startsWith("end"));
    }

    @Override
    public Attempt end() {
        return attempt(() -> {
            if (!ended()) {
                requireQuiet();
            }
            if (!inPlace()) {
                session.plainly(c -> {
                    for (String sql : capture.dropTriggers()) {
                        Query.execute(c, sql);
                    }
                    return true;
                });
                reconcileTheRest();
            }
            session.in(c -> {
                FillSession.holdFill(c, run, worker);
                return Query.execute(c, "UPDATE neap.fill SET state = 'ended' WHERE run_id = " + run);
            });
            session.plainly(c -> {
                for (String sql : new FillNames(run).dropRest()) {
                    Query.execute(c, sql);
                }
                return true;
            });
        });
    }

    /**
     * What the application wrote to a row of the target that was not there yet met nothing, and its other write may still
     * come. So capture stays for twice the time of a second write after the last row was put in: for the other write, and
     * for it to ripen where it was an insertion; and until nobody is left who began before that. Whatever was written since
     * met what it was meant for.
     */
    private void requireQuiet() {
        String open = stillOpen();
        if (!open.isEmpty()) {
            throw new NeapException(Kind.LOCK, open);
        }
        session.in(c -> {
            FillSession.holdFill(c, run, worker);
            if (!inPlace()
                    && !Query.truth(
                            c,
                            "SELECT coalesce(last_insert + INTERVAL " + 2 * graceMs() * 1000
                                    + " MICROSECOND < sysdate(6), true) FROM neap.fill WHERE run_id = " + run)) {
                throw NeapException.early("rows were put in just now, and the application may be about to write them");
            }
            if (!inPlace() && (capture.lapsed(c) || !capture.inPlace(c))) {
                throw lapsed();
            }
            if (!inPlace() && Query.truth(c, target.unreconciledSince(run, graceMs()))) {
                throw new NeapException(Kind.RETRY, "the application wrote rows that are still to be reconciled");
            }
            return Query.execute(c, "UPDATE neap.fill SET state = 'ending' WHERE run_id = " + run);
        });
    }

    /**
     * To take the triggers off waited for every writer: all that they wrote is here, and no more comes. Rows that came, or
     * whose key changed, just now are left to the application's second write, which finds all that it needs.
     */
    private void reconcileTheRest() {
        boolean more = session.plainly(reconciling::anything);
        while (more) {
            more = session.in(c -> {
                FillSession.holdFill(c, run, worker);
                Reconciling.Picked some = reconciling.pick(c, 500);
                if (some.seqs().isEmpty()) {
                    return false;
                }
                reconciling.reconcile(c, some, false);
                return true;
            });
        }
    }

    @Override
    public void cancel() {
        session.cancel();
    }

    @Override
    public void close() {
        session.close();
    }
}
