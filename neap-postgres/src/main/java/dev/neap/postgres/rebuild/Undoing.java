package dev.neap.postgres.rebuild;

import dev.neap.dialect.PartitionRebuild.Attempt;
import java.sql.SQLException;
import java.sql.Statement;

/** Takes back what was made for a unit. */
final class Undoing {
    private final UnitWork work;

    Undoing(UnitWork work) {
        this.work = work;
    }

    /**
     * Drops the shadow. Before that its foreign keys go, and then, with writers held off, the capture function forgets it: a
     * writer that still ran the eager one would fail for want of the shadow.
     */
    Attempt startOver() throws SQLException {
        return dropShadow(true);
    }

    /** The same for a unit that is done. */
    Attempt dropShadow() throws SQLException {
        return dropShadow(false);
    }

    private Attempt dropShadow(boolean restart) throws SQLException {
        Attempt keysOff = new KeysOff(work).take(restart);
        if (!keysOff.got()) {
            return keysOff;
        }
        try {
            work.inTransaction(s -> {
                if (work.liveOid().isPresent() && captureInstalled(s)) {
                    Locks.holdWritersOff(s, work);
                    s.execute(work.capture().function(false));
                }
                return s;
            });
            work.inTransaction(s -> {
                Locks.deadline(s, work);
                UnitWork.all(s, work.dropShadow());
                if (restart) {
                    work.writes().restart();
                }
                return s;
            });
            work.refresh();
            return Attempt.GOT;
        } catch (SQLException e) {
            return Locks.missed(work, e, Locks.Aim.EVERYBODY);
        }
    }

    private boolean captureInstalled(Statement s) throws SQLException {
        return UnitWork.number(
                        s,
                        "SELECT count(*) FROM pg_proc WHERE pronamespace = 'neap'::regnamespace AND proname = '"
                                + work.names().captureName() + "'")
                > 0;
    }

    /**
     * Drops the shadow's foreign keys, then the triggers, under a lock that also waits out whoever is in them, then
     * everything else.
     */
    Attempt abandon() throws SQLException {
        Attempt keysOff = new KeysOff(work).take(true);
        if (!keysOff.got()) {
            return keysOff;
        }
        boolean there = work.liveOid().isPresent();
        try {
            work.inTransaction(s -> {
                if (there) {
                    Locks.courtesy(s, work);
                    Locks.deadline(s, work);
                    UnitWork.all(
                            s,
                            CaptureSql.dropTriggers(work.names(), work.names().liveTable()));
                }
                return s;
            });
            work.inTransaction(s -> {
                Locks.deadline(s, work);
                UnitWork.all(s, CaptureSql.dropRest(work.names()));
                UnitWork.all(
                        s,
                        CaptureSql.dropRest(UnitNames.afterSwap(
                                work.unit().runId(),
                                work.unit().id(),
                                work.unit().partition())));
                UnitWork.all(s, work.dropShadow());
                work.writes().restart();
                return s;
            });
            if (there
                    && !work.backfill().rebuild().merges()
                    && work.definition().defaultCheck().isPresent()) {
                String drop = work.definition().defaultCheck().get().dropSql();
                work.inTransaction(s -> {
                    Locks.deadline(s, work);
                    s.execute(drop);
                    return s;
                });
            }
            return Attempt.GOT;
        } catch (SQLException e) {
            return Locks.missed(work, e, Locks.Aim.EVERYBODY);
        }
    }
}
