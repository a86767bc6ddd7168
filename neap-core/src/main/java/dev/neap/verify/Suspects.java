package dev.neap.verify;

import dev.neap.dialect.Difference;
import dev.neap.dialect.TableVerifier.Looked;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;

/**
 * Rows that differed at first sight. An application that writes in two places is between its two writes now and then, so a
 * row counts only when it still differs under a lock, after longer than a second write may take, and nobody has written
 * either side of it in between. A row that is written meanwhile begins anew, a bounded number of times. Never more than
 * {@link #MOST} rows are held.
 */
final class Suspects {
    /** When so many rows wait, nothing else is looked at before some of them are judged. */
    static final int MOST = 20_000;

    /** Rows that are locked together, for the time of two statements. */
    private static final int TOGETHER = 50;

    /** A row that was written before each of so many looks is given up as unsettled. */
    private static final int MOST_LOOKS = 12;

    private final SecondLook second;
    private final Duration grace;
    private final LongSupplier nanos;
    private final Tally tally;
    private final Map<List<String>, Suspect> waiting = new LinkedHashMap<>();
    private final Set<List<String>> counted = new LinkedHashSet<>();

    /**
     * @param second looks at them again
     * @param grace how long an application may take from its first write to its second
     * @param nanos a clock like {@code System.nanoTime}
     */
    Suspects(SecondLook second, Duration grace, LongSupplier nanos, Tally tally) {
        this.second = second;
        this.grace = grace;
        this.nanos = nanos;
        this.tally = tally;
    }

    /**
     * What is known of the rows with one key.
     *
     * @param since when they were first seen like this
     * @param picks how often a sample has picked the row
     */
    private record Suspect(List<Difference> differences, long since, int looks, int picks) {}

    void add(List<Difference> found) {
        Map<List<String>, List<Difference>> byKey = new LinkedHashMap<>();
        found.forEach(one ->
                byKey.computeIfAbsent(one.key(), unused -> new ArrayList<>()).add(one));
        byKey.forEach((key, differences) -> {
            Suspect before = waiting.get(key);
            waiting.put(
                    key,
                    before == null
                            ? new Suspect(differences, nanos.getAsLong(), 1, 1)
                            : new Suspect(before.differences(), before.since(), before.looks(), before.picks() + 1));
        });
    }

    boolean none() {
        return waiting.isEmpty();
    }

    /** The keys of all rows that wait, or count; empty where they are more than a checkpoint holds. */
    Optional<List<List<String>>> again() {
        if (counted.size() + waiting.size() > Checkpoint.MOST_AGAIN) {
            return Optional.empty();
        }
        List<List<String>> keys = new ArrayList<>(counted);
        keys.addAll(waiting.keySet());
        return Optional.of(keys);
    }

    boolean full() {
        return waiting.size() >= MOST;
    }

    /** How long until the first of them can be judged; zero or less where some can. There must be one. */
    Duration untilRipe() {
        return grace.minusNanos(
                nanos.getAsLong() - waiting.values().iterator().next().since());
    }

    /** Judges those that have waited long enough: they count, are right after all, or wait again. */
    void judge() {
        while (!waiting.isEmpty() && ripe(waiting.values().iterator().next())) {
            Map<List<String>, List<Difference>> some = new LinkedHashMap<>();
            waiting.entrySet().stream()
                    .limit(TOGETHER)
                    .takeWhile(entry -> ripe(entry.getValue()))
                    .forEach(entry -> some.put(entry.getKey(), entry.getValue().differences()));
            SecondLook.Seen again = second.at(some);
            for (List<String> key : some.keySet()) {
                judge(key, again.looked(), again.left());
            }
        }
    }

    private boolean ripe(Suspect suspect) {
        return nanos.getAsLong() - suspect.since() >= grace.toNanos();
    }

    private void judge(List<String> key, Looked again, Map<List<String>, List<Difference>> left) {
        // Out and in again: what waits anew stands behind those that have waited longer.
        Suspect before = waiting.remove(key);
        List<Difference> now = again.differing().getOrDefault(key, List.of());
        if (before == null) {
            throw new IllegalStateException("only what waits is judged");
        }
        if (again.busy().contains(key)) {
            waitAgain(key, before, before.differences());
        } else if (now.isEmpty()) {
            tally.settled();
        } else if (now.equals(before.differences())) {
            counts(key);
            tally.differs(now, left.getOrDefault(key, now), before.picks());
        } else {
            waitAgain(key, before, now);
        }
    }

    private void counts(List<String> key) {
        if (counted.size() <= Checkpoint.MOST_AGAIN) {
            counted.add(key);
        }
    }

    private void waitAgain(List<String> key, Suspect before, List<Difference> now) {
        if (before.looks() == MOST_LOOKS) {
            List<Difference> unsettled =
                    now.stream().map(one -> one.as(Difference.Kind.UNSETTLED)).toList();
            counts(key);
            tally.differs(unsettled, unsettled, before.picks());
        } else {
            waiting.put(key, new Suspect(now, nanos.getAsLong(), before.looks() + 1, before.picks()));
        }
    }
}
