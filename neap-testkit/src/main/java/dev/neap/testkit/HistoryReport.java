package dev.neap.testkit;

import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * How a history went.
 *
 * @param seed what to pass as `-Dneap.seed=` to play it again
 * @param description how it was set up
 * @param committed transactions of the application that committed with a write
 * @param resolved of which the answer to COMMIT was lost and looked up
 * @param coverage what happened when
 * @param findings what must not be: rows that differ from the model, writes that were refused; empty when all is well
 * @param retries transactions that were tried again, by SQLState
 * @param longestWrite the longest transaction, with the time that it was deliberately held open
 */
public record HistoryReport(
        long seed,
        String description,
        int committed,
        int resolved,
        Coverage coverage,
        List<String> findings,
        Map<String, Integer> retries,
        Duration longestWrite) {
    public HistoryReport {
        findings = List.copyOf(findings);
        retries = Map.copyOf(retries);
    }

    /** One line, and one for each finding. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("seed " + seed + ": " + committed + " committed, longest write "
                + longestWrite.toMillis() + " ms, tried again " + retries + ", looked up " + resolved + " ("
                + description + ")");
        findings.stream().limit(20).forEach(finding -> text.append("\n  ").append(finding));
        if (findings.size() > 20) {
            text.append("\n  … ").append(findings.size() - 20).append(" more");
        }
        return text.toString();
    }
}
