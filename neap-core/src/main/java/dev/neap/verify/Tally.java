package dev.neap.verify;

import dev.neap.control.Verifications.Reached;
import dev.neap.dialect.Difference;
import dev.neap.dialect.TableVerifier.Compared;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/** Counts what a verification sees of one table, and keeps the first differences by name. */
final class Tally {
    private final Map<Difference.Kind, Long> differences = new EnumMap<>(Difference.Kind.class);
    private final Map<Difference.Kind, Long> mended = new EnumMap<>(Difference.Kind.class);
    private final List<Mismatch> named = new ArrayList<>();
    private long expected;
    private long actual;
    private long skipped;
    private long settled;
    private long parts;
    private long picksThatDiffer;

    Tally() {
        for (Difference.Kind kind : Difference.Kind.values()) {
            differences.put(kind, 0L);
            mended.put(kind, 0L);
        }
    }

    /** A part that was compared, and is not divided further. */
    void compared(Compared part) {
        parts++;
        expected += part.expected();
        actual += part.actual();
        skipped += part.skipped();
    }

    void settled() {
        settled(1);
    }

    void settled(long rows) {
        settled += rows;
    }

    /** What an earlier process has counted. */
    void goOn(Reached reached) {
        expected += reached.expected();
        actual += reached.actual();
        skipped += reached.skipped();
        settled += reached.settled();
        parts += reached.parts();
    }

    /**
     * What is to be kept of it.
     *
     * @param upTo every part up to this key was counted
     * @param again the keys of rows among them that differ, or may
     */
    Reached reached(List<String> upTo, List<List<String>> again) {
        return new Reached(upTo, expected, actual, skipped, settled, parts, again);
    }

    /** Rows that were picked and compared, of a sample. */
    void picked(long rows) {
        expected += rows;
    }

    /**
     * What differs of one row of the walked table.
     *
     * @param left what still differs of it, where it was mended; else the same
     * @param picks how often a sample has picked it
     */
    void differs(List<Difference> ofOne, List<Difference> left, int picks) {
        picksThatDiffer += picks;
        List<Difference> still = new ArrayList<>(left);
        IdentityHashMap<Difference, Difference> stays = new IdentityHashMap<>();
        ofOne.forEach(difference ->
                take(still, one -> one.kind() == difference.kind()).ifPresent(same -> stays.put(difference, same)));
        for (Difference difference : ofOne) {
            differences.merge(difference.kind(), 1L, Long::sum);
            // What was missing and is wrong now was not mended either.
            Difference now = stays.containsKey(difference)
                    ? stays.get(difference)
                    : take(still, one -> true).orElse(null);
            if (now == null) {
                mended.merge(difference.kind(), 1L, Long::sum);
            }
            if (named.size() < TableReport.MOST_NAMED) {
                named.add(now == null ? Mismatch.mended(difference) : Mismatch.of(now));
            }
        }
    }

    private static Optional<Difference> take(List<Difference> from, Predicate<Difference> which) {
        Optional<Difference> found = from.stream().filter(which).findFirst();
        found.ifPresent(from::remove);
        return found;
    }

    /** How many of the rows that differed were mended. */
    Map<Difference.Kind, Long> mended() {
        return mended;
    }

    /** How many rows of a sample differ. */
    long picksThatDiffer() {
        return picksThatDiffer;
    }

    TableReport.Rows rows() {
        return new TableReport.Rows(expected, actual, skipped, 0, settled, parts);
    }

    Map<Difference.Kind, Long> differences() {
        return differences;
    }

    List<Mismatch> named() {
        return named;
    }
}
