package dev.neap.cli.verify;

import dev.neap.cli.text.Text;
import dev.neap.dialect.Difference;
import dev.neap.verify.Claim;
import dev.neap.verify.Mismatch;
import dev.neap.verify.TableReport;
import dev.neap.verify.VerifyReport;
import java.util.ArrayList;
import java.util.List;

/** A verification in words. */
public final class VerifyText {
    /** Longer causes are cut off. */
    private static final int MOST_LETTERS = 160;

    private VerifyText() {}

    /** Everything that a verification knows. */
    public static String whole(VerifyReport report) {
        List<String> lines = new ArrayList<>();
        lines.add("Verified " + report.backfill() + ", every row, in " + Text.duration(report.took()));
        for (TableReport table : report.tables()) {
            lines.add("");
            lines.addAll(table(table));
        }
        return String.join("\n", lines);
    }

    private static List<String> table(TableReport table) {
        List<List<String>> facts = new ArrayList<>();
        facts.add(List.of("Table", name(table)));
        table.claims().forEach(claim -> facts.add(List.of("Compared", claim(claim))));
        TableReport.Rows rows = table.rows();
        facts.add(List.of(
                "Rows",
                Text.count(rows.expected()) + " expected, " + Text.count(rows.actual()) + " there; SHA-256 over "
                        + Text.count(rows.parts(), "part")));
        if (rows.skipped() > 0) {
            facts.add(List.of(
                    "Not compared",
                    Text.count(rows.skipped(), "row") + " that already_right calls right; expect would judge them"));
        }
        if (rows.settled() > 0) {
            facts.add(List.of(
                    "Looked again",
                    Text.count(rows.settled(), "row") + " differed while the application wrote, and no longer"));
        }
        facts.add(List.of("Result", result(table)));
        List<String> lines = new ArrayList<>(Text.table(facts));
        table.notes().forEach(note -> lines.add("Note: " + note));
        lines.addAll(named(table));
        return lines;
    }

    private static String name(TableReport table) {
        return table.from().equals(table.into())
                ? table.into().sql() + ", its own columns"
                : table.into().sql() + ", from " + table.from().sql();
    }

    private static String claim(Claim claim) {
        String columns = String.join(", ", claim.columns());
        return switch (claim.basis()) {
            case TRANSFORM -> columns + ": with the transform, run again; proves the copying, not the transform";
            case EXPECT -> columns + ": with expect, an independent expression";
        };
    }

    private static String result(TableReport table) {
        if (table.proved()) {
            return "every row is as expected";
        }
        if (table.differing() == 0) {
            return "nothing was compared, so nothing is proved";
        }
        List<String> kinds = new ArrayList<>();
        table.differences().forEach((kind, number) -> {
            if (number > 0) {
                kinds.add(Text.count(number) + " " + words(kind));
            }
        });
        return String.join(", ", kinds);
    }

    private static List<String> named(TableReport table) {
        List<List<String>> rows = new ArrayList<>();
        for (Mismatch mismatch : table.named()) {
            String what = mismatch.columns().isEmpty()
                    ? Text.fit(mismatch.cause(), MOST_LETTERS)
                    : String.join(", ", mismatch.columns());
            rows.add(List.of("  " + String.join(", ", mismatch.key()), words(mismatch.kind()), what));
        }
        List<String> lines = Text.table(rows);
        long more = table.differing() - table.named().size();
        if (more > 0) {
            lines.add("  and " + Text.count(more) + " more");
        }
        return lines;
    }

    private static String words(Difference.Kind kind) {
        return switch (kind) {
            case MISSING -> "missing";
            case EXTRA -> "extra";
            case WRONG -> "wrong";
            case FAILED -> "cannot be computed";
            case UNSETTLED -> "written all the time, never seen right";
        };
    }
}
