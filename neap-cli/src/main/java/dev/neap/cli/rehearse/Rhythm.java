package dev.neap.cli.rehearse;

import java.time.Duration;
import java.util.Random;

/**
 * When the writers rest, so that a unit which each write sends back to its load gets through: for a moment whenever it
 * was sent back, so that the next write comes at some later step; until it is done when that was often.
 */
final class Rhythm {
    /** Fewer than after which a run gives a unit up. */
    private static final int MOST_FOR_A_UNIT = 3;

    private static final int LONGEST_REST_MS = 2_000;

    private final Traffic traffic;
    private final Random random;
    private int ofThisUnit;
    private int all;

    Rhythm(Traffic traffic, long seed) {
        this.traffic = traffic;
        this.random = new Random(seed);
    }

    void sentBack() {
        all++;
        ofThisUnit++;
        traffic.rest(
                ofThisUnit < MOST_FOR_A_UNIT
                        ? Duration.ofMillis(random.nextInt(LONGEST_REST_MS))
                        : Duration.ofHours(1));
    }

    void done() {
        ofThisUnit = 0;
        traffic.rest(Duration.ZERO);
    }

    /** How often a unit was sent back. */
    int timesSentBack() {
        return all;
    }
}
