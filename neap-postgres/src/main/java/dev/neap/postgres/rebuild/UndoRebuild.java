package dev.neap.postgres.rebuild;

import dev.neap.dialect.NeapException;
import dev.neap.dialect.NeapException.Kind;
import dev.neap.dialect.UndoRefusal;
import dev.neap.postgres.query.Query;
import dev.neap.postgres.query.SqlFailures;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/**
 * One partition put back. The kept partition is there already, so nothing is made or loaded: what was written since the
 * swap is carried over in batches, what the swap took off the kept one is made again, and the same swap goes the other
 * way. The kept partition is never dropped.
 */
final class UndoRebuild extends PostgresRebuild {
    private final UndoWork work;
    private final UndoCheck check;

    UndoRebuild(UndoWork work, Opener swapOpener, Standbys standbys) throws SQLException {
        super(work, new UndoLoad(work), swapOpener, standbys);
        this.work = work;
        this.check = check(work);
        alwaysIndexed();
    }

    private static UndoCheck check(UndoWork work) {
        return new UndoCheck(
                work.connection(),
                work.undone(),
                work.unit().partition(),
                work.unit().bound());
    }

    /** Whatever makes the record of later writes worthless refuses for good; nothing can start over. */
    private static final class UndoLoad extends LoadStep {
        private final UndoWork work;

        UndoLoad(UndoWork work) {
            super(work);
            this.work = work;
        }

        @Override
        String voided(Statement s) throws SQLException {
            check(work).requireRecorded();
            return "";
        }
    }

    @Override
    String leftOver() {
        return "";
    }

    /** Takes up the kept partition, if it can be put back. */
    @Override
    public void makeShadow() {
        explained(() -> {
            work.refresh();
            work.requireBound();
            long live = work.requireLive();
            String fingerprint = fingerprint(live);
            check.require();
            List<String> refusals = work.definition().refusals();
            if (!refusals.isEmpty()) {
                throw new NeapException(Kind.UNIT, UndoRefusal.NO_SWAP.words(String.join("; ", refusals)));
            }
            return work.inTransaction(s -> {
                UnitWork.all(s, work.createCarried());
                work.writes().shadowMade(live, work.undone().keptOid(), fingerprint);
                return live;
            });
        });
    }

    /** The swap that is undone began it. */
    @Override
    public Attempt startCapture() {
        return explained(() -> {
            check.requireRecorded();
            return work.inTransaction(s -> {
                work.writes().captureStarted(0);
                return Attempt.GOT;
            });
        });
    }

    /** Carries over one batch of what was written since the swap. */
    @Override
    public Loaded load(int rows, Runnable beforeCommit) {
        try {
            Drained drained = drain(rows, beforeCommit);
            return new Loaded(drained.changes(), !drained.more());
        } catch (NeapException e) {
            throw e.kind() == Kind.LOCK
                    ? new NeapException(Kind.RETRY, e.retryCause(), String.valueOf(e.getMessage()), e)
                    : e;
        }
    }

    @Override
    public List<Finishing> finishing() {
        return super.finishing().stream().map(UndoRebuild::explaining).toList();
    }

    private static Finishing explaining(Finishing step) {
        return new Finishing() {
            @Override
            public String name() {
                return step.name();
            }

            @Override
            public Attempt run() {
                try {
                    return step.run();
                } catch (NeapException e) {
                    if (e.getCause() instanceof SQLException sql && "23503".equals(SqlFailures.state(sql))) {
                        throw new NeapException(
                                Kind.UNIT, UndoRefusal.REFERENCES.words(String.valueOf(e.getMessage())), e);
                    }
                    throw e;
                }
            }
        };
    }

    @Override
    public Settled mend(int rows) {
        return new Settled(0, true, "");
    }

    /** Nothing is to be mended: what was recorded, and what the undone unit captured, goes. */
    @Override
    public Settled settle(int rows) {
        return explained(() -> {
            try {
                work.inTransaction(s -> {
                    Locks.deadline(s, work);
                    UnitWork.all(s, CaptureSql.dropRest(work.names()));
                    UnitWork.all(s, CaptureSql.dropRest(work.settling()));
                    s.execute("DROP TABLE IF EXISTS " + work.carried());
                    work.writes().settled();
                    return s;
                });
                return new Settled(0, true, "");
            } catch (SQLException e) {
                return new Settled(
                        0, false, Locks.missed(work, e, Locks.Aim.WRITERS).inTheWay());
            }
        });
    }

    @Override
    public Attempt startOver() {
        return explained(() -> takeBack(false));
    }

    @Override
    public Attempt abandon() {
        return explained(() -> takeBack(true));
    }

    /**
     * Takes off the kept partition what was made on it for the swap; it had no foreign key, so that its rows stop nobody from
     * deleting what they reference. What was carried over stays carried over.
     */
    private Attempt takeBack(boolean defaultCheckToo) throws SQLException {
        Attempt keysOff = new KeysOff(work).take(true);
        if (!keysOff.got()) {
            return keysOff;
        }
        try {
            if (work.liveOid().isPresent() && eagerInPlace()) {
                work.inTransaction(s -> {
                    Locks.holdWritersOff(s, work);
                    s.execute(work.capture().function(false));
                    return s;
                });
            }
            work.inTransaction(s -> {
                Locks.deadline(s, work);
                UnitWork.all(s, boundOfNeap());
                UnitWork.all(
                        s,
                        CaptureSql.dropRest(UnitNames.afterSwap(
                                work.unit().runId(),
                                work.unit().id(),
                                work.unit().partition())));
                work.writes().restart();
                return s;
            });
            if (defaultCheckToo
                    && work.liveOid().isPresent()
                    && work.definition().defaultCheck().isPresent()) {
                String drop = work.definition().defaultCheck().get().dropSql();
                work.inTransaction(s -> {
                    Locks.deadline(s, work);
                    return s.execute(drop);
                });
            }
            work.refresh();
            return Attempt.GOT;
        } catch (SQLException e) {
            return work.liveOid().isPresent()
                    ? Locks.missed(work, e, Locks.Aim.EVERYBODY)
                    : Attempt.missed(UnitWork.explain(e));
        }
    }

    private List<String> boundOfNeap() throws SQLException {
        return Query.of(
                        work.connection(),
                        "SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname)"
                                + " FROM pg_constraint WHERE conrelid = to_regclass(?) AND conparentid = 0"
                                + " AND contype = 'c' AND conname LIKE 'neap\\_bound\\_%'",
                        work.names().shadow())
                .texts();
    }
}
