package dev.neap.verify;

import java.time.Duration;

/**
 * Which rows a verification compares.
 *
 * @param scope which
 * @param watch for {@link Scope#WRITTEN} how long the application is given to write, over zero; else zero
 */
public record VerifyRequest(Scope scope, Duration watch) {
    /** Every row. */
    public static final VerifyRequest EVERY_ROW = new VerifyRequest(Scope.EVERY_ROW, Duration.ZERO);

    /** Random rows. */
    public static final VerifyRequest SAMPLE = new VerifyRequest(Scope.SAMPLE, Duration.ZERO);

    /** Which rows are compared. */
    public enum Scope {
        /** All of them. */
        EVERY_ROW,
        /** As many random ones as the claim needs. */
        SAMPLE,
        /** Those that somebody has written since a moment: the proof that an application writes both places. */
        WRITTEN
    }

    public VerifyRequest {
        if (watch.isNegative() || (scope == Scope.WRITTEN) == watch.isZero()) {
            throw new IllegalArgumentException("writes are watched for a time, and nothing else is");
        }
    }
}
