package dev.neap.run;

import dev.neap.backfill.TableName;
import dev.neap.control.UndoRuns;
import dev.neap.control.UnitRow;
import dev.neap.dialect.Undoable;
import java.util.List;

/**
 * What an undo would put back.
 *
 * @param run the run that is to be undone
 * @param backfill its backfill's name
 * @param table the partitioned table
 * @param undoRun the undo that was begun and is not finished, and goes on; 0 for a new one
 * @param units what is put back, the newest swap first; empty when nothing is left to undo
 * @param givesUp whether the run is not finished, and is given up by this
 * @param older older runs of the same backfill that have something to put back too, the newest first
 */
public record UndoPlan(
        long run,
        String backfill,
        TableName table,
        long undoRun,
        List<Unit> units,
        boolean givesUp,
        List<UndoRuns.Older> older) {
    public UndoPlan {
        units = List.copyOf(units);
        older = List.copyOf(older);
    }

    /** One partition. */
    public record Unit(UnitRow unit, Undoable undoable) {}

    /** Those that cannot be put back. */
    public List<Unit> refused() {
        return units.stream().filter(u -> u.undoable().refusal() != null).toList();
    }
}
