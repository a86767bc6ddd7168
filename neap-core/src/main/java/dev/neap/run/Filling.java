package dev.neap.run;

import dev.neap.backfill.Backfill;
import dev.neap.control.UnitRow;
import dev.neap.dialect.Database;
import dev.neap.dialect.TableFill;
import dev.neap.dialect.Tuning;
import dev.neap.fill.FillTable;
import dev.neap.fill.PlanKeeper;
import dev.neap.plan.Step;
import dev.neap.rebuild.UnitWatch;
import org.jspecify.annotations.Nullable;

/**
 * What all segments of a fill share, in one process on one attachment; nothing in a rebuild. Of several fills it is about
 * one after another. Safe for many threads.
 */
final class Filling implements AutoCloseable {
    private final Database database;
    private Backfill part;
    private final long run;
    private final long worker;
    private final Tuning tuning;
    private PlanKeeper plans = new PlanKeeper();
    private @Nullable TableFill bench;
    private @Nullable FillTable table;

    Filling(Database database, Backfill backfill, long run, long worker, Tuning tuning) {
        this.database = database;
        this.part = backfill.parts().get(0);
        this.run = run;
        this.worker = worker;
        this.tuning = tuning;
    }

    /** Starts one of the fills, when no segment of another is at work; the first thing, before any of its segments. */
    void begin(Backfill next, UnitWatch watch) {
        close();
        TableFill opened = database.fill(next, run, worker);
        FillTable begun = new FillTable(opened, next.profile().batchTime(), next.batchRows(), tuning.secondWrite());
        synchronized (this) {
            part = next;
            plans = new PlanKeeper();
            bench = opened;
            table = begun;
        }
        begun.begin(watch);
    }

    /** The backfill, about the fill that is done now. */
    synchronized Backfill part() {
        return part;
    }

    /**
     * The fill as a whole.
     *
     * @throws IllegalStateException before it began
     */
    synchronized FillTable table() {
        FillTable begun = table;
        if (begun == null) {
            throw new IllegalStateException("no fill has begun");
        }
        return begun;
    }

    /** Keeps watch on the plans of all segments of the fill that is done now. */
    synchronized PlanKeeper plans() {
        return plans;
    }

    /** Stands for the run where a unit is named. */
    synchronized UnitRow unit() {
        return new UnitRow(
                0,
                run,
                0,
                part.strategy().table(),
                "",
                "running",
                Step.FILL,
                0,
                0,
                0,
                0,
                null,
                0,
                0,
                0,
                0,
                0,
                false,
                false);
    }

    @Override
    public synchronized void close() {
        TableFill opened = bench;
        if (opened != null) {
            opened.close();
        }
    }
}
