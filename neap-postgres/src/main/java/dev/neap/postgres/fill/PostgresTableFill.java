package dev.neap.postgres.fill;

import dev.neap.backfill.Backfill;
import dev.neap.control.RetryCause;
import dev.neap.dialect.NeapException;
import dev.neap.dialect.NeapException.Kind;
import dev.neap.dialect.PartitionRebuild.Attempt;
import dev.neap.dialect.StatementPlans;
import dev.neap.dialect.TableFill;
import dev.neap.dialect.Tuning;
import dev.neap.postgres.planning.LiveTable;
import dev.neap.postgres.query.Names;
import dev.neap.postgres.query.Query;
import dev.neap.postgres.query.SqlFailures;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What the segments of a fill share, on PostgreSQL. */
public final class PostgresTableFill implements TableFill {
    private final FillSession session;
    private final Canceller canceller;
    private final Tuning tuning;
    private final FillTables tables;
    private final FillNames names;
    private final FillCapture capture;
    private final CatchingUp catching;
    private final PostgresPlans reconciling;
    private final PostgresPlans looking;
    /** Null where the application writes both places itself. */
    private final @Nullable StandIn standIn;
    /** The one of a later part, the other way; null where there is none. */
    private final @Nullable StandIn wayBack;
    /** Null where SQL makes the values. */
    private final @Nullable Making making;
    /** The row that a look of one row could not write. */
    private @Nullable List<String> failed;

    /** Takes over the session, and closes it. */
    public PostgresTableFill(
            Connection connection, Canceller.Opener opener, Backfill part, long run, long worker, Tuning tuning)
            throws SQLException {
        this.session = new FillSession(connection, tuning.lockDeadline().toMillis());
        this.canceller = new Canceller(connection, opener);
        this.tuning = tuning;
        this.tables = FillTables.read(connection, part.fill());
        this.names = new FillNames(run, part.part());
        this.capture = new FillCapture(tables, names);
        this.standIn = part.fill().byTrigger() ? new StandIn(tables, names) : null;
        this.wayBack = wayBack(connection, part, run);
        this.making = part.fill().transform() == null
                ? null
                : new Making(session, tables, names, true, tuning.transformTime());
        this.reconciling = new PostgresPlans(session, tables, names, graceMs());
        this.looking = new PostgresPlans(session, tables, names, graceMs());
        this.catching = new CatchingUp(session, tables, names, capture, tuning, worker, reconciling, making);
    }

    private static @Nullable StandIn wayBack(Connection connection, Backfill part, long run) throws SQLException {
        for (Backfill later : part.parts()) {
            if (later.part() > part.part() && later.fill().goesBackOn(part.fill())) {
                return new StandIn(FillTables.read(connection, later.fill()), new FillNames(run, later.part()));
            }
        }
        return null;
    }

    private boolean inPlace() {
        return tables.fill().inPlace();
    }

    private void hold(Statement s) throws SQLException {
        catching.hold(s);
    }

    private List<Long> oids() {
        return List.of(tables.from().oid(), tables.into().oid());
    }

    @Override
    public Attempt begin() {
        Attempt begun = beginCapture();
        StandIn back = wayBack;
        return begun.got() && back != null ? attempt(s -> put(s, back)) : begun;
    }

    /** Also where it is only walked later: what an application writes in the target meanwhile no walk would find changed. */
    private boolean put(Statement s, StandIn back) throws SQLException {
        hold(s);
        if (!catching.state(s).equals("ended") && !back.inPlace(session.connection())) {
            holdWriters(s, back.table());
            back.put(s);
        }
        return true;
    }

    private Attempt beginCapture() {
        return attempt(s -> {
            hold(s);
            String state = catching.state(s);
            if (state.equals("ended")) {
                return true;
            }
            // What was set aside before is tried again by the look at the end: somebody may have mended it.
            s.execute("DELETE FROM neap.quarantine WHERE NOT missed AND " + names.mine("quarantine"));
            LateSegments.cut(session.connection(), s, tables, names);
            if (inPlace()) {
                LateSegments.behind(session.connection(), s, tables, names);
                return true;
            }
            catching.recordPut(s);
            if (state.equals("captured") && inOrder(s)) {
                return true;
            }
            for (String create : capture.create(session.connection())) {
                s.execute(create);
            }
            if (making == null) {
                s.execute(new ReconcileSql(tables, names).wasFunction());
            }
            holdWriters(s, tables.from());
            for (String drop : capture.triggers().drop(session.connection())) {
                s.execute(drop);
            }
            for (String create : capture.triggers().create(session.connection())) {
                s.execute(create);
            }
            if (standIn != null) {
                standIn.put(s);
            }
            LateSegments.behind(session.connection(), s, tables, names);
            s.execute(capture.mend());
            s.execute(capture.allow(tuning.captureLimit()));
            moveSequences(s);
            s.execute("UPDATE neap.fill SET whole = whole OR state = 'captured', state = 'captured' WHERE "
                    + names.mine("fill"));
            return true;
        });
    }

    private boolean inOrder(Statement s) throws SQLException {
        return capture.triggers().inPlace(session.connection())
                && standsIn()
                && !FillSession.truth(s, capture.lapsed());
    }

    private boolean standsIn() throws SQLException {
        return standIn == null || standIn.inPlace(session.connection());
    }

    /** What stalls nobody first, for longer, so that an autovacuum gives way; then what holds off writers, and no reader. */
    private void holdWriters(Statement s, LiveTable table) throws SQLException {
        String walked = Names.quote(table.name());
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
            List<String> who = e.retryCause() == RetryCause.EARLY
                    ? List.of()
                    : explained(() -> Users.now(session.connection(), oids()));
            return Attempt.missed(e, who);
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

    /** Something that only reads. A cancel that was meant for what came before it may hit it. */
    private static <T> T asked(Body<T> body) {
        try {
            return explained(body);
        } catch (NeapException e) {
            if (e.kind() != Kind.RETRY) {
                throw e;
            }
            return explained(body);
        }
    }

    private long graceMs() {
        return tuning.secondWrite().toMillis();
    }

    @Override
    public CaughtUp catchUp(int keys, Runnable beforeCommit) {
        return inPlace() ? new CaughtUp(0, false, "") : catching.next(keys, beforeCommit);
    }

    @Override
    public boolean setAside(String cause) {
        return session.in("read committed", s -> {
            hold(s);
            List<String> key = failed;
            if (key != null) {
                Quarantine.add(s, names, 0, key, cause);
                failed = null;
                return true;
            }
            return catching.setAside(s, cause);
        });
    }

    @Override
    public void walked() {
        if (!inPlace()) {
            session.in("read committed", s -> {
                hold(s);
                catching.walked(s);
                return true;
            });
        }
    }

    @Override
    public Looked look(int rows) {
        Look look = new Look(tables, names, looking);
        try {
            Looked looked = making == null
                    ? session.in("read committed", s -> {
                        hold(s);
                        return look.look(s, look.next(s, rows));
                    })
                    : new LookInJava(session, look, making, catching::hold).look(rows);
            failed = looked.bad().isEmpty() ? failed : look.upTo();
            return looked;
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
            return FillSession.truth(s, Look.again(names, !tables.fill().reads().isEmpty()));
        });
    }

    @Override
    public String stillOpen() {
        return asked(() -> String.join("; ", Users.sinceBefore(session.connection(), oids(), names)));
    }

    @Override
    public boolean captures() {
        return !inPlace();
    }

    @Override
    public boolean ended() {
        return asked(() -> Query.of(
                        session.connection(), "SELECT state = 'ended' FROM neap.fill WHERE " + names.mine("fill"))
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
                s.execute("UPDATE neap.fill SET state = 'ended' WHERE " + names.mine("fill"));
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

    @Override
    public Attempt mendMissed() {
        if (standIn == null) {
            return Attempt.GOT;
        }
        MissedRows missed = new MissedRows(tables, names);
        while (true) {
            List<MissedRows.Row> rows = session.in("read committed", missed::next);
            if (rows.isEmpty()) {
                return Attempt.GOT;
            }
            Attempt attempt = mend(missed, rows);
            if (!attempt.got()) {
                return attempt;
            }
        }
    }

    /** Rows that cannot be written are parted from those that can, and stay in the quarantine. */
    private Attempt mend(MissedRows missed, List<MissedRows.Row> rows) {
        try {
            return attempt(s -> {
                hold(s);
                holdWriters(s, tables.from());
                missed.mend(s, rows);
                return true;
            });
        } catch (NeapException e) {
            if (FillSession.bad(e).isEmpty()) {
                throw e;
            }
        }
        if (rows.size() == 1) {
            return Attempt.GOT;
        }
        Attempt first = mend(missed, rows.subList(0, rows.size() / 2));
        return first.got() ? mend(missed, rows.subList(rows.size() / 2, rows.size())) : first;
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
                        + " * interval '1 millisecond' < clock_timestamp(), true) FROM neap.fill WHERE "
                        + names.mine("fill"))) {
            throw NeapException.early("rows were put in just now, and the application may be about to write them");
        }
    }

    private void endCapture(Statement s) throws SQLException {
        requireQuiet(s);
        s.execute("SELECT pg_advisory_xact_lock(" + names.batches() + ")");
        holdWriters(s, tables.from());
        if (!standsIn()) {
            throw new NeapException(
                    Kind.UNKNOWN,
                    "somebody took the trigger that stands in for the application off "
                            + tables.from().name() + ", or changed it; it is put on anew");
        }
        if (!capture.triggers().fires(session.connection())) {
            throw new NeapException(
                    Kind.UNKNOWN,
                    "somebody switched off or took off capture's trigger on "
                            + tables.from().name()
                            + ", so what was written meanwhile is not known; it is put on anew, and every row is looked"
                            + " at");
        }
        catching.end(s);
        for (String drop : capture.triggers().drop(session.connection())) {
            s.execute(drop);
        }
        moveSequences(s);
    }

    @Override
    public Optional<StatementPlans> reconcilePlans() {
        return Optional.of(reconciling);
    }

    @Override
    public Optional<StatementPlans> lookPlans() {
        return Optional.of(looking);
    }

    @Override
    public void cancel() {
        if (making != null) {
            making.cancel();
        }
        canceller.cancel();
    }

    @Override
    public void close() {
        if (making != null) {
            making.close();
        }
        canceller.close();
    }
}
