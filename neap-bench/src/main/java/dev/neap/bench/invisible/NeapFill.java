package dev.neap.bench.invisible;

import dev.neap.backfill.Backfill;
import dev.neap.dialect.Tuning;
import dev.neap.plan.Plan;
import dev.neap.postgres.PostgresDialect;
import dev.neap.run.Engine;
import dev.neap.run.Neap;
import dev.neap.run.RunEvent;
import dev.neap.run.RunResult;
import dev.neap.run.RunResult.Outcome;
import dev.neap.run.Stop;
import dev.neap.testkit.PostgresServer;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A run of Neap's with one worker; stopped where it has not ended when it is closed. */
final class NeapFill implements Work {
    private static final long LOOK_MS = 20;
    /** Its signals measure for six seconds before it writes; more than this is none of its waits. */
    private static final long BEGINS_SECONDS = 180;

    private final long all;
    private final List<String> speeds = new CopyOnWriteArrayList<>();
    private final Map<String, Double> highest = new ConcurrentHashMap<>();
    private final Stop stop = new Stop();
    /** Of each unit. */
    private final Map<Long, Long> committed = new ConcurrentHashMap<>();

    private final CompletableFuture<RunResult> run;

    private final Gate gate;

    private NeapFill(Engine engine, Backfill backfill, long all, Gate gate) {
        this.all = all;
        this.gate = gate;
        Plan plan = engine.plan(backfill);
        if (plan.refused()) {
            throw new IllegalStateException("refused: " + plan.findings());
        }
        this.run = CompletableFuture.supplyAsync(() -> engine.run(plan, this::heard, stop));
    }

    /** @param all how many rows the table has */
    static Beginner of(PostgresServer server, Backfill backfill, long all) {
        return database -> {
            Gate gate = new Gate();
            Engine engine = new Neap(new PostgresDialect(), server.target(database), Tuning.DEFAULT, gate);
            NeapFill fill = new NeapFill(engine, backfill, all, gate);
            fill.awaitRows();
            return fill;
        };
    }

    private void heard(RunEvent event) {
        if (event instanceof RunEvent.RowsLoaded loaded) {
            committed.put(loaded.unitId(), loaded.unitRows());
        } else if (event instanceof RunEvent.SpeedChanged changed) {
            speeds.add(changed.decision().words());
        } else if (event instanceof RunEvent.SignalRead read && !Double.isNaN(read.value())) {
            highest.merge(read.signal(), read.value(), Math::max);
        } else if (event instanceof RunEvent.Note note) {
            speeds.add(note.text());
        }
    }

    private void awaitRows() throws InterruptedException {
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(BEGINS_SECONDS);
        while (rows() == 0) {
            if (run.isDone() || System.nanoTime() > until) {
                close();
                throw new IllegalStateException(
                        "Neap wrote no row in " + BEGINS_SECONDS + " s, or had none to write: " + speeds);
            }
            Thread.sleep(LOOK_MS);
        }
    }

    @Override
    public long rows() {
        return committed.values().stream().mapToLong(Long::longValue).sum();
    }

    @Override
    public Said said() {
        return new Said(speeds, highest);
    }

    /** What it then waits for an application's second writes is no work. */
    @Override
    public boolean ended() {
        return run.isDone() || rows() >= all;
    }

    @Override
    public boolean inTurns() {
        return true;
    }

    @Override
    public void pause() {
        gate.close();
    }

    @Override
    public void goOn() {
        gate.open();
    }

    @Override
    public void close() {
        gate.open();
        stop.request("measured");
        try {
            RunResult result = run.get(3, TimeUnit.MINUTES);
            if (result.outcome() != Outcome.DONE && result.outcome() != Outcome.STOPPED) {
                throw new IllegalStateException(result.outcome() + ": " + result.causes());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            throw new IllegalStateException("the run of Neap: " + e, e);
        }
    }
}
