package dev.neap.dialect;

import java.time.Duration;

/**
 * Times that no user sets; tests shorten them.
 *
 * @param lease how long a lease lasts without a heartbeat, by the database's clock
 * @param lockDeadline the one deadline over all locks of a swap (or of another lock on live tables): what writers, and
 *     for its last part readers, may come to feel
 * @param courtesy how long a lock that stalls nobody may wait, longer than the server's deadlock_timeout so that an
 *     autovacuum gives way
 * @param patience how long one unit goes on trying to get a lock or to outwait a snapshot before it is set aside
 * @param captureLife after this long without a sign of life from Neap the capture triggers do nothing and the shadow is
 *     void
 * @param captureLimit the most changes that are kept for one unit; past it the shadow is void
 * @param secondWrite how long an application that writes in two places may take from its first write to its second
 * @param transformTime how long a transform in Java may take over the rows of one batch
 */
public record Tuning(
        Duration lease,
        Duration lockDeadline,
        Duration courtesy,
        Duration patience,
        Duration captureLife,
        long captureLimit,
        Duration secondWrite,
        Duration transformTime) {
    private static final Duration SECOND_WRITE = Duration.ofSeconds(5);
    private static final Duration TRANSFORM_TIME = Duration.ofSeconds(30);

    public static final Tuning DEFAULT = new Tuning(
            Duration.ofSeconds(20),
            Duration.ofMillis(500),
            Duration.ofSeconds(4),
            Duration.ofMinutes(10),
            Duration.ofHours(2),
            20_000_000);

    /** With the usual time for a transform. */
    public Tuning(
            Duration lease,
            Duration lockDeadline,
            Duration courtesy,
            Duration patience,
            Duration captureLife,
            long captureLimit,
            Duration secondWrite) {
        this(lease, lockDeadline, courtesy, patience, captureLife, captureLimit, secondWrite, TRANSFORM_TIME);
    }

    /** With the usual time for a second write, too. */
    public Tuning(
            Duration lease,
            Duration lockDeadline,
            Duration courtesy,
            Duration patience,
            Duration captureLife,
            long captureLimit) {
        this(lease, lockDeadline, courtesy, patience, captureLife, captureLimit, SECOND_WRITE);
    }
}
