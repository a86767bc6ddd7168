package dev.neap.cli;

import dev.neap.cli.text.Text;
import dev.neap.parity.Difference;
import dev.neap.parity.Parity;
import dev.neap.parity.Weight;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What differs between two databases, in words. */
final class ParityText {
    /** Longer definitions are in JSON whole. */
    private static final int WIDEST = 60;

    private ParityText() {}

    /**
     * The table, the worst first.
     *
     * @param from where the rehearsal is, without secrets
     * @param to where the run will be, without secrets
     */
    static String of(Parity parity, String from, String to) {
        List<String> lines = new ArrayList<>();
        lines.addAll(Text.table(List.of(List.of("Rehearsal", from), List.of("Run", to))));
        lines.add("");
        if (!parity.differences().isEmpty()) {
            List<List<String>> rows = new ArrayList<>();
            rows.add(List.of("A rehearsal is", "Topic", "What", "Rehearsal", "Run"));
            parity.differences().forEach(difference -> rows.add(row(difference)));
            lines.addAll(Text.table(rows));
            lines.add("");
        }
        if (!parity.unseen().isEmpty()) {
            lines.add("Not compared");
            parity.unseen().forEach(what -> lines.add("  " + what));
            lines.add("");
        }
        long worthless = parity.differences().stream()
                .filter(difference -> difference.weight() == Weight.WORTHLESS)
                .count();
        lines.add(Text.count(parity.compared()) + " things compared, "
                + Text.count(parity.differences().size(), "difference") + ". "
                + (worthless == 0
                        ? "None of them makes a rehearsal worthless."
                        : "A rehearsal there says nothing about the run: " + worthless + " of them."));
        return String.join("\n", lines);
    }

    private static List<String> row(Difference difference) {
        return List.of(
                switch (difference.weight()) {
                    case WORTHLESS -> "worthless";
                    case MATTERS -> "right but for";
                    case NOTE -> "(note)";
                },
                difference.topic().toLowerCase(Locale.ROOT),
                cut(difference.name()),
                cut(difference.from()),
                cut(difference.to()));
    }

    private static String cut(String text) {
        String line = text.replaceAll("\\s+", " ");
        return line.length() <= WIDEST ? line : line.substring(0, WIDEST - 1) + "…";
    }
}
