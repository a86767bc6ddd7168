package dev.neap.mysql;

import dev.neap.backfill.Backfill;
import dev.neap.backfill.OwnSignal;
import dev.neap.backfill.Throttle;
import dev.neap.control.ControlStore;
import dev.neap.control.UnitRow;
import dev.neap.dialect.Copier;
import dev.neap.dialect.Database;
import dev.neap.dialect.Leftover;
import dev.neap.dialect.NeapException;
import dev.neap.dialect.NeapException.Kind;
import dev.neap.dialect.PartitionRebuild;
import dev.neap.dialect.Planner;
import dev.neap.dialect.Practice;
import dev.neap.dialect.Previewer;
import dev.neap.dialect.SegmentFill;
import dev.neap.dialect.TableFill;
import dev.neap.dialect.Tuning;
import dev.neap.dialect.Undoable;
import dev.neap.mysql.fill.FillSwitch;
import dev.neap.mysql.fill.MysqlPlanner;
import dev.neap.mysql.fill.MysqlSegmentFill;
import dev.neap.mysql.fill.MysqlTableFill;
import dev.neap.mysql.query.Query;
import dev.neap.mysql.query.SqlFailures;
import dev.neap.throttle.Batches;
import dev.neap.throttle.Signal;
import dev.neap.throttle.Watched;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;

/** One MariaDB server. */
final class MysqlDatabase implements Database {
    private final Sessions sessions;
    private final Tuning tuning;
    private final String server;
    private final List<Connection> planning = new ArrayList<>();

    MysqlDatabase(Sessions sessions, Tuning tuning, String server) {
        this.sessions = sessions;
        this.tuning = tuning;
        this.server = server;
    }

    /** Work on a session that is closed afterwards. */
    private interface Body<T> {
        T run(Connection connection) throws SQLException;
    }

    private <T> T with(Sessions.Kind kind, Body<T> body) {
        try (Connection connection = sessions.open(kind)) {
            return body.run(connection);
        } catch (SQLException e) {
            throw SqlFailures.explain(e);
        }
    }

    /** Work on a session that the result takes over. */
    private <T> T on(Sessions.Kind kind, Body<T> body) {
        Connection connection = null;
        try {
            connection = sessions.open(kind);
            return body.run(connection);
        } catch (SQLException | RuntimeException e) {
            close(connection);
            throw SqlFailures.explain(e);
        }
    }

    private static void close(@org.jspecify.annotations.Nullable Connection connection) {
        if (connection != null) {
            try {
                connection.close();
            } catch (SQLException e) {
                // The server ends the session.
                return;
            }
        }
    }

    /** What this dialect does not do yet, in one message. */
    private static NeapException later(String what) {
        return new NeapException(
                Kind.USAGE, "not on MariaDB yet: " + what + "; a fill can be planned, run, watched and stopped");
    }

    @Override
    public String server() {
        return server;
    }

    /** Where a replica is promoted, or the data comes back elsewhere, at least one of these is another. */
    @Override
    public String identity() {
        return with(Sessions.Kind.CONTROL, c -> {
            if (Query.truth(c, "SELECT @@global.read_only")) {
                throw new NeapException(
                        Kind.UNKNOWN, "the server is read-only and cannot be written before it is promoted");
            }
            return Query.texts(c, "SELECT concat_ws('/', @@hostname, @@port, @@server_id, @@datadir)")
                    .get(0);
        });
    }

    @Override
    public synchronized Planner planner() {
        return on(Sessions.Kind.PLAN, c -> {
            planning.add(c);
            return new MysqlPlanner(c, server);
        });
    }

    @Override
    public Previewer previewer() {
        throw later("a preview");
    }

    @Override
    public Copier copier() {
        throw later("a rehearsal");
    }

    @Override
    public Practice practice(Backfill backfill) {
        throw later("a rehearsal");
    }

    @Override
    public boolean installed() {
        return with(Sessions.Kind.CONTROL, ControlScripts::installed);
    }

    @Override
    public void install() {
        with(Sessions.Kind.CONTROL, c -> {
            ControlScripts.install(c);
            return server;
        });
    }

    @Override
    public ControlStore control(String purpose) {
        return on(Sessions.Kind.CONTROL, c -> new ControlStore(c, new MysqlControlSql()));
    }

    @Override
    public void prepareRun(long run, Backfill backfill) {
        if (!backfill.fills()) {
            throw later("a rebuild");
        }
        with(Sessions.Kind.CONTROL, c -> {
            FillSwitch.prepare(c, run, tuning.captureLife());
            return run;
        });
    }

    @Override
    public boolean renewCapture(long run) {
        return with(Sessions.Kind.CONTROL, c -> FillSwitch.renew(c, run, tuning.captureLife()));
    }

    @Override
    public void restartCapture(long run) {
        with(Sessions.Kind.CONTROL, c -> {
            FillSwitch.set(c, run, tuning.captureLife());
            return run;
        });
    }

    @Override
    public String oneAtATime(Backfill backfill) {
        throw later("a rebuild");
    }

    @Override
    public PartitionRebuild rebuild(Backfill backfill, UnitRow unit) {
        throw later("a rebuild");
    }

    @Override
    public SegmentFill segment(Backfill backfill, UnitRow unit) {
        return on(Sessions.Kind.WORK, c -> new MysqlSegmentFill(c, this::cancel, backfill.fill(), unit));
    }

    @Override
    public TableFill fill(Backfill backfill, long run, long worker) {
        return on(Sessions.Kind.WORK, c -> new MysqlTableFill(c, this::cancel, backfill.fill(), run, worker, tuning));
    }

    @Override
    public Watched signals(Backfill backfill, long run, Batches batches) {
        Throttle throttle = backfill.throttle();
        if (throttle.asked()
                || throttle.canary() != null
                || !throttle.server().asked().isEmpty()) {
            throw later("lag, a canary, and what the server says of itself; write throttle: { replica_lag: none }");
        }
        List<Signal> own = new ArrayList<>();
        throttle.own().forEach(signal -> {
            if (signal.source() instanceof OwnSignal.Sql query) {
                own.add(new SqlSignal(sessions, signal, query.sql()));
            }
        });
        return new Watched(
                own,
                throttle.replicaLag() == null
                        ? List.of()
                        : List.of("replica lag, and what the server says of itself, is not watched on MariaDB yet"));
    }

    /** A cancel that does not arrive leaves the statement to its own end. */
    private void cancel(long session) {
        try (Connection connection = sessions.open(Sessions.Kind.CONTROL)) {
            Query.execute(connection, "KILL QUERY " + session);
        } catch (SQLException e) {
            return;
        }
    }

    @Override
    public boolean allRight(Backfill backfill, IntFunction<Optional<UnitRow>> next) {
        throw later("a rebuild");
    }

    @Override
    public List<Undoable> undoable(List<UnitRow> units) {
        throw later("an undo");
    }

    @Override
    public PartitionRebuild.Attempt stopReading(long run) {
        throw later("a rebuild");
    }

    @Override
    public List<Leftover> leftovers() {
        return with(Sessions.Kind.CONTROL, c -> Leftovers.find(c, ControlScripts.installed(c)));
    }

    @Override
    public void drop(Leftover leftover) {
        with(Sessions.Kind.WORK, c -> {
            for (String sql : leftover.dropSql()) {
                Query.execute(c, sql);
            }
            return leftover;
        });
    }

    @Override
    public void dropWork(long run) {
        with(Sessions.Kind.CONTROL, c -> {
            FillSwitch.drop(c, run);
            return run;
        });
    }

    @Override
    public void uninstall() {
        with(Sessions.Kind.CONTROL, c -> Query.execute(c, "DROP DATABASE IF EXISTS neap"));
    }

    @Override
    public NeapException explain(Exception failure) {
        return SqlFailures.explain(failure);
    }

    @Override
    public synchronized void close() {
        planning.forEach(MysqlDatabase::close);
    }
}
