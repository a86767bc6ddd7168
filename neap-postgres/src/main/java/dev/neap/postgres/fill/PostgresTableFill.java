package dev.neap.postgres.fill;

import dev.neap.backfill.Fill;
import dev.neap.dialect.NeapException;
import dev.neap.dialect.NeapException.Kind;
import dev.neap.dialect.PartitionRebuild.Attempt;
import dev.neap.dialect.TableFill;
import dev.neap.dialect.Tuning;
import dev.neap.postgres.query.Query;
import dev.neap.postgres.query.SqlFailures;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the segments of a fill share, on PostgreSQL. */
public final class PostgresTableFill implements TableFill {
    /** What is left at the end is reconciled while writers of the walked table wait. */
    private static final int AT_THE_END = 200;

    private final FillSession session;
    private final Canceller canceller;
    private final long run;
    private final long worker;
    private final Tuning tuning;
    private final FillTables tables;
    private final FillNames names;
    private final ReconcileSql sql;
    private final FillCapture capture;
    /** The row that a look of one row could not write. */
    private @Nullable List<String> failed;

    /** Takes over the session, and closes it. */
    public PostgresTableFill(
            Connection connection, Canceller.Opener opener, Fill fill, long run, long worker, Tuning tuning)
            throws SQLException {
        this.session = new FillSession(connection, tuning.lockDeadline().toMillis());
        this.canceller = new Canceller(connection, opener);
        this.run = run;
        this.worker = worker;
        this.tuning = tuning;
        this.tables = FillTables.read(connection, fill);
        this.names = new FillNames(run);
        this.sql = new ReconcileSql(tables, names);
        this.capture = new FillCapture(tables, names);
    }

    private boolean inPlace() {
        return tables.fill().inPlace();
    }

    private void hold(Statement s) throws SQLException {
        s.execute("SELECT neap.hold_fill(" + run + ", " + worker + ")");
    }

    private List<Long> oids() {
        return List.of(tables.from().oid(), tables.into().oid());
    }

    @Override
    public Attempt begin() {
        return attempt(s -> {
            hold(s);
            // What was set aside before is tried again by the look at the end: somebody may have mended it.
            s.execute("DELETE FROM neap.quarantine WHERE run_id = " + run);
            if (inPlace()) {
                return true;
            }
            String state = state(s);
            if (state.equals("ended") || (state.equals("captured") && inOrder(s))) {
                return true;
            }
            for (String create : capture.create()) {
                s.execute(create);
            }
            s.execute(sql.wasFunction());
            holdWriters(s);
            for (String drop : capture.dropTriggers(session.connection())) {
                s.execute(drop);
            }
            for (String create : capture.createTriggers(session.connection())) {
                s.execute(create);
            }
            s.execute(capture.mend());
            s.execute(capture.allow(tuning.captureLimit()));
            moveSequences(s);
            s.execute("UPDATE neap.fill SET whole = whole OR state = 'captured', state = 'captured' WHERE run_id = "
                    + run);
            return true;
        });
    }

    private String state(Statement s) throws SQLException {
        try (ResultSet rs = s.executeQuery("SELECT state FROM neap.fill WHERE run_id = " + run)) {
            rs.next();
            return rs.getString(1);
        }
    }

    private boolean inOrder(Statement s) throws SQLException {
        return capture.inPlace(session.connection()) && !FillSession.truth(s, capture.lapsed());
    }

    /** What stalls nobody first, for longer, so that an autovacuum gives way; then what holds off writers, and no reader. */
    private void holdWriters(Statement s) throws SQLException {
        String walked = dev.neap.postgres.query.Names.quote(tables.from().name());
        s.execute("SET LOCAL lock_timeout = " + tuning.courtesy().toMillis());
        s.execute("LOCK TABLE " + walked + " IN SHARE UPDATE EXCLUSIVE MODE");
        s.execute("SET LOCAL lock_timeout = " + tuning.lockDeadline().toMillis());
        s.execute("LOCK TABLE " + walked + " IN SHARE ROW EXCLUSIVE MODE");
    }

    /** Where the ids of the walked table are copied, the target's own sequence must not hand them out again. */
    private void moveSequences(Statement s) throws SQLException {
        for (String move : Sequences.moves(session.connection(), tables)) {
            s.execute(move);
        }
    }

    private Attempt attempt(FillSession.Work<Boolean> work) {
        try {
            session.in("read committed", work);
            return Attempt.GOT;
        } catch (NeapException e) {
            if (e.kind() != Kind.LOCK && e.kind() != Kind.RETRY) {
                throw e;
            }
            List<String> who = explained(() -> Users.now(session.connection(), oids()));
            return Attempt.missed(who.isEmpty() ? String.valueOf(e.getMessage()) : String.join("; ", who));
        }
    }

    private interface Body<T> {
        T run() throws SQLException;
    }

    private static <T> T explained(Body<T> body) {
        try {
            return body.run();
        } catch (SQLException e) {
            throw SqlFailures.explain(e);
        }
    }

    private long graceMs() {
        return tuning.secondWrite().toMillis();
    }

    @Override
    public CaughtUp catchUp(int keys, Runnable beforeCommit) {
        if (inPlace()) {
            return new CaughtUp(0, false, 0, "");
        }
        Picked picked = session.in("read committed", s -> pick(s, keys));
        if (picked.keys() == 0) {
            return new CaughtUp(0, false, picked.recorded(), "");
        }
        awaitBatches();
        try {
            session.in("repeatable read", s -> {
                hold(s);
                reconcile(s);
                beforeCommit.run();
                return true;
            });
            return new CaughtUp(picked.keys(), picked.more(), picked.recorded() - picked.keys(), "");
        } catch (NeapException e) {
            String bad = FillSession.bad(e);
            if (bad.isEmpty()) {
                throw e;
            }
            return new CaughtUp(0, true, picked.recorded(), bad);
        }
    }

    private record Picked(long keys, boolean more, long recorded) {}

    private Picked pick(Statement s, int keys) throws SQLException {
        hold(s);
        if (state(s).equals("ended")) {
            return new Picked(0, false, 0);
        }
        if (FillSession.truth(s, capture.lapsed())) {
            throw new NeapException(Kind.UNKNOWN, "capture on " + tables.from().name() + " lapsed, and is begun anew");
        }
        if (FillSession.truth(s, sql.truncated())) {
            throw new NeapException(
                    Kind.STOP,
                    tables.from().name() + " was truncated during the fill, so what was filled from it has no source;"
                            + " empty " + tables.into().name()
                            + " as you mean it, give the run up with `neap stop --abandon`,"
                            + " and run the fill again");
        }
        s.execute(sql.unpick());
        long ripe = FillSession.number(s, sql.ripe(graceMs()));
        long picked = ripe == 0 ? 0 : s.executeLargeUpdate(sql.pick(keys, graceMs()));
        long recorded = FillSession.number(s, sql.recorded());
        if (recorded < tuning.captureLimit() / 2) {
            s.execute(capture.allow(tuning.captureLimit() - recorded));
        }
        return new Picked(picked, ripe > picked, recorded);
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

    /** Returns how many rows were put where none was. */
    private long reconcile(Statement s) throws SQLException {
        s.execute("INSERT INTO neap.batch (run_id, xid) VALUES (" + run + ", pg_current_xact_id()::xid)");
        s.execute(FillStatements.FEW_KEYS);
        long gone = s.executeLargeUpdate(sql.deleteGone());
        // Which of them are new cannot be told in one statement: a partitioned table shows no xmax of what was written.
        long fresh = s.executeLargeUpdate(sql.writeMissing(graceMs()));
        long changed = gone + fresh + s.executeLargeUpdate(sql.writeAgain(graceMs()));
        s.execute(sql.forget());
        s.execute("UPDATE neap.fill SET reconciled = reconciled + " + changed
                + (fresh == 0 ? "" : ", last_insert = clock_timestamp()") + " WHERE run_id = " + run);
        return fresh;
    }

    @Override
    public void setAside(String cause) {
        session.in("read committed", s -> {
            hold(s);
            List<String> key = failed;
            if (key != null) {
                Quarantine.add(s, run, 0, key, cause);
                failed = null;
                return true;
            }
            try (ResultSet rs = s.executeQuery(sql.pickedKeys())) {
                key = rs.next() ? FillSession.texts(rs, tables.key().size()) : null;
            }
            if (key != null) {
                Quarantine.add(s, run, 0, key, cause);
            }
            s.execute(sql.forget());
            return true;
        });
    }

    @Override
    public Looked look(int rows) {
        Look look = new Look(new LookSql(tables, names), tables, run);
        try {
            return session.in("read committed", s -> {
                hold(s);
                return look.part(s, rows);
            });
        } catch (NeapException e) {
            String bad = FillSession.bad(e);
            if (bad.isEmpty()) {
                throw e;
            }
            failed = look.upTo();
            return new Looked(0, false, bad);
        }
    }

    @Override
    public boolean lookAgain() {
        return session.in("read committed", s -> {
            hold(s);
            return FillSession.truth(s, Look.again(run, !tables.fill().reads().isEmpty()));
        });
    }

    @Override
    public String stillOpen() {
        return explained(() -> String.join("; ", Users.sinceBefore(session.connection(), oids(), run)));
    }

    @Override
    public boolean captures() {
        return !inPlace();
    }

    @Override
    public boolean ended() {
        return explained(
                () -> Query.of(session.connection(), "SELECT state = 'ended' FROM neap.fill WHERE run_id = ?", run)
                        .truth());
    }

    @Override
    public Attempt end() {
        if (!ended()) {
            String open = stillOpen();
            if (!open.isEmpty()) {
                return Attempt.missed(open);
            }
            Attempt attempt = attempt(s -> {
                hold(s);
                if (!inPlace()) {
                    endCapture(s);
                }
                s.execute("UPDATE neap.fill SET state = 'ended' WHERE run_id = " + run);
                return true;
            });
            if (!attempt.got()) {
                return attempt;
            }
        }
        session.in("read committed", s -> {
            for (String drop : names.dropRest()) {
                s.execute(drop);
            }
            return true;
        });
        return Attempt.GOT;
    }

    /**
     * What the application wrote to a row of the target that was not there yet met nothing, and its other write may still
     * come. So capture stays for twice the time of a second write after the last row was put in: for the one that came
     * before, and for one that was recorded and had to ripen.
     */
    private void requireQuiet(Statement s) throws SQLException {
        if (!FillSession.truth(
                s,
                "SELECT coalesce(last_insert + " + 2 * graceMs()
                        + " * interval '1 millisecond' < clock_timestamp(), true) FROM neap.fill WHERE run_id = "
                        + run)) {
            throw new NeapException(
                    Kind.LOCK, "rows were put in just now, and the application may be about to write them");
        }
    }

    private void endCapture(Statement s) throws SQLException {
        requireQuiet(s);
        s.execute("SELECT pg_advisory_xact_lock(" + names.batches() + ")");
        holdWriters(s);
        if (FillSession.truth(s, capture.lapsed())) {
            throw new NeapException(Kind.UNKNOWN, "capture on " + tables.from().name() + " lapsed, and is begun anew");
        }
        if (FillSession.number(s, sql.ripe(graceMs())) > AT_THE_END) {
            throw new NeapException(Kind.RETRY, "the application writes faster than it can be followed");
        }
        s.execute(sql.unpick());
        s.execute(sql.pick(AT_THE_END, graceMs()));
        if (reconcile(s) > 0) {
            throw new NeapException(Kind.LOCK, "rows were missing that the application wrote just now");
        }
        for (String drop : capture.dropTriggers(session.connection())) {
            s.execute(drop);
        }
        moveSequences(s);
    }

    @Override
    public SetAside setAside() {
        return explained(() -> Query.of(session.connection(), """
                        SELECT (SELECT count(*) FROM neap.quarantine WHERE run_id = ?),
                               coalesce((SELECT sum(rows_loaded) FROM neap.unit WHERE run_id = ?), 0)
                        """, run, run)
                .list(r -> new SetAside(r.getLong(1), r.getLong(2)))
                .get(0));
    }

    @Override
    public void cancel() {
        canceller.cancel();
    }

    @Override
    public void close() {
        canceller.close();
    }
}
