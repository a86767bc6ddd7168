package dev.neap.bench.invisible;

import com.fasterxml.jackson.annotation.JsonProperty;

/**
 * The same application on the same copy of the table without the work and beside it, in turns; first without it where it cannot be paused.
 *
 * @param before it, when there were no signals of a run either
 * @param seconds how long it was beside the work
 * @param rowsPerSecond how fast the work went meanwhile
 * @param ended whether the work came to its end in that time
 * @param failures requests that failed, in words; empty for none
 * @param said what the work said of itself
 */
record Pair(
        String work,
        Latency before,
        Latency without,
        Latency beside,
        double seconds,
        long rowsPerSecond,
        boolean ended,
        String failures,
        Work.Said said) {
    /** How many times as long the slowest request in a hundred took. */
    @JsonProperty("p99_ratio")
    double ratio() {
        return beside.p99Ms() / without.p99Ms();
    }

    /** The same against what it took before the work began: with what its signals cost, and what became of the machine since. */
    @JsonProperty("p99_ratio_to_before")
    double ratioToBefore() {
        return beside.p99Ms() / before.p99Ms();
    }
}
