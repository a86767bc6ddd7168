package dev.neap.control;

import java.util.Set;
import java.util.stream.Collectors;

/**
 * Which units may be claimed.
 *
 * @param which of them all
 * @param part of several fills those of this one, from 1
 * @param exceptDefault not those of DEFAULT partitions: their siblings' swaps lock them
 * @param besides ids of units that the same process has at work
 */
public record Claim(Which which, int part, boolean exceptDefault, Set<Long> besides) {
    /** Of all that are pending, or were left by a dead worker. */
    public enum Which {
        ANY(""),
        /** Held before, and may be swapped now. */
        RELEASED(" AND u.held_since IS NOT NULL"),
        /** Failed, and taken up again. */
        RETRIED(" AND u.retry");

        private final String condition;

        Which(String condition) {
            this.condition = condition;
        }
    }

    public Claim {
        besides = Set.copyOf(besides);
    }

    /** The same, but only of units that were held before and may be swapped now. */
    public Claim released() {
        return new Claim(Which.RELEASED, part, exceptDefault, besides);
    }

    String condition() {
        return which.condition
                + " AND u.part = " + part
                + (exceptDefault ? " AND u.bound <> 'DEFAULT'" : "")
                + (besides.isEmpty()
                        ? ""
                        : " AND u.id NOT IN ("
                                + besides.stream().map(String::valueOf).collect(Collectors.joining(", ")) + ")");
    }
}
