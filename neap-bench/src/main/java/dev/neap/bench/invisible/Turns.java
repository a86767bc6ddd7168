package dev.neap.bench.invisible;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** What requests took in the turns without the work, and in those beside it. */
final class Turns {
    /** Until the last request has ended that was meant to be sent in a turn. */
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final Requests requests;
    private final List<Latency> without = new ArrayList<>();
    private final List<Latency> beside = new ArrayList<>();
    private long nanos;
    private long rows;

    Turns(Requests requests) {
        this.requests = requests;
    }

    /** One without the work, between two moments. */
    void without(long from, long to) throws InterruptedException {
        without.add(requests.between(from, to, PATIENCE));
    }

    /** One beside it, in which it wrote so many rows. */
    void beside(long from, long to, long rows) throws InterruptedException {
        beside.add(requests.between(from, to, PATIENCE));
        nanos += to - from;
        this.rows += rows;
    }

    Latency without() {
        return Latency.of(without);
    }

    /** Whether there was a turn beside the work. */
    boolean hasBeside() {
        return !beside.isEmpty();
    }

    Latency beside() {
        return Latency.of(beside);
    }

    /** How long the turns beside the work were, together. */
    double seconds() {
        return nanos / 1e9;
    }

    /** How many rows it wrote in them. */
    long rows() {
        return rows;
    }
}
