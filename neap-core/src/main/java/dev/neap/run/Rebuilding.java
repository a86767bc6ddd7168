package dev.neap.run;

import dev.neap.backfill.Backfill;
import dev.neap.control.ControlStore;
import dev.neap.control.RunRow;
import dev.neap.control.UndoRuns;
import dev.neap.control.UnitRow;
import dev.neap.dialect.NeapException;
import dev.neap.dialect.NeapException.Kind;
import dev.neap.plan.Plan;
import dev.neap.rebuild.Point;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Finds the unfinished run of a plan, or records a new one. */
final class Rebuilding {
    private final Plan plan;
    private final Backfill backfill;
    private final Probe probe;

    Rebuilding(Plan plan, Probe probe) {
        this.plan = plan;
        this.backfill = plan.backfill();
        this.probe = probe;
    }

    RunRow findOrCreate(ControlStore control, String identity) {
        Optional<RunRow> unfinished = unfinished(control);
        if (unfinished.isEmpty()) {
            refuseUndone(new UndoRuns(control).undone(backfill.declared()));
            long run = control.create(plan, identity);
            probe.at(Point.RUN_CREATED);
            return control.run(run);
        }
        RunRow row = unfinished.get();
        if (row.undoes() != 0) {
            throw new NeapException(
                    Kind.USAGE,
                    "run " + row.id() + " puts back what run " + row.undoes()
                            + " rebuilt, and is not finished; finish it with `neap undo " + row.undoes()
                            + "`, or give it up with `neap stop " + row.backfill() + " --abandon`");
        }
        if (!row.backfill().equals(backfill.name())) {
            throw new NeapException(
                    Kind.USAGE,
                    "run " + row.id() + " of the backfill '" + row.backfill()
                            + "' on this table is not finished; finish it, or " + "give it up with `neap stop "
                            + row.backfill() + " --abandon`");
        }
        if (!row.declared().equals(backfill.declared())) {
            throw new NeapException(
                    Kind.USAGE,
                    "the file was changed under run " + row.id()
                            + ", which is not finished: what it declares now would mix with "
                            + "what is done; put the file back and run it, or give the run up with `neap stop "
                            + row.backfill() + " --abandon`");
        }
        return row;
    }

    /** A run that works on one of its tables; another backfill's first. */
    private Optional<RunRow> unfinished(ControlStore control) {
        return backfill.parts().stream()
                .flatMap(part -> control.unfinished(part.strategy().table()).stream())
                .min(Comparator.comparing(row -> row.backfill().equals(backfill.name())));
    }

    /** What was put back is neither left out nor rebuilt again unless somebody says so. */
    private void refuseUndone(List<UnitRow> undone) {
        Set<String> planned = new HashSet<>();
        plan.units().forEach(unit -> planned.add(unit.partition() + unit.bound()));
        List<UnitRow> these = undone.stream()
                .filter(unit -> planned.contains(unit.partition() + unit.bound()))
                .toList();
        if (!these.isEmpty()) {
            throw new NeapException(
                    Kind.USAGE,
                    these.size() + " partitions that this file had rebuilt were put back by `neap undo`, such as "
                            + these.get(0).partition() + "; say --again to rebuild them again");
        }
    }
}
