package dev.neap.backfill;

import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The limits in force where the file names none itself: those of a built-in profile, with what the user's own changes.
 *
 * @param name as it was chosen
 * @param base whose proofs are asked for
 * @param batchRows about how many rows a transaction loads, at least 1
 * @param ceiling the rate
 * @param failureLimit how many units may fail; null where the profile does not say
 * @param pause between units; null where the profile does not say
 * @param batchPause between batches; null where the profile does not say
 * @param throttle which signals are heeded
 * @param server what the user's own says of the server's signals, as it is written
 * @param errorBudget which share of the rows may be errors; null where the profile does not say
 */
record ChosenProfile(
        String name,
        Profile base,
        int batchRows,
        Ceiling ceiling,
        @Nullable Integer failureLimit,
        @Nullable Duration pause,
        @Nullable Duration batchPause,
        Throttle throttle,
        Map<String, String> server,
        @Nullable Share errorBudget) {
    static ChosenProfile of(Profile profile) {
        return new ChosenProfile(
                profile.label(),
                profile,
                profile.batchRows(),
                new Ceiling(profile.rate()),
                null,
                null,
                null,
                Throttle.of(profile),
                Map.of(),
                null);
    }

    /** Where a value comes from that the file does not say itself. */
    String origin() {
        return "profile " + name;
    }
}
