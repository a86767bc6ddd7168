package dev.neap.run;

import dev.neap.backfill.ApplicationWrites;
import dev.neap.backfill.Backfill;
import dev.neap.backfill.BreakerLimits;
import dev.neap.backfill.LiveWrites;
import dev.neap.backfill.PartitionRange;
import dev.neap.backfill.Profile;
import dev.neap.backfill.Rebuild;
import dev.neap.backfill.Throttle;
import dev.neap.control.ControlStore;
import dev.neap.control.RunRow;
import dev.neap.control.UndoRuns;
import dev.neap.control.UndoRuns.Target;
import dev.neap.control.UnitRow;
import dev.neap.dialect.Database;
import dev.neap.dialect.NeapException;
import dev.neap.dialect.NeapException.Kind;
import dev.neap.dialect.UndoRefusal;
import dev.neap.dialect.Undoable;
import dev.neap.rebuild.Point;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Finds what an undo is about, and records it as a run of its own: leased, resumed and stopped like any other. */
final class Undo {
    private static final int BATCH_ROWS = 1_000;
    /** One partition that cannot be put back must not leave the others half done. */
    private static final int FAILURE_LIMIT = Integer.MAX_VALUE;

    private final Database database;
    private final UndoRequest request;
    private final Probe probe;

    Undo(Database database, UndoRequest request, Probe probe) {
        this.database = database;
        this.request = request;
        this.probe = probe;
    }

    UndoPlan plan() {
        if (!database.installed()) {
            throw new NeapException(Kind.STOP, "Neap was never run in this database, so there is nothing to undo");
        }
        database.requireWritable();
        database.requireSight();
        database.install();
        try (ControlStore control = database.control("neap undo")) {
            UndoRuns runs = new UndoRuns(control);
            Target target = target(runs);
            Optional<RunRow> begun = runs.unfinished(target.run().id());
            List<UnitRow> units = begun.isPresent() ? begun(runs, begun.get(), target) : chosen(runs, target);
            refuseOthers(control, target, begun);
            return new UndoPlan(
                    target.run().id(),
                    target.run().backfill(),
                    target.table(),
                    begun.map(RunRow::id).orElse(0L),
                    begun.isPresent() ? asTheyAre(units) : looked(units),
                    target.unfinished(),
                    runs.older(target.run()));
        }
    }

    private Target target(UndoRuns runs) {
        String name = request.backfill();
        Optional<Target> target = name == null ? runs.target(request.run()) : runs.newest(name);
        Target found = target.orElseThrow(() -> new NeapException(
                Kind.STOP,
                name == null
                        ? "there is no run " + request.run() + " in this database"
                        : "there is no run of the backfill '" + name + "' in this database"));
        if (runs.fills(found.run().id())) {
            throw new NeapException(
                    Kind.USAGE,
                    "run " + found.run().id()
                            + " is a fill, which replaced nothing that could be put back: what it wrote"
                            + " stands in columns or in a table of its own, and the application's writes beside it");
        }
        if (request.replicas() == null && found.replicas() > 0) {
            throw new NeapException(
                    Kind.USAGE,
                    "run " + found.run().id()
                            + " had hot standbys to wait for, which only its file names; say `neap undo" + " FILE`");
        }
        return found;
    }

    /** The units of an undo that was begun; other ones would have to wait for it. */
    private List<UnitRow> begun(UndoRuns runs, RunRow undo, Target target) {
        List<UnitRow> units = runs.undoneBy(undo.id());
        if (!request.partitions().isEmpty() && !chosen(runs, target).equals(units)) {
            throw new NeapException(
                    Kind.USAGE,
                    "run " + undo.id() + " undoes other partitions of run "
                            + target.run().id()
                            + ", and is not finished; finish it first: the same command without partitions");
        }
        return units;
    }

    private List<UnitRow> chosen(UndoRuns runs, Target target) {
        if (request.partitions().isEmpty()) {
            return runs.swapped(target.run().id()).stream()
                    .filter(unit -> unit.state().equals("done"))
                    .toList();
        }
        if (target.unfinished()) {
            throw new NeapException(
                    Kind.USAGE,
                    "run " + target.run().id()
                            + " is not finished, so single partitions of it cannot be undone: finish it, or give it up"
                            + " with `neap stop " + target.run().backfill()
                            + " --abandon`; without partitions, undo gives it up and undoes all of it");
        }
        List<UnitRow> all = runs.all(target.run().id());
        List<UnitRow> chosen = new ArrayList<>();
        for (String named : request.partitions()) {
            chosen.add(named(all, named, target));
        }
        return chosen.stream()
                .distinct()
                .sorted(Comparator.comparingInt(UnitRow::position))
                .toList();
    }

    private static UnitRow named(List<UnitRow> all, String named, Target target) {
        List<UnitRow> found =
                all.stream().filter(unit -> unit.partition().isCalled(named)).toList();
        if (found.size() == 1) {
            return found.get(0);
        }
        throw new NeapException(
                Kind.USAGE,
                found.isEmpty()
                        ? "run " + target.run().id() + " has no partition '" + named + "'"
                        : "run " + target.run().id() + " has several partitions '" + named + "'; write schema.name");
    }

    /** Somebody else's unfinished run on the same table, or a process at the run itself. */
    private void refuseOthers(ControlStore control, Target target, Optional<RunRow> begun) {
        Optional<RunRow> other = control.unfinished(target.table())
                .filter(row -> row.id() != target.run().id())
                .filter(row -> begun.isEmpty() || row.id() != begun.get().id());
        if (other.isPresent()) {
            throw new NeapException(
                    Kind.USAGE,
                    "run " + other.get().id() + " of '" + other.get().backfill()
                            + "' on this table is not finished; finish it, or give it up with `neap stop "
                            + other.get().backfill() + " --abandon`");
        }
        if (target.alive()) {
            throw held(target);
        }
    }

    private static NeapException held(Target target) {
        return new NeapException(
                Kind.HELD,
                "a process is at run " + target.run().id() + "; stop it first with `neap stop "
                        + target.run().backfill() + "`");
    }

    private List<UndoPlan.Unit> looked(List<UnitRow> units) {
        List<Undoable> answers = database.undoable(units);
        List<UndoPlan.Unit> all = new ArrayList<>();
        for (int i = units.size() - 1; i >= 0; i--) {
            all.add(new UndoPlan.Unit(units.get(i), answers.get(i)));
        }
        return all;
    }

    /** Each unit of an undo that was begun is looked at when its turn comes. */
    private static List<UndoPlan.Unit> asTheyAre(List<UnitRow> units) {
        return units.stream()
                .map(unit -> new UndoPlan.Unit(unit, new Undoable(0, 0, null, "")))
                .toList();
    }

    /** What the run of an undo goes by: every row stays as it is. */
    private Backfill backfill(Target target) {
        RunRow run = target.run();
        Rebuild rebuild = new Rebuild(
                target.table(),
                PartitionRange.all(),
                Map.of(),
                null,
                ApplicationWrites.NEW,
                LiveWrites.CAPTURE,
                target.keepOld());
        List<String> replicas = request.replicas() == null ? List.of() : request.replicas();
        Throttle throttle = request.throttle() == null ? Throttle.of(Profile.PROD) : request.throttle();
        return new Backfill(
                run.backfill(),
                Profile.PROD,
                rebuild,
                run.pace(),
                BATCH_ROWS,
                FAILURE_LIMIT,
                Map.of(),
                replicas,
                throttle,
                request.endedBy() == null ? BreakerLimits.of(throttle) : request.endedBy());
    }

    Backfill backfill(UndoPlan plan) {
        try (ControlStore control = database.control("neap undo")) {
            return backfill(new UndoRuns(control).target(plan.run()).orElseThrow());
        }
    }

    /** The run that puts them back: the one that was begun, or a new one. */
    RunRow findOrCreate(ControlStore control, UndoPlan plan, String identity) {
        UndoRuns runs = new UndoRuns(control);
        Optional<RunRow> begun = runs.unfinished(plan.run());
        if (begun.isPresent()) {
            return begun.get();
        }
        Target target = runs.target(plan.run()).orElseThrow();
        List<UnitRow> units = plan.units().stream().map(UndoPlan.Unit::unit).toList();
        List<Long> changes =
                plan.units().stream().map(unit -> unit.undoable().changes()).toList();
        long run = runs.create(target, units, changes, identity).orElseThrow(() -> held(target));
        probe.at(Point.RUN_CREATED);
        control.event(plan.run(), null, "undo", "run " + run + " puts " + units.size() + " partitions back");
        return control.run(run);
    }

    /** @throws NeapException USAGE when one of them cannot be put back */
    static void requireAll(UndoPlan plan) {
        List<UndoPlan.Unit> refused = plan.refused();
        if (!refused.isEmpty()) {
            throw new NeapException(Kind.USAGE, words(refused, plan));
        }
    }

    private static String words(List<UndoPlan.Unit> refused, UndoPlan plan) {
        List<String> lines = new ArrayList<>();
        for (UndoPlan.Unit unit : refused.subList(0, Math.min(20, refused.size()))) {
            UndoRefusal why = unit.undoable().refusal();
            if (why != null) {
                lines.add(unit.unit().partition() + ": "
                        + why.words(unit.undoable().seen()));
            }
        }
        if (refused.size() < plan.units().size()) {
            lines.add("nothing was undone; name the other partitions to undo them alone");
        }
        return String.join("\n", lines);
    }
}
