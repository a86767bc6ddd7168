package dev.neap.cli.demo;

import dev.neap.cli.text.Text;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Several ways side by side.
 *
 * @param server version and durability
 * @param processors of the machine
 * @param lines the first is the application without a rebuild
 */
record VersusReport(String server, long rows, int partitions, int processors, List<Line> lines) {
    VersusReport {
        lines = List.copyOf(lines);
    }

    /** One way, and what came of it. */
    record Line(
            String name,
            String how,
            Duration took,
            Observations.Summary during,
            Audit.Result audit,
            List<String> remarks) {
        boolean rebuild() {
            return !took.isZero();
        }

        /** Rows that are not what they should be and that the application never wrote. */
        long wrongRows() {
            return audit.oldForm() + audit.wrongHistory();
        }

        /** Values in the order of {@link #HEADS}. */
        List<String> cells() {
            return List.of(
                    rebuild() ? seconds(took) : "",
                    DemoReport.millis(during.longestRead()),
                    DemoReport.millis(during.longestWrite()),
                    DemoReport.millis(during.p99()),
                    Text.count(during.wrongReads()),
                    Text.count(during.failed()),
                    rebuild() ? Text.count(audit.lostWrites()) : "",
                    rebuild() ? Text.count(wrongRows()) : "");
        }
    }

    /** The columns, in two lines each. */
    static final List<List<String>> HEADS = List.of(
            List.of("", "time"),
            List.of("longest", "read"),
            List.of("longest", "write"),
            List.of("p99", ""),
            List.of("empty or", "mixed reads"),
            List.of("failed", "statements"),
            List.of("lost", "writes"),
            List.of("rows left", "wrong"));

    private static String seconds(Duration duration) {
        return String.format(java.util.Locale.ROOT, "%.1f s", duration.toMillis() / 1000.0);
    }

    String title() {
        return Text.count(rows) + " rows in " + partitions + " partitions, " + processors + " processors, " + server;
    }

    /** Whether Neap's own line, the last, has nothing wrong in it. */
    boolean good() {
        Line neap = lines.get(lines.size() - 1);
        return neap.during().wrongReads() == 0 && neap.audit().right();
    }

    List<String> text() {
        List<List<String>> table = new ArrayList<>();
        for (int head = 0; head < 2; head++) {
            List<String> row = new ArrayList<>(List.of(""));
            for (List<String> each : HEADS) {
                row.add(each.get(head));
            }
            table.add(row);
        }
        for (Line line : lines) {
            List<String> row = new ArrayList<>(List.of(line.name()));
            row.addAll(line.cells());
            table.add(row);
        }
        List<String> text = new ArrayList<>();
        text.add(title());
        text.add("");
        text.addAll(Text.table(table, false, true, true, true, true, true, true, true, true));
        text.add("");
        for (Line line : lines) {
            for (String remark : line.remarks()) {
                text.add("  " + line.name() + ": " + remark);
            }
        }
        return text;
    }
}
