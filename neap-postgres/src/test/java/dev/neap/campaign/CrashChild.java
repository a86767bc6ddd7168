package dev.neap.campaign;

import dev.neap.backfill.ApplicationWrites;
import dev.neap.backfill.Backfill;
import dev.neap.backfill.ConnectionTarget;
import dev.neap.backfill.Cutover;
import dev.neap.backfill.Throttle;
import dev.neap.dialect.NeapException;
import dev.neap.plan.Plan;
import dev.neap.run.Neap;
import dev.neap.run.Probe;
import dev.neap.run.RunEvent;
import dev.neap.run.RunListener;
import dev.neap.run.RunResult;
import dev.neap.run.Stop;
import dev.neap.run.UndoPlan;
import dev.neap.run.UndoRequest;
import dev.neap.testkit.Ledger;
import java.util.List;
import java.util.Map;

/**
 * The process that is killed. Arguments: port, database, partitions, rows of a batch, the cutover or {@link #UNDO}, the
 * point to stand still at, or `-` to run to the end, and how many units of a rebuild are at work at once. It says where it
 * is on its standard output.
 */
final class CrashChild {
    /** Instead of a cutover: it puts back what was rebuilt. */
    static final String UNDO = "UNDO";

    private CrashChild() {}

    public static void main(String[] args) throws Exception {
        ConnectionTarget target = new ConnectionTarget(
                "postgresql", "localhost", Integer.parseInt(args[0]), args[1], "postgres", null, Map.of());
        Ledger ledger = new Ledger(Integer.parseInt(args[2]), false, true, 10);
        boolean undo = args[4].equals(UNDO);
        Neap neap = Rebuilds.neap(target, undo ? Rebuilds.BRIEF : Rebuilds.SHORT, standStillAt(args[5]));
        Backfill backfill = ledger.backfill(ApplicationWrites.OLD, Integer.parseInt(args[3]), List.of());
        try {
            RunResult result = undo
                    ? undo(neap, backfill)
                    : rebuild(
                            neap,
                            backfill.with(backfill.rebuild().with(Cutover.valueOf(args[4]))),
                            Integer.parseInt(args[6]));
            say("RESULT " + result.outcome() + " " + result);
            System.exit(result.outcome() == RunResult.Outcome.DONE ? 0 : 1);
        } catch (NeapException e) {
            say("RESULT " + e.kind() + " " + e.getMessage());
            System.exit(1);
        }
    }

    private static RunResult rebuild(Neap neap, Backfill backfill, int workers) {
        Plan plan = neap.plan(backfill);
        say("PLANNED");
        return neap.run(plan, workers, Rebuilds.lettingGo(neap, plan, listener()), new Stop());
    }

    private static RunResult undo(Neap neap, Backfill backfill) {
        UndoRequest request = new UndoRequest(0, backfill.name(), List.of(), List.of(), false, Throttle.NONE);
        UndoPlan plan = neap.undoPlan(request);
        say("PLANNED");
        return neap.undo(request, plan, listener(), new Stop());
    }

    private static Probe standStillAt(String point) {
        return at -> {
            say("POINT " + at);
            if (at.name().equals(point)) {
                say("STANDS " + at);
                forever();
            }
        };
    }

    /** Only a SIGKILL ends it. */
    private static void forever() {
        while (true) {
            try {
                Thread.sleep(1_000);
            } catch (InterruptedException e) {
                say("interrupted");
            }
        }
    }

    private static RunListener listener() {
        return event -> {
            if (event instanceof RunEvent.UnitStarted unit) {
                say("UNIT " + unit.unitId() + " " + unit.partition().name());
            } else if (event instanceof RunEvent.StepStarted step) {
                say("STEP " + step.unitId() + " " + step.step());
            } else if (event instanceof RunEvent.UnitDone done) {
                say("DONE " + done.partition().name());
            } else {
                say("EVENT " + event);
            }
        };
    }

    private static synchronized void say(String line) {
        System.out.println(line);
        System.out.flush();
    }
}
