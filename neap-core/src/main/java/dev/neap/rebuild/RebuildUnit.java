package dev.neap.rebuild;

import dev.neap.backfill.Backfill;
import dev.neap.backfill.Cutover;
import dev.neap.backfill.LiveWrites;
import dev.neap.dialect.NeapException;
import dev.neap.dialect.NeapException.Kind;
import dev.neap.dialect.PartitionRebuild;
import dev.neap.dialect.PartitionRebuild.Attempt;
import dev.neap.dialect.PartitionRebuild.Drained;
import dev.neap.dialect.PartitionRebuild.Finishing;
import dev.neap.dialect.PartitionRebuild.Loaded;
import dev.neap.dialect.PartitionRebuild.Standing;
import dev.neap.dialect.PartitionRebuild.Verified;
import dev.neap.plan.Step;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One partition through the steps of the protocol. It decides; the {@link PartitionRebuild} acts. Whatever step a former
 * attempt had reached, it goes on from there.
 */
public final class RebuildUnit {
    private static final Set<Kind> LOCKED = EnumSet.of(Kind.LOCK);
    /** A statement that lost against others is tried again like one that met a lock. */
    private static final Set<Kind> LOCKED_OR_LOST = EnumSet.of(Kind.LOCK, Kind.RETRY);

    /** How often a unit goes back to its load before it is set aside. */
    private static final int MOST_RESTARTS = 5;
    /** The most changes of one drain before the indexes are there: each drain scans the shadow once. */
    private static final int DRAIN_UNINDEXED = 200_000;

    private static final int DRAIN_INDEXED = 5_000;
    /** A rest this small is drained within the swap. */
    private static final int FEW_CHANGES = 500;
    /**
     * A unit that is not drained after so many rounds is written faster than it can be replayed. What had piled up before
     * the first of them, while an index was built or a unit was held, says nothing of that.
     */
    private static final int MOST_ROUNDS = 200;
    /** How often a unit that waits for its hours is caught up. */
    private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(1);

    private final Backfill backfill;
    private final PartitionRebuild bench;
    private final UnitWatch watch;
    private int restarts;
    private long replayed;
    private long rows;
    private Duration verifyTook = Duration.ZERO;
    private boolean held;

    public RebuildUnit(Backfill backfill, PartitionRebuild bench, UnitWatch watch, int restarts) {
        this.backfill = backfill;
        this.bench = bench;
        this.watch = watch;
        this.restarts = restarts;
    }

    /**
     * What was done, once the swap has committed or the merge has ended.
     *
     * @param held whether it was not, and the unit waits for its swap
     */
    public record Result(long rows, long changesReplayed, Duration lockHeld, Duration verifyTook, boolean held) {}

    /**
     * Runs the unit to its swap.
     *
     * @throws NeapException LOCK when its patience ended, BUSY when it is written too fast, UNIT or MISMATCH when it is
     *     to be set aside, UNKNOWN or RETRY when it should be looked at again
     */
    public Result run() {
        while (true) {
            Standing standing = bench.look();
            if (standing.done()) {
                return result(standing.rowsLoaded());
            }
            rows = standing.rowsLoaded();
            if (!standing.voided().isEmpty()) {
                startOver(standing.voided());
                continue;
            }
            String voided = tried(() -> from(standing.step()));
            if (voided.isEmpty()) {
                return result(rows);
            }
            startOver(voided);
        }
    }

    /** What fails because somebody has changed the table meanwhile is no fault of the unit: then the shadow is void. */
    private String tried(Supplier<String> work) {
        try {
            return work.get();
        } catch (NeapException e) {
            if (e.kind() != Kind.UNIT && e.kind() != Kind.MISMATCH) {
                throw e;
            }
            Standing now = bench.look();
            if (now.done() || now.voided().isEmpty()) {
                throw e;
            }
            return now.voided();
        }
    }

    private Result result(long loaded) {
        return new Result(loaded, replayed, bench.lockHeld(), verifyTook, held);
    }

    /**
     * Replays what came in while the unit is held.
     *
     * @return how many changes; empty when what was prepared is void, and the unit must be run again
     */
    public OptionalLong catchUp() {
        Standing standing = bench.look();
        if (standing.done() || !standing.voided().isEmpty() || standing.step().compareTo(Step.DRAIN) < 0) {
            return OptionalLong.empty();
        }
        String voided = tried(() -> drain(DRAIN_INDEXED, FEW_CHANGES));
        return voided.isEmpty() ? OptionalLong.of(replayed) : OptionalLong.empty();
    }

    private void startOver(String why) {
        restarts++;
        if (restarts > MOST_RESTARTS) {
            throw new NeapException(
                    Kind.BUSY,
                    "the unit went back to its beginning " + MOST_RESTARTS + " times, the last time because " + why
                            + "; the same command tries it again, best when nobody changes or truncates the partition");
        }
        watch.note("back to the beginning: " + why);
        watch.patiently("to drop the shadow", bench::startOver);
        rows = 0;
    }

    /** Goes on from a step; returns why the unit must start over, or nothing once the swap has committed. */
    private String from(Step step) {
        if (step.compareTo(Step.CAPTURE) < 0) {
            watch.enter(Step.SHADOW);
            watch.at(Point.BEFORE_SHADOW);
            patiently("to make the shadow", LOCKED, () -> {
                bench.makeShadow();
                return true;
            });
            watch.at(Point.AFTER_SHADOW);
        }
        if (step.compareTo(Step.LOAD) < 0) {
            watch.enter(Step.CAPTURE);
            watch.at(Point.BEFORE_CAPTURE);
            watch.patiently("for writers, to start capture", bench::startCapture);
            watch.at(Point.AFTER_CAPTURE);
        }
        if (step.compareTo(Step.INDEX) < 0) {
            String voided = load();
            if (!voided.isEmpty()) {
                return voided;
            }
        }
        if (step.compareTo(Step.DRAIN) < 0) {
            finish();
        }
        return drainVerifyCutOver();
    }

    private String load() {
        watch.enter(Step.LOAD);
        boolean last = false;
        while (!last) {
            watch.safePoint();
            long began = System.nanoTime();
            Loaded loaded = patiently(
                    "to load",
                    LOCKED,
                    () -> watch.batch(() -> bench.load(
                            watch.batchRows(backfill.batchRows()), () -> watch.at(Point.BEFORE_LOAD_COMMIT))));
            rows += loaded.rows();
            watch.loaded(rows);
            watch.at(Point.AFTER_LOAD_BATCH);
            last = loaded.last();
            if (!last) {
                watch.pace(loaded.rows(), began);
            }
        }
        watch.at(Point.AFTER_LOAD);
        // A load in many batches mixes times; only a drain of everything leaves no key in the shadow twice.
        return drain(DRAIN_UNINDEXED, Integer.MAX_VALUE);
    }

    private void finish() {
        watch.enter(Step.INDEX);
        watch.at(Point.BEFORE_INDEX);
        for (Finishing finishing : bench.finishing()) {
            watch.safePoint();
            watch.patiently("to build " + finishing.name(), finishing::run);
            watch.at(Point.BETWEEN_INDEXES);
        }
        watch.at(Point.AFTER_VACUUM);
        bench.entered(Step.DRAIN);
        watch.at(Point.AFTER_INDEX);
    }

    /** Drains until everything was drained at one moment, and it was few; returns why the shadow is void, or nothing. */
    private String drain(int batch, int few) {
        long most = MOST_ROUNDS;
        for (long round = 0; round < most; round++) {
            watch.safePoint();
            Drained drained = drainOnce(batch);
            if (round == 0 && drained.changes() > 0) {
                most += 2 * (drained.behind() / drained.changes());
            }
            replayed += drained.changes();
            if (!drained.voided().isEmpty()) {
                return drained.voided();
            }
            if (drained.changes() > 0 && backfill.rebuild().writes() == LiveWrites.NONE) {
                throw new NeapException(
                        Kind.UNIT,
                        "the application wrote " + drained.changes()
                                + " rows of this partition, but the file says `writes: none`; say `writes: capture`");
            }
            watch.at(Point.AFTER_DRAIN);
            if (!drained.more() && drained.changes() <= few) {
                return "";
            }
        }
        throw new NeapException(
                Kind.BUSY,
                "this partition is written faster than its changes can be replayed: more came in during each of " + most
                        + " rounds; the same command tries it again, best at a quieter hour");
    }

    /** Writers of the partition may be in the way of a drain for a moment; they are as welcome as it is. */
    private Drained drainOnce(int batch) {
        return patiently(
                "to replay changes",
                LOCKED_OR_LOST,
                () -> bench.drain(batch, () -> watch.at(Point.BEFORE_DRAIN_COMMIT)));
    }

    /** Whoever is in the way of it for a moment does not cost the unit what was made of it. */
    private <T> T patiently(String what, Set<Kind> again, Supplier<T> work) {
        AtomicReference<@Nullable T> made = new AtomicReference<>();
        watch.patiently(what, () -> {
            try {
                made.set(work.get());
                return Attempt.GOT;
            } catch (NeapException e) {
                if (again.contains(e.kind())) {
                    return Attempt.missed(e);
                }
                throw e;
            }
        });
        return Objects.requireNonNull(made.get());
    }

    private void enter(Step step) {
        bench.entered(step);
        watch.enter(step);
    }

    private String drainVerifyCutOver() {
        watch.enter(Step.DRAIN);
        String voided = drain(DRAIN_INDEXED, FEW_CHANGES);
        if (!voided.isEmpty()) {
            return voided;
        }
        verify();
        if (backfill.rebuild().merges()) {
            enter(Step.MERGE);
            return new Merging(backfill, bench, watch, () -> drain(DRAIN_INDEXED, FEW_CHANGES), this::awaitHours).run();
        }
        enter(Step.SWAP);
        patiently("to tidy up before the swap", LOCKED, () -> {
            bench.tidyBeforeSwap();
            return true;
        });
        boolean swapped = false;
        while (!swapped) {
            voided = awaitHours();
            if (!voided.isEmpty() || held) {
                return voided;
            }
            watch.at(Point.BEFORE_SWAP);
            AtomicBoolean late = new AtomicBoolean();
            watch.patiently("to swap", () -> swap(late));
            swapped = !late.get();
        }
        watch.at(Point.AFTER_SWAP);
        return "";
    }

    /** Until the unit may be swapped or merged it is kept caught up; returns why its shadow is void, or nothing. */
    private String awaitHours() {
        String notYet = watch.notYet();
        if (!notYet.isEmpty() && backfill.rebuild().cutover() == Cutover.HOLD) {
            held = true;
            watch.at(Point.HELD);
            return "";
        }
        boolean waited = false;
        while (!notYet.isEmpty()) {
            waited = true;
            String voided = drain(DRAIN_INDEXED, FEW_CHANGES);
            if (!voided.isEmpty()) {
                return voided;
            }
            watch.waiting(notYet);
            watch.at(Point.HELD);
            watch.pause(BETWEEN_LOOKS);
            notYet = watch.notYet();
        }
        if (waited) {
            watch.safePoint();
        }
        return "";
    }

    private Attempt swap(AtomicBoolean late) {
        if (!watch.notYet().isEmpty()) {
            late.set(true);
            return Attempt.GOT;
        }
        // What came in while it waited is drained first: the swap's own drain stalls writers.
        String voided = drain(DRAIN_INDEXED, FEW_CHANGES);
        if (!voided.isEmpty()) {
            throw new NeapException(Kind.RETRY, voided);
        }
        return watch.alone(() -> {
            // It may have waited for its turn for long.
            if (!watch.notYet().isEmpty()) {
                late.set(true);
                return Attempt.GOT;
            }
            String mayNot = watch.mayNotWrite();
            if (!mayNot.isEmpty()) {
                return Attempt.early(mayNot);
            }
            String inTheWay = bench.inTheWayOfSwap();
            return inTheWay.isEmpty() ? bench.swap(watch) : Attempt.missed(inTheWay);
        });
    }

    private void verify() {
        enter(Step.VERIFY);
        watch.at(Point.BEFORE_VERIFY);
        long began = System.nanoTime();
        // An assertion may read the whole table, and would find a partition empty that is swapped meanwhile.
        Verified verified = patiently(
                "to verify",
                LOCKED,
                () -> backfill.assertions().isEmpty()
                        ? bench.verify(backfill.assertions())
                        : watch.alone(() -> bench.verify(backfill.assertions())));
        verifyTook = verifyTook.plusNanos(System.nanoTime() - began);
        watch.wrong(verified.rowsWrong());
        if (!verified.differences().isEmpty()) {
            throw new NeapException(
                    Kind.MISMATCH, "the shadow is not as it should be: " + String.join("; ", verified.differences()));
        }
        watch.at(Point.AFTER_VERIFY);
    }
}
