package dev.neap.throttle;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * Waits that double, with jitter: between half and the whole of base × 2^misses, never over the ceiling. (Without jitter
 * those who collided once would collide again.)
 */
public final class Backoff {
    private final Duration base;
    private final Duration ceiling;
    private final RandomGenerator random;
    private int misses;

    public Backoff(Duration base, Duration ceiling, RandomGenerator random) {
        this.base = base;
        this.ceiling = ceiling;
        this.random = random;
    }

    /** The next wait. */
    public Duration next() {
        long whole = Math.min(ceiling.toMillis(), base.toMillis() << Math.min(misses, 20));
        misses++;
        return Duration.ofMillis(whole / 2 + random.nextLong(whole / 2 + 1));
    }

    /** How often {@link #next()} was asked. */
    public int misses() {
        return misses;
    }
}
