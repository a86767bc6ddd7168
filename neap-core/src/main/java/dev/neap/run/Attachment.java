package dev.neap.run;

import dev.neap.backfill.Backfill;
import dev.neap.backfill.Durations;
import dev.neap.control.ControlStore;
import dev.neap.control.RetryCause;
import dev.neap.control.RunRow;
import dev.neap.control.RunTotals;
import dev.neap.control.Wish;
import dev.neap.dialect.Database;
import dev.neap.dialect.NeapException;
import dev.neap.dialect.NeapException.Kind;
import dev.neap.dialect.Tuning;
import dev.neap.throttle.Backoff;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * One process at one run: it creates the run or takes it up, attaches as its worker, and attaches again when the
 * connection or the lease is lost. Whatever it knew is forgotten then; the database is looked at anew.
 */
final class Attachment {
    private static final Duration LONGEST_RECONNECT = Duration.ofSeconds(10);

    private final Database database;
    private final Backfill backfill;
    private final BiFunction<ControlStore, String, RunRow> run;
    private final boolean onlyFailed;
    private final int workers;
    private final Tuning tuning;
    private final Probe probe;
    private final RunListener listener;
    private final Stop stop;
    private final String owner = ownerName();
    private final Runner.Tally tally = new Runner.Tally();
    private boolean attachedBefore;
    /** The run that this process is at; null as long as it has found none. */
    private @Nullable RunRow known;
    /** Whether somebody had wanted the run to stop before this process came to it; what is said from then on is for it, too. */
    private boolean stopBefore;

    /** Why it attaches again. */
    private RetryCause lost = RetryCause.CONNECTION;

    /**
     * A process that is not attached yet.
     *
     * @param run finds the run on a server of this identity, or records a new one; asked once, and again only where that
     *     run is not on the server any more
     * @param workers how many units may be at work at once
     */
    Attachment(
            Database database,
            Backfill backfill,
            BiFunction<ControlStore, String, RunRow> run,
            boolean onlyFailed,
            int workers,
            Tuning tuning,
            Probe probe,
            RunListener listener,
            Stop stop) {
        this.database = database;
        this.backfill = backfill;
        this.run = run;
        this.onlyFailed = onlyFailed;
        this.workers = workers;
        this.tuning = tuning;
        this.probe = probe;
        this.listener = listener;
        this.stop = stop;
    }

    private static String ownerName() {
        String host;
        try {
            host = InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            host = "unknown host";
        }
        return host + " pid " + ProcessHandle.current().pid() + " #"
                + Integer.toHexString(RandomGenerator.getDefault().nextInt());
    }

    RunResult run() {
        database.install();
        Backoff backoff = new Backoff(Duration.ofMillis(200), LONGEST_RECONNECT, RandomGenerator.getDefault());
        long lastGood = System.nanoTime();
        while (true) {
            try {
                return attached();
            } catch (RuntimeException e) {
                NeapException ours = database.explain(e);
                if (!again(ours)) {
                    throw ours;
                }
                stopIfAsked();
                if (attachedSince(lastGood)) {
                    lastGood = System.nanoTime();
                } else if (System.nanoTime() - lastGood > tuning.patience().toNanos()) {
                    throw inVain(ours);
                }
                lost = ours.retryCause();
                listener.on(new RunEvent.Note("attaches again: " + ours.getMessage()));
                sleep(backoff.next());
            }
        }
    }

    /** A login that is refused is wrong at the beginning; in the middle somebody has taken it away, and may give it back. */
    private boolean again(NeapException e) {
        return switch (e.kind()) {
            case UNKNOWN, LOST_LEASE, RETRY -> true;
            case USAGE -> attachedBefore && e.retryCause() == RetryCause.CONNECTION;
            default -> false;
        };
    }

    private NeapException inVain(NeapException e) {
        return attachedBefore && e.retryCause() == RetryCause.CONNECTION
                ? new NeapException(
                        Kind.STOPPED,
                        "no session could be had for " + tuning.patience().toSeconds()
                                + " s; what is done is kept, and the same command goes on: " + e.getMessage(),
                        e)
                : e;
    }

    private long attachedAt;

    private boolean attachedSince(long moment) {
        return attachedBefore && attachedAt - moment > 0;
    }

    private RunResult attached() {
        // Looked at before anything is written: after a failover this may be another server, or one that is no primary
        // yet.
        String identity = database.identity();
        try (ControlStore control = database.control("neap run control")) {
            RunRow row = found(control, identity);
            Optional<Long> attached = attach(control, row);
            if (attached.isEmpty()) {
                return ended(control, control.run(row.id()));
            }
            long worker = attached.get();
            stopBefore = false;
            attachedAt = System.nanoTime();
            prepare(control, row, identity);
            int atOnce = atOnce();
            RunTotals totals = control.units().totals(row.id());
            listener.on(new RunEvent.Started(
                    row.id(),
                    totals.units(),
                    totals.done(),
                    totals.rowsEstimated(),
                    totals.rowsDone(),
                    totals.done() + totals.running() > 0));
            if (attachedBefore) {
                tally.retried();
                control.mishaps().retried(row.id(), lost);
            }
            attachedBefore = true;
            RunResult.Outcome outcome =
                    runner(control, row.id(), worker, atOnce).run(tally);
            return result(control, row, outcome);
        }
    }

    private RunResult result(ControlStore control, RunRow row, RunResult.Outcome outcome) {
        return tally.result(
                outcome,
                row.id(),
                control.units().totals(row.id()),
                control.mishaps().errors(row.id()).rowsAside(),
                control.units().causes(row.id()));
    }

    /**
     * The run that it is at: whatever became of that meanwhile, no other one begins in its place, which nobody has asked for.
     * After a failover to a server that has not got it, its number may be another run's.
     */
    private RunRow found(ControlStore control, String identity) {
        RunRow before = known;
        RunRow row = Optional.ofNullable(before)
                .flatMap(ours ->
                        control.find(ours.id()).filter(there -> there.declared().equals(ours.declared())))
                .orElseGet(() -> run.apply(control, identity));
        stopBefore = before == null ? row.wish() == Wish.STOP : stopBefore;
        known = row;
        return row;
    }

    /** Another process has ended the run, or this one had before its connection broke. */
    private RunResult ended(ControlStore control, RunRow row) {
        if (row.state().equals("done")) {
            return result(control, row, RunResult.Outcome.DONE);
        }
        throw new NeapException(Kind.STOP, "run " + row.id() + " was given up meanwhile; nothing of it goes on");
    }

    /** What refuses it here, such as a signal that the server cannot give, must not leave a lease behind to be waited out. */
    private Runner runner(ControlStore control, long id, long worker, int atOnce) {
        try {
            return new Runner(
                    database,
                    control,
                    backfill,
                    control.run(id),
                    worker,
                    onlyFailed,
                    atOnce,
                    tuning,
                    probe,
                    listener,
                    stop,
                    tally);
        } catch (RuntimeException e) {
            try {
                control.detach(worker);
            } catch (RuntimeException lost) {
                e.addSuppressed(lost);
            }
            throw e;
        }
    }

    private int atOnce() {
        String why = workers == 1 || backfill.fills() ? "" : database.oneAtATime(backfill);
        if (why.isEmpty()) {
            return workers;
        }
        if (!attachedBefore) {
            listener.on(new RunEvent.Note("one unit at a time, not " + workers + ": " + why));
        }
        return 1;
    }

    /**
     * Waits out a dead worker's lease; a live one's is renewed meanwhile, and then the run is somebody else's. Empty when the
     * run has ended.
     */
    private Optional<Long> attach(ControlStore control, RunRow row) {
        long until =
                System.nanoTime() + tuning.lease().multipliedBy(3).dividedBy(2).toNanos();
        String said = "";
        while (true) {
            Optional<Long> worker = control.attach(row.id(), owner, tuning.lease(), stopBefore);
            if (worker.isPresent() || control.run(row.id()).ended()) {
                return worker;
            }
            String holder = control.holder(row.id()).orElse("another process");
            if (System.nanoTime() > until) {
                throw new NeapException(
                        Kind.HELD, "run " + row.id() + " is held by " + holder + "; `neap status` shows it");
            }
            if (!holder.equals(said)) {
                said = holder;
                listener.on(new RunEvent.Waiting(0, "waits for " + holder));
            }
            sleep(Duration.ofMillis(Math.min(500, tuning.lease().toMillis() / 4)));
        }
    }

    private void prepare(ControlStore control, RunRow row, String identity) {
        if (!identity.equals(row.serverIdentity())) {
            control.identity(row.id(), identity);
            control.event(row.id(), null, "server changed", "was " + row.serverIdentity() + ", is " + identity);
            listener.on(
                    new RunEvent.Note("the server is not the one that the run began on; everything is looked at anew"));
        }
        if (!attachedBefore && row.undoes() == 0 && !row.pace().equals(backfill.pace())) {
            listener.on(new RunEvent.Note("run " + row.id() + " keeps the pace it was given ("
                    + row.pace().words() + "), not the file's; `neap pace` changes it"));
        }
        Duration keepOld = backfill.keepOld();
        if (!attachedBefore && control.keepOld(row.id(), keepOld)) {
            listener.on(new RunEvent.Note("partitions that run " + row.id() + " replaces from now on are kept for "
                    + Durations.write(keepOld) + ", as the file says now; those replaced before keep their time"));
        }
        database.prepareRun(row.id(), backfill);
        if (!database.renewCapture(row.id())) {
            control.captureLapsed(row.id());
            database.restartCapture(row.id());
            control.event(
                    row.id(),
                    null,
                    "capture lapsed",
                    "shadows under work start over, done partitions are looked through");
        }
        if (!attachedBefore) {
            control.units().retryFailed(row.id());
        }
    }

    private void stopIfAsked() {
        if (stop.requested()) {
            throw new NeapException(Kind.STOPPED, "stopped, checkpointed: " + stop.reason());
        }
    }

    private void sleep(Duration howLong) {
        try {
            long end = System.nanoTime() + howLong.toNanos();
            while (System.nanoTime() < end) {
                stopIfAsked();
                Thread.sleep(Math.min(50, Math.max(1, howLong.toMillis())));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new NeapException(Kind.STOP, "interrupted", e);
        }
    }
}
