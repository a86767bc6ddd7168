package dev.neap.postgres;

import dev.neap.backfill.Backfill;
import dev.neap.backfill.Fill;
import dev.neap.control.ControlStore;
import dev.neap.control.UnitRow;
import dev.neap.dialect.Copier;
import dev.neap.dialect.Database;
import dev.neap.dialect.Keeping;
import dev.neap.dialect.Leftover;
import dev.neap.dialect.NeapException;
import dev.neap.dialect.PartitionRebuild;
import dev.neap.dialect.Planner;
import dev.neap.dialect.Practice;
import dev.neap.dialect.Previewer;
import dev.neap.dialect.Replaced;
import dev.neap.dialect.SegmentFill;
import dev.neap.dialect.TableFill;
import dev.neap.dialect.TableMender;
import dev.neap.dialect.TableVerifier;
import dev.neap.dialect.Tuning;
import dev.neap.dialect.Undoable;
import dev.neap.parity.Survey;
import dev.neap.postgres.fill.FillPlanner;
import dev.neap.postgres.fill.PostgresSegmentFill;
import dev.neap.postgres.fill.PostgresTableFill;
import dev.neap.postgres.fill.PostgresTableMender;
import dev.neap.postgres.fill.PostgresTableVerifier;
import dev.neap.postgres.parity.PostgresSurvey;
import dev.neap.postgres.planning.PlainSql;
import dev.neap.postgres.planning.PostgresPlanner;
import dev.neap.postgres.planning.ReadOnly;
import dev.neap.postgres.preflight.PoolerCheck;
import dev.neap.postgres.preflight.WithoutPlan;
import dev.neap.postgres.preview.PostgresPreviewer;
import dev.neap.postgres.query.Query;
import dev.neap.postgres.query.ServerIdentity;
import dev.neap.postgres.query.SqlFailures;
import dev.neap.postgres.rebuild.KeptPartition;
import dev.neap.postgres.rebuild.Outlived;
import dev.neap.postgres.rebuild.PlannedSql;
import dev.neap.postgres.rebuild.PostgresRebuild;
import dev.neap.postgres.rebuild.StopReading;
import dev.neap.postgres.rebuild.UndoCheck;
import dev.neap.postgres.rebuild.UnitNames;
import dev.neap.postgres.rehearse.PostgresCopier;
import dev.neap.postgres.rehearse.PostgresPractice;
import dev.neap.throttle.Batches;
import dev.neap.throttle.Watched;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/** One PostgreSQL server. */
final class PostgresDatabase implements Database {
    private final Sessions sessions;
    private final SessionPool workers;
    private final SessionPool swappers;
    private final Tuning tuning;
    private final int major;
    private final RunSignals signals;
    private @Nullable Connection planning;

    PostgresDatabase(Sessions sessions, Tuning tuning, int major) {
        this.sessions = sessions;
        this.workers = new SessionPool(sessions, Sessions.Kind.WORK);
        this.swappers = new SessionPool(sessions, Sessions.Kind.SWAP);
        this.signals = new RunSignals(sessions);
        this.tuning = tuning;
        this.major = major;
    }

    /** Work on a session that is closed afterwards. */
    private interface Body<T> {
        T run(Connection connection) throws SQLException;
    }

    private <T> T with(Sessions.Kind kind, Body<T> body) {
        try (Connection connection = sessions.open(kind, "neap")) {
            return body.run(connection);
        } catch (SQLException e) {
            throw SqlFailures.explain(e);
        }
    }

    /** What keeps the session that it is given, and closes it. */
    private <T> T handed(Sessions.Kind kind, String name, Body<T> keeper) {
        try {
            return keeper.run(sessions.open(kind, name));
        } catch (SQLException e) {
            throw SqlFailures.explain(e);
        }
    }

    @Override
    public String server() {
        return with(
                Sessions.Kind.CONTROL,
                c -> "PostgreSQL "
                        + Query.of(c, "SELECT current_setting('server_version')")
                                .text());
    }

    @Override
    public String identity() {
        return with(Sessions.Kind.CONTROL, c -> {
            String identity = ServerIdentity.of(c);
            if (identity.endsWith(ServerIdentity.STANDBY)) {
                throw new NeapException(
                        NeapException.Kind.UNKNOWN,
                        "the server is a standby and cannot be written before it is promoted");
            }
            return identity;
        });
    }

    @Override
    public void requireWritable() {
        with(Sessions.Kind.WORK, c -> {
            WithoutPlan.require(c, () -> sessions.open(Sessions.Kind.WORK, "neap"));
            return major;
        });
    }

    @Override
    public void requireSight() {
        with(Sessions.Kind.WORK, c -> {
            WithoutPlan.requireSight(c);
            return major;
        });
    }

    @Override
    public synchronized Planner planner() {
        try {
            Connection session = planning;
            if (session == null || session.isClosed()) {
                session = sessions.open(Sessions.Kind.WORK, "neap plan");
                planning = session;
            }
            PoolerCheck.Opener other = () -> sessions.open(Sessions.Kind.WORK, "neap plan");
            PostgresPlanner rebuilds = new PostgresPlanner(session, new PlannedSql(tuning), other);
            Connection reading = session;
            return new EitherPlanner(
                    rebuilds,
                    new FillPlanner(session, other),
                    backfill -> new NamedStandbys(backfill).findings(reading));
        } catch (SQLException e) {
            throw SqlFailures.explain(e);
        }
    }

    @Override
    public Survey survey(Backfill backfill, boolean probe) {
        return with(Sessions.Kind.CONTROL, c -> PostgresSurvey.of(c, backfill, probe));
    }

    @Override
    public Previewer previewer() {
        return new PostgresPreviewer(() -> sessions.open(Sessions.Kind.WORK, "neap preview"));
    }

    @Override
    public TableVerifier verifier(Backfill backfill, OptionalLong beside) {
        long lockMs = tuning.courtesy().toMillis();
        return handed(
                Sessions.Kind.WORK, "neap verify", c -> PostgresTableVerifier.open(c, backfill.fill(), beside, lockMs));
    }

    @Override
    public Keeping keeping() {
        return with(Sessions.Kind.CONTROL, ControlRights::keeping);
    }

    @Override
    public Replaced replaced(Backfill backfill, UnitRow unit) {
        return with(Sessions.Kind.WORK, c -> KeptPartition.look(c, backfill, unit));
    }

    @Override
    public TableVerifier verifier(Backfill backfill, UnitRow unit, Fill expected) {
        long lockMs = tuning.courtesy().toMillis();
        return handed(
                Sessions.Kind.WORK,
                "neap verify",
                c -> PostgresTableVerifier.open(c, backfill, unit, expected, lockMs));
    }

    @Override
    public boolean holds(String query) {
        try {
            return with(
                    Sessions.Kind.WORK,
                    c -> ReadOnly.read(
                            c,
                            reading -> PlainSql.list(reading, query, row -> row.getBoolean(1)).stream()
                                    .findFirst()
                                    .orElse(false)));
        } catch (NeapException e) {
            throw e.getCause() instanceof SQLException cause ? unanswered(cause) : e;
        }
    }

    /** What is wrong with a query that reads is wrong in the file, or in what it reads. */
    private static NeapException unanswered(SQLException failure) {
        NeapException e = SqlFailures.explain(failure);
        return switch (e.kind()) {
            case UNIT -> new NeapException(NeapException.Kind.USAGE, String.valueOf(e.getMessage()), failure);
            case RETRY -> new NeapException(e.kind(), e.getMessage() + "; it has two minutes", failure);
            default -> e;
        };
    }

    @Override
    public TableMender mender(Backfill backfill) {
        long lockMs = tuning.lockDeadline().toMillis();
        return handed(
                Sessions.Kind.WORK, "neap verify --fix", c -> PostgresTableMender.open(c, backfill.fill(), lockMs));
    }

    @Override
    public Copier copier() {
        return new PostgresCopier(
                () -> sessions.open(Sessions.Kind.WORK, "neap rehearse"),
                target -> new Sessions(target).open(Sessions.Kind.WORK, "neap rehearse"));
    }

    @Override
    public Practice practice(Backfill backfill) {
        return new PostgresPractice(() -> sessions.open(Sessions.Kind.WORK, "application"), backfill);
    }

    @Override
    public boolean installed() {
        return with(Sessions.Kind.CONTROL, ControlScripts::installed);
    }

    @Override
    public void install() {
        with(Sessions.Kind.CONTROL, c -> {
            ControlScripts.install(c);
            return major;
        });
    }

    @Override
    public ControlStore control(String purpose) {
        return handed(Sessions.Kind.CONTROL, purpose, c -> new ControlStore(c, new PostgresControlSql()));
    }

    @Override
    public void prepareRun(long run, Backfill backfill) {
        with(Sessions.Kind.CONTROL, c -> {
            if (backfill.fills()) {
                RunObjects.prepareFill(c, run, backfill, tuning);
            } else {
                RunObjects.prepare(c, run, backfill.rebuild(), tuning);
            }
            return run;
        });
    }

    @Override
    public boolean renewCapture(long run) {
        return with(Sessions.Kind.CONTROL, c -> RunObjects.renew(c, run, tuning));
    }

    @Override
    public void restartCapture(long run) {
        with(Sessions.Kind.CONTROL, c -> {
            RunObjects.restart(c, run, tuning);
            return run;
        });
    }

    @Override
    public boolean allRight(Backfill backfill, IntFunction<Optional<UnitRow>> next) {
        try (Connection session = workers.take("neap run settle")) {
            session.setAutoCommit(false);
            session.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            session.setReadOnly(true);
            Optional<UnitRow> unit = next.apply(0);
            while (unit.isPresent()) {
                Savepoint before = session.setSavepoint();
                if (!PostgresRebuild.allRight(session, backfill, unit.get(), tuning)) {
                    return false;
                }
                // Lets go of its locks and keeps the snapshot: the server's lock table does not hold thousands.
                session.rollback(before);
                unit = next.apply(unit.get().position());
            }
            return true;
        } catch (SQLException e) {
            throw SqlFailures.explain(e);
        }
    }

    @Override
    public String oneAtATime(Backfill backfill) {
        return with(Sessions.Kind.CONTROL, c -> OneAtATime.why(c, backfill.rebuild()));
    }

    @Override
    public PartitionRebuild rebuild(Backfill backfill, UnitRow unit) {
        String name = UnitNames.session(unit);
        try {
            Connection session = workers.take(name);
            return PostgresRebuild.of(
                    session,
                    () -> swappers.take(name + " swap"),
                    new NamedStandbys(backfill).readers(),
                    backfill,
                    unit,
                    tuning);
        } catch (SQLException e) {
            throw SqlFailures.explain(e);
        }
    }

    @Override
    public SegmentFill segment(Backfill backfill, UnitRow unit) {
        try {
            return new PostgresSegmentFill(
                    workers.take(UnitNames.session(unit)),
                    () -> sessions.open(Sessions.Kind.CONTROL, "neap"),
                    backfill,
                    unit,
                    tuning);
        } catch (SQLException e) {
            throw SqlFailures.explain(e);
        }
    }

    @Override
    public TableFill fill(Backfill backfill, long run, long worker) {
        try {
            return new PostgresTableFill(
                    workers.take("neap run " + run + " catches up"),
                    () -> sessions.open(Sessions.Kind.CONTROL, "neap"),
                    backfill,
                    run,
                    worker,
                    tuning);
        } catch (SQLException e) {
            throw SqlFailures.explain(e);
        }
    }

    @Override
    public Watched signals(Backfill backfill, long run, Batches batches) {
        try {
            return signals.of(backfill, run, batches);
        } catch (SQLException e) {
            throw SqlFailures.explain(e);
        }
    }

    @Override
    public List<Undoable> undoable(List<UnitRow> units) {
        return with(Sessions.Kind.CONTROL, c -> UndoCheck.look(c, units));
    }

    @Override
    public PartitionRebuild.Attempt stopReading(long run) {
        return with(Sessions.Kind.SWAP, c -> StopReading.of(c, run, tuning));
    }

    @Override
    public List<String> outlived(long run) {
        return with(Sessions.Kind.CONTROL, c -> Outlived.of(c, run));
    }

    @Override
    public List<Leftover> leftovers() {
        return with(Sessions.Kind.CONTROL, Leftovers::find);
    }

    @Override
    public void drop(Leftover leftover) {
        with(Sessions.Kind.WORK, c -> {
            try (Statement s = c.createStatement()) {
                s.execute("SET lock_timeout = " + tuning.lockDeadline().toMillis());
                for (String sql : leftover.dropSql()) {
                    s.execute(sql);
                }
            }
            return leftover;
        });
    }

    @Override
    public void dropWork(long run) {
        with(Sessions.Kind.WORK, c -> {
            RunObjects.dropWork(c, run);
            return run;
        });
    }

    @Override
    public void uninstall() {
        with(Sessions.Kind.CONTROL, c -> {
            try (Statement s = c.createStatement()) {
                s.execute("DROP SCHEMA IF EXISTS neap CASCADE");
            }
            return major;
        });
    }

    @Override
    public NeapException explain(Exception failure) {
        return SqlFailures.explain(failure);
    }

    @Override
    public synchronized void close() {
        workers.close();
        swappers.close();
        Connection session = planning;
        if (session != null) {
            try {
                session.close();
            } catch (SQLException e) {
                // The server ends the session.
                return;
            }
        }
    }
}
