package dev.neap.postgres.rebuild;

import java.sql.SQLException;
import java.util.List;

/**
 * What is recorded from a unit's swap on, so that it can be undone: the keys of the rows that change in the new partition.
 * Only where the replaced one is kept for a while, and has a key.
 */
final class AfterSwap {
    private final UnitWork work;
    private final UnitNames names;
    private final CaptureSql capture;

    AfterSwap(UnitWork work) throws SQLException {
        this.work = work;
        this.names = UnitNames.afterSwap(
                work.unit().runId(), work.unit().id(), work.unit().partition());
        this.capture = new CaptureSql(names, work.shape().key(), work.tuning().captureLimit(), false);
    }

    private boolean wanted() throws SQLException {
        return !work.backfill().rebuild().keepOld().isZero()
                && !work.shape().key().isEmpty();
    }

    /** Makes the table and the function before the swap, which then only makes the triggers. */
    void prepare() throws SQLException {
        if (wanted()) {
            work.inTransaction(s -> {
                UnitWork.all(s, capture.createChanges());
                s.execute(capture.function(false));
                return names;
            });
        }
    }

    /** In the swap's transaction. */
    List<String> start() throws SQLException {
        return wanted() ? capture.createTriggers(names.liveTable()) : List.of();
    }
}
