package dev.neap.testkit.fill;

import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * How a history of a fill went.
 *
 * @param seed what to pass as `-Dneap.seed=` to play it again
 * @param description how it was set up
 * @param committed the application's moves, those of one transaction counted once
 * @param happenings how often each kind of move was made in which order, and which races it met
 * @param findings what must not be; empty when all is well
 * @param retries transactions that were tried again, by SQLState
 * @param longestStatement of the application, with its waits for locks
 */
public record FillReport(
        long seed,
        FillShape shape,
        String description,
        int committed,
        Map<String, Integer> happenings,
        List<String> findings,
        Map<String, Integer> retries,
        Duration longestStatement) {
    public FillReport {
        happenings = Map.copyOf(happenings);
        findings = List.copyOf(findings);
        retries = Map.copyOf(retries);
    }

    /** How often what is counted under a name that begins like this happened. */
    public int count(String beginning) {
        return happenings.entrySet().stream()
                .filter(one -> one.getKey().startsWith(beginning))
                .mapToInt(Map.Entry::getValue)
                .sum();
    }

    /** One line, and one for each finding. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("seed " + seed + ": " + committed + " committed, between the two places "
                + count("filled between") + " filled, " + count("missed") + " writes of the target met no row, "
                + count("too late") + " too late, longest statement " + longestStatement.toMillis()
                + " ms, tried again " + retries + " (" + description + ")");
        findings.stream().limit(20).forEach(finding -> text.append("\n  ").append(finding));
        if (findings.size() > 20) {
            text.append("\n  … ").append(findings.size() - 20).append(" more");
        }
        return text.toString();
    }
}
