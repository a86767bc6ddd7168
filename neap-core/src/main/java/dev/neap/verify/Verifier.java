package dev.neap.verify;

import dev.neap.backfill.Backfill;
import dev.neap.control.Verifications.Reached;
import dev.neap.dialect.Difference;
import dev.neap.dialect.NeapException;
import dev.neap.dialect.NeapException.Kind;
import dev.neap.dialect.TableVerifier;
import dev.neap.dialect.TableVerifier.Compared;
import dev.neap.dialect.TableVerifier.Looked;
import dev.neap.dialect.TableVerifier.Part;
import dev.neap.throttle.BatchSizer;
import dev.neap.throttle.Pacer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/**
 * Verifies one filled table, every row of it, part after part of the key. A part whose checksums, or aggregates, differ is
 * halved down to a few rows, which are then compared one by one. It decides; the {@link TableVerifier} looks. At most a
 * part's bounds and the {@link Suspects} are held in memory.
 */
final class Verifier {
    /** So few rows are compared one by one, and not halved any more. */
    private static final int FEW = 200;

    /** The server holds up to 256 bytes of each row of a part. */
    private static final int MOST_TOGETHER = 50_000;

    /** A sample is worth it where the table has so many times its rows. */
    private static final int MUCH = 2;

    /** Places of a table that are looked at together, for a sample. */
    private static final int PLACES = 1_000;

    private static final int MOST_PLACES_FOR_ONE = 400;

    private final TableVerifier bench;
    private final Backfill backfill;
    private final VerifyWatch watch;
    private final LongSupplier nanos;
    private final Checkpoint checkpoint;
    private final Tally tally = new Tally();
    private final Suspects suspects;
    private final Pacer pacer = new Pacer();
    private final BatchSizer sizer;

    /**
     * @param second looks again at what differs
     * @param backfill whose profile and pauses it keeps
     * @param grace how long an application may take from its first write to its second
     * @param watch says how fast it may go
     * @param nanos a clock like {@code System.nanoTime}
     * @param checkpoint of a full verification: where it goes on, and what it saves part by part
     */
    Verifier(
            TableVerifier bench,
            SecondLook second,
            Backfill backfill,
            Duration grace,
            VerifyWatch watch,
            LongSupplier nanos,
            Checkpoint checkpoint) {
        this.bench = bench;
        this.backfill = backfill;
        this.watch = watch;
        this.nanos = nanos;
        this.checkpoint = checkpoint;
        this.suspects = new Suspects(second, grace, nanos, tally);
        this.sizer = new BatchSizer(
                backfill.profile().batchTime(), Math.min(backfill.batchRows(), MOST_TOGETHER), BatchSizer.FIRST);
    }

    /** Looks at the whole table, or at what an earlier process has left of it, and again at what differs. */
    Tally verify() {
        return verify(bench::compare);
    }

    /** The same, where a part whose aggregates agree counts as right. */
    Tally aggregates() {
        return verify(bench::aggregates);
    }

    /** @param by compares a part */
    private Tally verify(Function<Part, Compared> by) {
        Optional<Reached> before = checkpoint.before();
        before.ifPresent(this::goOn);
        inParts(before.map(Reached::upTo).map(Part.ALL::behind).orElse(Part.ALL), (part, rows) -> look(part, rows, by));
        return tally;
    }

    /** What differed, or was not judged, is seen anew: of an earlier process's rows only those count that were right. */
    private void goOn(Reached reached) {
        tally.goOn(reached);
        long began = nanos.getAsLong();
        long differ = lookAt(reached.again());
        tally.settled(reached.again().size() - differ);
        pause(reached.again().size(), began, false);
    }

    /** One part of the key, of about so many rows; yields how many were read, for the pace. */
    @FunctionalInterface
    private interface PartWork {
        long look(Part part, int rows);
    }

    private void inParts(Part all, PartWork work) {
        Optional<List<String>> end = bench.last();
        Part rest = end.map(all::before).orElse(all);
        boolean last = end.isEmpty();
        while (!last) {
            watch.safePoint();
            int rows = Pacer.batchRows(sizer.size(), watch.speed());
            Optional<List<String>> upper = bench.upper(rest, rows);
            last = upper.isEmpty();
            Part part = upper.map(rest::before).orElse(rest);
            long began = nanos.getAsLong();
            long seen = work.look(part, rows);
            sizer.took(rows, Duration.ofNanos(nanos.getAsLong() - began));
            rest = upper.map(rest::behind).orElse(rest);
            save(last ? end : upper);
            pause(seen, began, last);
            suspects.judge();
            while (suspects.full()) {
                waitAndJudge();
            }
        }
        judgeAll();
        save(end);
    }

    /** A row that differs, or may, goes with the checkpoint that has passed it, or that stays where it is. */
    private void save(Optional<List<String>> upTo) {
        upTo.ifPresent(key -> suspects.again().ifPresent(again -> checkpoint.save(tally.reached(key, again))));
    }

    private void judgeAll() {
        while (!suspects.none()) {
            waitAndJudge();
        }
    }

    /**
     * Looks at rows picked at random, and again at what differs. Empty where the table has not many more rows than are to be
     * picked, or few of its places hold a row that is compared: then all of it is looked at for less.
     *
     * @param wanted how many rows, at least 1
     */
    Optional<Tally> sample(int wanted, RandomGenerator random) {
        if (bench.rows() < (long) MUCH * wanted) {
            return Optional.empty();
        }
        long picked = 0;
        long places = 0;
        while (picked < wanted) {
            watch.safePoint();
            long began = nanos.getAsLong();
            List<List<String>> keys = some(bench.pick(PLACES, random), wanted - picked, random);
            places += PLACES;
            picked += keys.size();
            if (picked < places / MOST_PLACES_FOR_ONE) {
                return Optional.empty();
            }
            lookAt(keys);
            pause(keys.size(), began, picked == wanted);
            suspects.judge();
        }
        tally.picked(picked);
        judgeAll();
        return Optional.of(tally);
    }

    /**
     * Looks at the rows that were written since a moment, and again at what differs of them.
     *
     * @param seen is told of each look
     */
    Tally written(String since, BiConsumer<List<List<String>>, Looked> seen) {
        inParts(Part.ALL, (part, rows) -> {
            List<List<String>> keys = bench.written(part, since);
            tally.picked(keys.size());
            lookAt(keys, seen);
            return rows;
        });
        return tally;
    }

    /** At most so many, any as likely as any other: they come in the order of their places. */
    private static List<List<String>> some(List<List<String>> keys, long most, RandomGenerator random) {
        List<List<String>> shuffled = new ArrayList<>(keys);
        for (int i = shuffled.size(); i > 1; i--) {
            Collections.swap(shuffled, i - 1, random.nextInt(i));
        }
        return shuffled.subList(0, (int) Math.min(most, shuffled.size()));
    }

    private long lookAt(List<List<String>> keys) {
        return lookAt(keys, (some, looked) -> {});
    }

    /** Returns how many of these keys differ. */
    private long lookAt(List<List<String>> keys, BiConsumer<List<List<String>>, Looked> seen) {
        long differ = 0;
        for (int i = 0; i < keys.size(); i += FEW) {
            List<List<String>> some = keys.subList(i, Math.min(keys.size(), i + FEW));
            Looked looked = bench.look(some, false);
            looked.differing().values().forEach(suspects::add);
            differ += looked.differing().size();
            seen.accept(some, looked);
            while (suspects.full()) {
                waitAndJudge();
            }
        }
        return differ;
    }

    private void waitAndJudge() {
        Duration wait = suspects.untilRipe();
        if (!wait.isNegative() && !wait.isZero()) {
            watch.sleep(wait);
        }
        suspects.judge();
    }

    private void pause(long seen, long began, boolean last) {
        watch.read(seen);
        Duration wait = pacer.after(seen, watch.speed(), began, nanos.getAsLong());
        if (!last) {
            wait = wait.plus(backfill.pace().batchPause());
        }
        if (!wait.isZero()) {
            watch.sleep(wait);
        }
    }

    /** Compares a part of about so many rows; returns how many were expected in it. */
    private long look(Part part, int rows, Function<Part, Compared> by) {
        Compared compared = compare(part, by);
        boolean computed = compared.bad().isEmpty();
        if (computed && compared.same()) {
            tally.compared(compared);
            return compared.expected();
        }
        boolean few = computed && Math.max(compared.expected(), compared.actual()) <= FEW;
        Optional<List<String>> middle = few ? Optional.empty() : middle(part, rows);
        if (middle.isPresent()) {
            return look(part.before(middle.get()), rows / 2, by) + look(part.behind(middle.get()), rows - rows / 2, by);
        }
        if (computed) {
            tally.compared(compared);
            suspects.add(bench.differences(part));
            return compared.expected();
        }
        suspects.add(List.of(failed(part, compared.bad())));
        return 1;
    }

    /** A statement that takes too long holds a snapshot for too long: its part is halved like one that cannot be computed. */
    private Compared compare(Part part, Function<Part, Compared> by) {
        watch.safePoint();
        try {
            return by.apply(part);
        } catch (NeapException e) {
            if (e.kind() != Kind.RETRY || middle(part, FEW).isEmpty()) {
                throw e;
            }
            sizer.failed();
            return new Compared(0, 0, 0, false, String.valueOf(e.getMessage()));
        }
    }

    /** A key that divides a part, near its middle; empty where it has only one. */
    private Optional<List<String>> middle(Part part, int rows) {
        for (int half = Math.max(1, rows / 2); half > 0; half /= 2) {
            Optional<List<String>> middle = bench.upper(part, half);
            if (middle.isPresent() && !middle.get().equals(part.upTo())) {
                return middle;
            }
        }
        return Optional.empty();
    }

    private static Difference failed(Part part, String cause) {
        List<String> key = Objects.requireNonNull(part.upTo(), "a part of one key ends with it");
        return new Difference(Difference.Kind.FAILED, key, List.of(), cause, cause);
    }
}
