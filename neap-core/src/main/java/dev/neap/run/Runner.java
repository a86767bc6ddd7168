package dev.neap.run;

import dev.neap.backfill.Backfill;
import dev.neap.backfill.Environment;
import dev.neap.backfill.WebAddress;
import dev.neap.control.ControlStore;
import dev.neap.control.RunRow;
import dev.neap.control.RunTotals;
import dev.neap.control.UnitRow;
import dev.neap.dialect.Database;
import dev.neap.dialect.NeapException;
import dev.neap.dialect.NeapException.Kind;
import dev.neap.dialect.Tuning;
import dev.neap.rebuild.Point;
import dev.neap.throttle.Signal;
import dev.neap.throttle.Watched;
import dev.neap.throttle.Webhook;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** The loop over the units of one run, in one process, on one attachment to the database. */
final class Runner {
    private static final int MOST_MENDING_ROUNDS = 20;

    private final Database database;
    private final ControlStore control;
    private final long run;
    private final long worker;
    private final int atOnce;
    private final Tuning tuning;
    private final Probe probe;
    private final RunListener listener;
    private final Waits waits;
    private final Heartbeat heartbeat;
    private final SpeedLog speedLog;
    private final Throttling throttling;
    private final RunContext context;
    private final UnitLoop loop;
    /** Who is told when a breaker ends the run. What its address stands for is known before anything is written. */
    private final Optional<WebAddress.Target> told;

    private final LeftAtWork left;

    /** @param atOnce how many units are at work at once, 1 or more */
    Runner(
            Database database,
            ControlStore control,
            Backfill backfill,
            RunRow row,
            long worker,
            boolean onlyFailed,
            int atOnce,
            Tuning tuning,
            Probe probe,
            RunListener listener,
            Stop stop,
            Tally tally) {
        this.database = database;
        this.control = control;
        this.run = row.id();
        this.worker = worker;
        this.atOnce = atOnce;
        this.tuning = tuning;
        this.probe = probe;
        this.listener = listener;
        WebAddress webhook = backfill.breaker().webhook();
        this.told = webhook == null ? Optional.empty() : Optional.of(webhook.target(Environment.system()));
        Wishes wishes = new Wishes(row);
        this.waits = new Waits(stop, wishes);
        this.heartbeat = new Heartbeat(database, run, worker, tuning, wishes, waits::loseLease);
        Together together = new Together();
        Watched watched = database.signals(backfill, run, together.batches());
        List<Signal> signals = new ArrayList<>(OwnSignals.of(backfill.throttle(), probe.clock()));
        signals.addAll(watched.signals());
        this.speedLog = new SpeedLog(() -> database.control("neap run " + run + " speed"), run);
        this.throttling = new Throttling(
                signals, watched.off(), listener, wishes::rate, together.pacer()::rows, speedLog, tuning.patience());
        this.context = new RunContext(
                database,
                backfill,
                run,
                worker,
                onlyFailed,
                tuning,
                probe,
                listener,
                tally,
                waits,
                wishes,
                together,
                throttling,
                new Filling(database, backfill, row.id(), worker, tuning),
                new HeldUnits.Rounds(),
                new Failures(backfill.failureLimit()),
                new ErrorBudget(run, backfill.breaker().errorBudget()),
                new LockTimeouts(backfill.breaker().lockTimeouts()));
        this.loop = new UnitLoop(context, control);
        this.left = new LeftAtWork(database, control, run, tuning.patience());
    }

    /**
     * Runs until nothing is left, or it is stopped.
     *
     * @throws NeapException UNKNOWN or LOST_LEASE: attach again and go on
     */
    RunResult.Outcome run(Tally tally) {
        heartbeat.start();
        try {
            throttling.start();
            RunResult.Outcome outcome = context.backfill().fills() ? everyTable() : everyUnit();
            probe.at(Point.RUN_FINISHING);
            finish(outcome);
            return outcome;
        } catch (Waits.Stopped stopped) {
            control.event(run, null, "stopped", String.valueOf(stopped.getMessage()));
            finish(RunResult.Outcome.STOPPED);
            return RunResult.Outcome.STOPPED;
        } catch (RuntimeException e) {
            if (e instanceof NeapException ours && ours.kind() == Kind.BREAKER) {
                tripped(ours);
            }
            letGo(e);
            throw e;
        } finally {
            tally.waited(waits.waited().dividedBy(atOnce));
            context.filling().close();
            throttling.close();
            speedLog.close();
            heartbeat.close();
        }
    }

    /** One table is filled after another, each to its end: what a row references is there before it, and stays right. */
    private RunResult.Outcome everyTable() {
        RunTotals known = control.units().totals(run);
        for (Backfill part : context.backfill().parts()) {
            context.filling().begin(part, loop.watchOfRun());
            RunTotals now = control.units().totals(run);
            if (now.units() > known.units()) {
                listener.on(new RunEvent.UnitsAdded(
                        now.units() - known.units(), now.rowsEstimated() - known.rowsEstimated()));
                known = now;
            }
            RunResult.Outcome outcome = everyUnit();
            if (outcome != RunResult.Outcome.DONE) {
                return outcome;
            }
        }
        mendMissed();
        return RunResult.Outcome.DONE;
    }

    /**
     * What a trigger could not carry over into one table while another was filled, nobody else would try again. Rows are put
     * in after those that they reference, and taken out before them.
     */
    private void mendMissed() {
        List<Backfill> parts = new ArrayList<>(context.backfill().parts());
        if (parts.size() == 1 || parts.stream().noneMatch(part -> part.fill().byTrigger())) {
            return;
        }
        for (int pass = 0; pass < 2; pass++) {
            for (Backfill part : parts) {
                context.filling().begin(part, loop.watchOfRun());
                context.filling().table().mendMissed(loop.watchOfRun());
            }
            Collections.reverse(parts);
        }
    }

    private RunResult.Outcome everyUnit() {
        if (atOnce > 1) {
            new Workers(context).run(atOnce);
        }
        loop.run(false);
        String waiting = waiting();
        while (!waiting.isEmpty() && !context.failures().tooMany()) {
            probe.at(Point.HELD);
            listener.on(new RunEvent.Waiting(0, waiting));
            waits.sleep(Duration.ofSeconds(1));
            loop.run(false);
            waiting = waiting();
        }
        if (context.failures().tooMany()) {
            control.event(
                    run, null, "failure limit", context.failures().count() + " units failed, so many are the limit");
            return context.failures().outcome();
        }
        if (context.backfill().fills()) {
            return endFill();
        }
        RunTotals now = control.units().totals(run);
        if (now.running() > 0) {
            String still = "not done yet: " + left.words(now.running());
            control.event(run, null, "note", still);
            listener.on(new RunEvent.Note(still));
        }
        if (now.pending() + now.held() + now.running() > 0) {
            return now.failed() > 0 ? context.failures().outcome() : RunResult.Outcome.STOPPED;
        }
        if (!settle()) {
            return RunResult.Outcome.LOCKED_OUT;
        }
        return control.units().totals(run).failed() > 0 ? context.failures().outcome() : RunResult.Outcome.DONE;
    }

    /** What the run waits for, in words, when no unit can be claimed; empty when it is not to wait. */
    private String waiting() {
        String held = loop.waiting();
        return held.isEmpty() && !context.onlyFailed() && !context.backfill().fills() ? left.waiting() : held;
    }

    /** A unit that failed is tried again by the next run: until then capture goes on, as long as it may. */
    private RunResult.Outcome endFill() {
        if (control.units().totals(run).failed() > 0) {
            return context.failures().outcome();
        }
        if (control.units().anyLeft(run, context.filling().part().part())) {
            return RunResult.Outcome.STOPPED;
        }
        context.filling().table().end(loop.watchOfRun());
        return RunResult.Outcome.DONE;
    }

    /** Whatever fails here, the breaker has ended the run: none of it takes its place. */
    private void tripped(NeapException why) {
        String words = String.valueOf(why.getMessage());
        recorded(why, store -> {
            store.event(run, null, "breaker", words);
            store.event(run, null, "ended", "breaker");
            store.end(run, "stopped");
        });
        told.map(target -> new Webhook(target.uri(), target.header())
                        .tell(new Webhook.Message("breaker", context.backfill().name(), run, words)))
                .filter(lost -> !lost.isEmpty())
                .ifPresent(lost -> {
                    String note = "the breaker's webhook was not told: " + lost;
                    recorded(why, store -> store.event(run, null, "note", note));
                    listener.on(new RunEvent.Note(note));
                });
    }

    /** On a new session where the run's own is lost: with several workers it has been idle for long. */
    private void recorded(RuntimeException why, Consumer<ControlStore> what) {
        try {
            what.accept(control);
        } catch (RuntimeException lost) {
            try (ControlStore other = database.control("neap run control")) {
                what.accept(other);
            } catch (RuntimeException e) {
                why.addSuppressed(e);
            }
        }
    }

    /** So that the next run need not wait out the lease; when this fails, it waits. */
    private void letGo(RuntimeException why) {
        recorded(why, store -> store.detach(worker));
    }

    /**
     * Done partitions keep their capture until no partition is left whose rows could move into them in the old form.
     *
     * @return false when somebody was in the way for too long
     */
    private boolean settle() {
        if (control.units().totals(run).failed() > 0) {
            // What is left of it, `neap cleanup` finds; until then it does nothing past its deadline.
            database.stopReading(run);
            return true;
        }
        if (!mendAll()) {
            return false;
        }
        Optional<UnitRow> unit = control.units().claimUnsettled(run, worker, 0);
        while (unit.isPresent()) {
            loop.safePoint();
            if (!loop.units().settle(unit.get())) {
                return false;
            }
            probe.at(Point.AFTER_SETTLE);
            unit = control.units().claimUnsettled(run, worker, unit.get().position());
        }
        loop.watchOfRun().safePoint();
        return ReadingEnd.await(database, control, listener, waits, tuning.patience(), run);
    }

    /**
     * A row in the old form may move from a done partition that is still to be mended into one that already was. So none
     * stops its capture before one snapshot has shown that no such row is left in any. Rounds are bounded: an application
     * that was never fixed goes on writing the old form.
     */
    private boolean mendAll() {
        for (int round = 0; round < MOST_MENDING_ROUNDS; round++) {
            Optional<UnitRow> unit = control.units().claimUnsettled(run, worker, 0);
            while (unit.isPresent()) {
                loop.safePoint();
                probe.at(Point.BEFORE_SETTLE);
                if (!loop.units().mend(unit.get())) {
                    return false;
                }
                unit = control.units().claimUnsettled(run, worker, unit.get().position());
            }
            if (database.allRight(context.backfill(), after -> control.units().unsettled(run, after))) {
                return true;
            }
        }
        String still = "rows in the old form keep coming: the application still writes it";
        control.event(run, null, "note", still);
        listener.on(new RunEvent.Note(still));
        return true;
    }

    private void finish(RunResult.Outcome outcome) {
        String state = switch (outcome) {
            case DONE -> "done";
            case STOPPED -> "stopped";
            case FAILED, MISMATCH, LOCKED_OUT, TOO_BUSY -> "failed";
        };
        control.event(run, null, "ended", outcome.name().toLowerCase(java.util.Locale.ROOT));
        if (outcome == RunResult.Outcome.DONE) {
            database.dropWork(run);
        }
        control.end(run, state);
        control.detach(worker);
    }

    /** What this process did, over all its attachments. Safe for many threads. */
    static final class Tally {
        private final long began = System.nanoTime();
        private Duration waited = Duration.ZERO;
        private long replayed;
        private long retried;

        synchronized void waited(Duration more) {
            waited = waited.plus(more);
        }

        synchronized void replayed(long changes) {
            replayed += changes;
        }

        synchronized void retried() {
            retried++;
        }

        synchronized RunResult result(
                RunResult.Outcome outcome, long run, RunTotals totals, long setAside, List<String> causes) {
            return new RunResult(
                    outcome,
                    run,
                    totals.done(),
                    totals.failed(),
                    totals.pending() + totals.running() + totals.held(),
                    totals.rowsLoaded(),
                    replayed,
                    totals.rowsMended(),
                    setAside,
                    Duration.ofNanos(System.nanoTime() - began),
                    waited,
                    retried,
                    causes);
        }
    }
}
