package dev.neap.cli.rehearse;

import dev.neap.cli.text.Text;
import dev.neap.rehearse.Compared;
import dev.neap.rehearse.Copied;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** A receipt as lines of a name and a text: what the text and the page show. */
final class ReceiptLines {
    private ReceiptLines() {}

    /** One line. */
    record Line(String name, String text) {}

    static String headline(Receipt receipt) {
        return switch (receipt.verdict()) {
            case INCOMPLETE ->
                "INCOMPLETE: every row is as it should be, and no reader saw anything else; but "
                        + (receipt.writesInVain()
                                ? "no write of the writers was done, so it was rehearsed beside nobody."
                                : "there was no time to kill the run at every step.");
            case GOOD -> "GOOD: every row is as it should be, and no reader saw anything else.";
            case MISMATCH -> "MISMATCH: something was not as it should be. Do not run this.";
            case FAILED -> "FAILED: the run did not end well on the copy.";
        };
    }

    static List<Line> of(Receipt receipt) {
        List<Line> lines = new ArrayList<>();
        lines.add(new Line("backfill", receipt.backfill()));
        lines.add(new Line("plan hash", receipt.planHash()));
        lines.add(new Line("table", receipt.table().sql()));
        lines.add(new Line(
                "servers",
                "source " + receipt.source() + ", rehearsed on " + receipt.server()
                        + (receipt.sameMajor() ? "" : ", which is ANOTHER MAJOR VERSION")));
        copied(receipt.copied(), lines);
        lines.add(new Line(
                "units",
                Text.count(receipt.unitsDone()) + " of "
                        + Text.count(receipt.copied().partitions().size()) + " copied ones rebuilt; the plan has "
                        + Text.count(receipt.unitsPlanned())));
        lines.add(new Line("outcome", String.join("; ", outcome(receipt))));
        lines.add(new Line("kills survived", kills(receipt)));
        lines.add(new Line(
                "not killed at",
                receipt.notKilledAt().isEmpty()
                        ? "no other step that came"
                        : String.join(", ", receipt.notKilledAt()) + " (there was NO TIME)"));
        lines.add(new Line(
                "did not come",
                receipt.didNotCome().isEmpty() ? "every step came" : String.join(", ", receipt.didNotCome())));
        lines.add(new Line("writes meanwhile", writes(receipt)));
        lines.add(new Line(
                "sent back",
                receipt.sentBack() == 0 ? "no unit" : Text.count(receipt.sentBack(), "time") + " to a load"));
        lines.add(new Line(
                "exclusive locks",
                receipt.locks() == 0
                        ? "none measured"
                        : "half of " + Text.count(receipt.locks(), "swap") + " at most "
                                + Text.duration(receipt.lockP50()) + ", the longest "
                                + Text.duration(receipt.lockMax())));
        lines.add(new Line(
                "readers",
                Text.count(receipt.reads(), "read") + ", the longest " + Text.duration(receipt.longestRead()) + "; "
                        + (receipt.wrongReads().isEmpty()
                                ? "none wrong (empty, mixed, missing or doubled rows)"
                                : "WRONG: " + counts(receipt.wrongReads()))));
        lines.add(new Line("rows compared", compared(receipt.compared())));
        lines.add(new Line("took", Text.duration(receipt.took())));
        return lines;
    }

    private static void copied(Copied copied, List<Line> lines) {
        lines.add(new Line(
                "copied",
                copied.tables().stream()
                        .map(each -> Text.count(each.rows(), "row") + " of "
                                + each.name().sql())
                        .collect(Collectors.joining(", "))));
        lines.add(new Line("left out", copied.omitted().isEmpty() ? "no column" : String.join(", ", copied.omitted())));
        lines.add(new Line(
                "not copied", copied.notCopied().isEmpty() ? "nothing else" : String.join(", ", copied.notCopied())));
    }

    private static List<String> outcome(Receipt receipt) {
        List<String> outcome = new ArrayList<>(List.of(receipt.outcome()));
        outcome.addAll(receipt.causes());
        return outcome;
    }

    private static String kills(Receipt receipt) {
        if (receipt.kills() == 0) {
            return "none";
        }
        return Text.count(receipt.kills()) + ": " + String.join(", ", receipt.killedAt())
                + (receipt.randomKills() == 0 ? "" : ", and " + receipt.randomKills() + " at random");
    }

    private static String writes(Receipt receipt) {
        String refused = receipt.refused().isEmpty() ? "" : "; not done: " + counts(receipt.refused());
        return Text.count(receipt.allWrites())
                + (receipt.writes().isEmpty() ? "" : " (" + counts(receipt.writes()) + ")")
                + refused;
    }

    private static String compared(@org.jspecify.annotations.Nullable Compared compared) {
        if (compared == null) {
            return "none, for the run did not end";
        }
        if (compared.same()) {
            return Text.count(compared.rows()) + ", every column, all as the recompute of what was last committed";
        }
        String columns = compared.columns().isEmpty() ? "" : " (" + counts(compared.columns()) + ")";
        return Text.count(compared.rows()) + ": " + Text.count(compared.missing()) + " missing, "
                + Text.count(compared.extra()) + " that should not be there, " + Text.count(compared.differing())
                + " with other values" + columns;
    }

    private static String counts(Map<String, Long> counts) {
        return counts.entrySet().stream()
                .map(each -> Text.count(each.getValue()) + " " + each.getKey())
                .collect(Collectors.joining(", "));
    }

    /** The receipt as text. */
    static String text(Receipt receipt) {
        List<List<String>> rows = new ArrayList<>();
        of(receipt).forEach(line -> rows.add(List.of(line.name(), line.text())));
        return "Rehearsal of " + receipt.backfill() + "\n\n" + String.join("\n", Text.table(rows)) + "\n\n"
                + headline(receipt) + "\n" + METHOD;
    }

    static final String METHOD =
            "Kept by whoever wrote: what each writer committed, row by row, in the same transaction; compared with what the run"
                    + " left. Not rehearsed: the file's pace, hours, replicas and assertions; batches have at most 500 rows.";
}
