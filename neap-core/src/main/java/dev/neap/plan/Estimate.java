package dev.neap.plan;

import java.time.Duration;

/**
 * What a run is expected to take.
 *
 * @param rows rows over all units
 * @param shadowBytes the largest shadow, without its indexes: each worker needs so much at one moment; where units are
 *     held, all shadows
 * @param keptBytes all replaced partitions with their indexes, which stay until `cleanup`
 * @param indexBytes indexes of all shadows
 * @param walBytes write-ahead log over the whole run
 * @param sortBytes temporary space of the largest index build
 * @param duration at the configured rate and pauses
 */
public record Estimate(
        long rows,
        long shadowBytes,
        long keptBytes,
        long indexBytes,
        long walBytes,
        long sortBytes,
        Duration duration) {}
