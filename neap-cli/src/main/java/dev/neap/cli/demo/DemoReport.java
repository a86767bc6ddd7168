package dev.neap.cli.demo;

import dev.neap.cli.text.Text;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What came of a demo.
 *
 * @param server version and durability
 * @param outcome how the run ended
 * @param took wall time of the rebuild, plan included
 * @param waited of which waiting
 * @param waitedFor by cause
 * @param changesReplayed captured writes that were replayed
 * @param rowsMended rows that came into done partitions in the old form and were recomputed there
 * @param alone what the application felt before the rebuild
 * @param during what it felt while the rebuild ran
 * @param audit every row against the application's own ledger
 * @param catalogSame whether each index, constraint, trigger and bound is there as before
 * @param keptPartitions replaced partitions kept for undo
 */
record DemoReport(
        String server,
        String outcome,
        long rows,
        int partitions,
        Duration took,
        long rowsPerSecond,
        Duration waited,
        Map<String, Duration> waitedFor,
        long changesReplayed,
        long rowsMended,
        Duration longestLock,
        long verifiedPartitions,
        Duration verifying,
        Observations.Summary alone,
        Observations.Summary during,
        Audit.Result audit,
        boolean catalogSame,
        long keptPartitions,
        long keptBytes,
        List<String> problems) {

    boolean good() {
        return problems.isEmpty();
    }

    /** One check: its name, and whether it passed. */
    record Check(String name, boolean passed) {}

    List<Check> checks() {
        return List.of(
                new Check("the run ended as done", outcome.equals("done")),
                new Check(
                        Text.count(verifiedPartitions) + " partitions verified by Neap before their swap",
                        verifiedPartitions == partitions),
                new Check(
                        "all " + Text.count(audit.rows()) + " rows are in the new form",
                        audit.oldForm() == 0 && audit.rows() > 0),
                new Check(
                        "each of " + Text.count(audit.writes()) + " transfers the application wrote is as it committed"
                                + " it",
                        audit.lostWrites() == 0),
                new Check("everything it did not write is as it was, in cents", audit.wrongHistory() == 0),
                new Check("the books balance", audit.sumCents() == 0),
                new Check(
                        "none of " + Text.count(during.reads()) + " reads saw an empty, half or mixed month",
                        during.wrongReads() == 0),
                new Check("no statement of the application failed", during.failed() == 0),
                new Check("every index, constraint, trigger and bound is there as before", catalogSame));
    }

    List<String> lines() {
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("Server", server));
        rows.add(List.of(
                "Rebuilt",
                Text.count(this.rows) + " rows in " + partitions + " partitions in " + Text.duration(took) + ", "
                        + Text.count(rowsPerSecond) + " rows/s"));
        rows.add(List.of("Waited", waits()));
        rows.add(List.of(
                "Captured",
                Text.count(changesReplayed) + " writes came while their partition was built, and were replayed; "
                        + Text.count(rowsMended) + " came later in the old form, and were mended"));
        rows.add(List.of("Locked", millis(longestLock) + " at most, for one swap"));
        rows.add(List.of(
                "Readers",
                Text.count(during.reads()) + " reads, longest " + millis(during.longestRead()) + " (before the rebuild "
                        + millis(alone.longestRead()) + "), wrong " + during.wrongReads()));
        rows.add(List.of(
                "Writers",
                Text.count(during.writes()) + " transactions (" + kinds() + "), longest "
                        + millis(during.longestWrite()) + " (before " + millis(alone.longestWrite()) + "), failed "
                        + during.failed()));
        rows.add(List.of("p99", millis(during.p99()) + " over reads and writes (before " + millis(alone.p99()) + ")"));
        rows.add(List.of(
                "Kept",
                Text.count(keptPartitions, "replaced partition") + ", " + Text.bytes(keptBytes)
                        + ", with a record of what is written since, so that `neap undo` can put them back"));
        List<String> lines = new ArrayList<>(Text.table(rows));
        lines.add("");
        for (Check check : checks()) {
            lines.add((check.passed() ? "  ok      " : "  FAILED  ") + check.name());
        }
        problems.forEach(problem -> lines.add("  " + problem));
        return lines;
    }

    private String waits() {
        if (waited.isZero() && waitedFor.isEmpty()) {
            return "never";
        }
        Duration rest = waited;
        List<String> causes = new ArrayList<>();
        for (Map.Entry<String, Duration> each : waitedFor.entrySet()) {
            causes.add(each.getKey() + " " + Text.duration(each.getValue()));
            rest = rest.minus(each.getValue());
        }
        if (rest.toMillis() > 0) {
            causes.add("the file's rate and pauses " + Text.duration(rest));
        }
        return Text.duration(waited) + ": " + String.join(", ", causes);
    }

    private String kinds() {
        return during.kinds().entrySet().stream()
                .map(each -> each.getKey() + " " + Text.count(each.getValue()))
                .collect(Collectors.joining(", "));
    }

    /** Times that matter below a second keep a tenth of a millisecond. */
    static String millis(Duration duration) {
        if (duration.compareTo(Duration.ofSeconds(1)) >= 0) {
            return Text.duration(duration);
        }
        double millis = duration.toNanos() / 1e6;
        return String.format(java.util.Locale.ROOT, millis < 10 ? "%.1f ms" : "%.0f ms", millis);
    }
}
