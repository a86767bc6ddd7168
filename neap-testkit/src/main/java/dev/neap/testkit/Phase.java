package dev.neap.testkit;

import dev.neap.plan.Step;

/** Where a partition is in the protocol when the application does something to it. */
public enum Phase {
    PENDING,
    FINGERPRINT,
    SHADOW,
    CAPTURE,
    LOAD,
    INDEX,
    DRAIN,
    VERIFY,
    SWAP,
    SWAPPED;

    static Phase of(Step step) {
        return switch (step) {
            case FINGERPRINT -> FINGERPRINT;
            case SHADOW -> SHADOW;
            case CAPTURE -> CAPTURE;
            case LOAD -> LOAD;
            case INDEX -> INDEX;
            case DRAIN -> DRAIN;
            case VERIFY -> VERIFY;
            // What a swap does in an instant.
            case SWAP, MERGE -> SWAP;
            case SETTLE -> SWAPPED;
            case FILL -> throw new IllegalArgumentException("no partition is filled");
        };
    }
}
