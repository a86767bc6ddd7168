package dev.neap.run;

import dev.neap.backfill.Backfill;
import dev.neap.backfill.OnBreaker;
import dev.neap.dialect.NeapException;
import dev.neap.dialect.NeapException.Kind;
import java.util.List;
import java.util.function.Function;

/**
 * Puts back what a run swapped when the breaker ended it and the file says so, as `neap undo` would: the undo is a run of
 * its own, which heeds signals too.
 */
final class AfterBreaker {
    private final Engine engine;
    private final Backfill backfill;
    private final RunListener listener;
    private final Stop stop;
    /** The run itself; 0 as long as none has begun. */
    private long began;

    AfterBreaker(Engine engine, Backfill backfill, RunListener listener, Stop stop) {
        this.engine = engine;
        this.backfill = backfill;
        this.listener = listener;
        this.stop = stop;
    }

    /**
     * Runs it.
     *
     * @param run tells the listener that it is given what happens
     * @throws NeapException BREAKER with what was put back, or why it was not, in its message
     */
    RunResult run(Function<RunListener, RunResult> run) {
        try {
            return run.apply(this::hear);
        } catch (NeapException e) {
            if (e.kind() != Kind.BREAKER || backfill.breaker().onBreaker() == OnBreaker.STOP) {
                throw e;
            }
            listener.on(new RunEvent.Note(e.getMessage() + "; what was swapped is put back now"));
            throw new NeapException(Kind.BREAKER, e.getMessage() + "; " + putBack(), e);
        }
    }

    private void hear(RunEvent event) {
        if (event instanceof RunEvent.Started started) {
            began = started.runId();
        }
        listener.on(event);
    }

    private String putBack() {
        // A replica that ended the run is still behind. By its name it could be another run, which is kept.
        UndoRequest request = new UndoRequest(began, null, List.of(), null, false)
                .declaredBy(backfill)
                .afterReplicas();
        try {
            UndoPlan plan = engine.undoPlan(request);
            if (plan.units().isEmpty()) {
                return "nothing was swapped yet that could be put back";
            }
            RunResult result = engine.undo(request, plan, listener, stop);
            return result.outcome() == RunResult.Outcome.DONE
                    ? "what it had swapped is put back, " + plan.units().size() + " in all"
                    : "not all that it had swapped is put back yet; `neap undo` goes on";
        } catch (NeapException e) {
            return "what it had swapped is not put back; `neap undo` tries it again: " + e.getMessage();
        }
    }
}
