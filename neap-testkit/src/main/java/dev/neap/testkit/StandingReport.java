package dev.neap.testkit;

import java.util.List;

/**
 * What the ledger was found to be in the middle of a history.
 *
 * @param differences rows that are not what they must be, in words; empty when all is well
 * @param asBefore rows of partitions that were put back, or never replaced, written there last
 * @param since rows of partitions that were put back, written last while the rebuilt one was live
 * @param rebuilt rows of rebuilt partitions
 * @param mended rows that the application wrote into a rebuilt partition in the old form, and that Neap recomputed there
 */
public record StandingReport(List<String> differences, long asBefore, long since, long rebuilt, long mended) {
    public StandingReport {
        differences = List.copyOf(differences);
    }

    /** One line, and one for each of the first differences. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(asBefore + " rows as before, " + since
                + " written since the swap and carried over, " + rebuilt + " in rebuilt partitions; " + mended
                + " of those written since were mended");
        differences.stream().limit(20).forEach(difference -> text.append("\n  ").append(difference));
        return text.toString();
    }
}
