package dev.neap.cli;

import dev.neap.backfill.BackfillException;
import dev.neap.plan.Plan;
import java.nio.file.Path;
import java.util.Locale;

/** The hash of a plan as a person types it. */
final class PlanHash {
    private static final int LEAST = 8;
    private static final int SHOWN = 12;

    private PlanHash() {}

    /**
     * Refuses a plan that is not the one that is meant.
     *
     * @param typed its hash, or the first 8 or more characters of it
     */
    static void require(Plan plan, String typed, Path file) {
        if (typed.length() < LEAST) {
            throw new BackfillException(
                    "the plan's hash is " + plan.hash() + "; type 8 or more characters of it, not " + typed);
        }
        if (!plan.hash().startsWith(typed.toLowerCase(Locale.ROOT))) {
            throw new BackfillException("the plan's hash is " + plan.hash() + ", not " + typed
                    + ": the file, the table or the server has changed since; look at: " + Shell.neap("plan", file));
        }
    }

    /** Enough of it to be typed. */
    static String shown(Plan plan) {
        return plan.hash().substring(0, Math.min(SHOWN, plan.hash().length()));
    }
}
