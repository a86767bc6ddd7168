package dev.neap.backfill;

import dev.neap.backfill.Node.Place;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Gathers what is wrong with one file, so that a person mends it all at once. */
final class Problems {
    private record Problem(Place place, String message) {}

    private final String file;
    private final List<Problem> found = new ArrayList<>();

    Problems(String file) {
        this.file = file;
    }

    void add(Place place, String message) {
        found.add(new Problem(place, message));
    }

    boolean none() {
        return found.isEmpty();
    }

    void throwIfAny() {
        if (!found.isEmpty()) {
            throw toException();
        }
    }

    BackfillException toException() {
        return new BackfillException(found.stream()
                .sorted(Comparator.comparingInt((Problem p) -> p.place().line())
                        .thenComparingInt(p -> p.place().column()))
                .map(p -> file + ":" + p.place().line() + ":" + p.place().column() + ": " + p.message())
                .toList());
    }
}
