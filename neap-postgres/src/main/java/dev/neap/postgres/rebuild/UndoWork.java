package dev.neap.postgres.rebuild;

import dev.neap.backfill.Backfill;
import dev.neap.control.UnitRow;
import dev.neap.dialect.Tuning;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/**
 * An undo as a rebuild: the kept partition is the shadow, what was recorded since the swap are the changes, and every row
 * stays as it is.
 */
final class UndoWork extends UnitWork {
    private final UndoneUnit undone;

    UndoWork(Connection connection, Backfill backfill, UnitRow unit, UndoneUnit undone, Tuning tuning) {
        super(
                connection,
                backfill,
                unit,
                UnitNames.undo(unit.runId(), undone.run(), undone.unit(), unit.partition()),
                tuning);
        this.undone = undone;
    }

    UndoneUnit undone() {
        return undone;
    }

    /** The names of what the undone unit itself captured, until it was settled. */
    UnitNames settling() {
        return new UnitNames(undone.run(), undone.unit(), unit().partition());
    }

    /** The keys that were carried over. */
    String carried() {
        return "neap.carried_" + unit().id();
    }

    List<String> createCarried() throws SQLException {
        return List.of(UndoSql.createCarried(carried(), shape().key()));
    }

    @Override
    RebuildSql makeSql() throws SQLException {
        return new UndoSql(this, shape().columns(), shape().types(), shape().key());
    }

    @Override
    boolean carriesOver() {
        return true;
    }

    /** A unit that was never settled still has its capture. */
    @Override
    List<String> beforeSwap() {
        return CaptureSql.dropTriggers(settling(), names().liveTable());
    }

    @Override
    List<String> afterSwap() throws SQLException {
        return new AfterSwap(this).start();
    }
}
