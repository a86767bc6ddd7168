package dev.neap.cli.verify;

import dev.neap.cli.text.Text;
import dev.neap.dialect.Difference;
import dev.neap.dialect.SecondWrites;
import dev.neap.verify.Assertion;
import dev.neap.verify.Claim;
import dev.neap.verify.Mismatch;
import dev.neap.verify.Sample;
import dev.neap.verify.TableReport;
import dev.neap.verify.VerifyReport;
import dev.neap.verify.VerifyRequest.Scope;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A verification in words. */
public final class VerifyText {
    /** Longer causes are cut off. */
    private static final int MOST_LETTERS = 160;

    private VerifyText() {}

    /** Everything that a verification knows. */
    public static String whole(VerifyReport report) {
        List<String> lines = new ArrayList<>();
        lines.add("Verified " + report.backfill() + " in " + Text.duration(report.took()));
        if (report.tables().stream().anyMatch(TableReport::replaced)) {
            lines.addAll(PartitionsText.of(report.tables()));
        } else {
            for (TableReport table : report.tables()) {
                lines.add("");
                lines.addAll(table(table));
            }
        }
        if (!report.assertions().isEmpty()) {
            lines.add("");
            lines.addAll(Text.table(report.assertions().stream()
                    .map(assertion -> List.of("Asserted", assertion.name() + ": " + holds(assertion)))
                    .toList()));
        }
        if (!report.readers().isEmpty()) {
            lines.add("");
            lines.add("Readers that meet NULL, or no row: " + Text.fit(readers(report), MOST_LETTERS));
        }
        return String.join("\n", lines);
    }

    /** A person's word, where there is one: it comes last, and was given with what was found in sight. */
    private static String readers(VerifyReport report) {
        return report.readers().get(report.readers().size() - 1);
    }

    /** What became of it, and what that proves. */
    static String holds(Assertion assertion) {
        return assertion.holds()
                ? "holds; rests on the file's own SQL, in one snapshot"
                : "does not hold, asked three times";
    }

    /** The statements that would mend what differs, and everything else as a comment: it can be executed as it is. */
    public static String script(VerifyReport report) {
        Stream<String> known = whole(report).lines().map(line -> ("-- " + line).strip());
        Stream<String> statements =
                report.tables().stream().flatMap(VerifyText::sql).map(statement -> "\n" + statement + ";");
        return Stream.concat(known, statements).collect(Collectors.joining("\n"));
    }

    private static Stream<String> sql(TableReport table) {
        TableReport.Fix fix = table.fix();
        return fix == null ? Stream.of() : fix.sql().stream();
    }

    static List<String> table(TableReport table) {
        List<List<String>> facts = new ArrayList<>();
        facts.add(List.of(table.replaced() ? "Partition" : "Table", name(table)));
        table.claims().forEach(claim -> facts.add(List.of("Compared", claim(claim))));
        TableReport.Rows rows = table.rows();
        Sample sample = table.sample();
        if (!table.claims().isEmpty()) {
            facts.add(List.of("Rows", looked(table)));
        }
        if (sample != null) {
            facts.add(List.of("Of all rows", share(sample)));
        }
        if (rows.skipped() > 0) {
            facts.add(List.of(
                    "Not compared",
                    Text.count(rows.skipped(), "row") + " that already_right calls right; expect would judge them"));
        }
        if (rows.written() > 0) {
            facts.add(List.of(
                    "Not compared", Text.count(rows.written(), "row") + " that somebody has written since the swap"));
        }
        if (rows.settled() > 0) {
            facts.add(List.of("Looked again", Text.count(rows.settled(), "row") + " differed at first, and no longer"));
        }
        SecondWrites writes = table.writes();
        if (writes != null && writes.rows() > 0) {
            facts.add(List.of("Both places", both(writes)));
        }
        TableReport.Sittings sittings = table.sittings();
        if (sittings != null) {
            facts.add(List.of("Before", before(sittings)));
            facts.add(List.of("This time", now(sittings)));
        }
        TableReport.Fix fix = table.fix();
        if (fix != null && fix.sql().isEmpty()) {
            String mended = kinds(fix.mended());
            facts.add(List.of("Mended", mended.isEmpty() ? "nothing" : mended));
        }
        facts.add(List.of("Result", result(table)));
        List<String> lines = new ArrayList<>(Text.table(facts));
        table.notes().forEach(note -> lines.add("Note: " + note));
        lines.addAll(named(table));
        return lines;
    }

    private static String looked(TableReport table) {
        TableReport.Rows rows = table.rows();
        return switch (table.scope()) {
            case EVERY_ROW ->
                "every one: " + Text.count(rows.expected()) + " expected, " + Text.count(rows.actual())
                        + " there; SHA-256 over " + Text.count(rows.parts(), "part");
            case AGGREGATES ->
                Text.count(rows.expected()) + " expected, " + Text.count(rows.actual()) + " there; aggregates of "
                        + Text.count(rows.parts(), "part");
            case SAMPLE -> Text.count(rows.expected()) + " picked at random; SHA-256 of each";
            case WRITTEN -> Text.count(rows.expected()) + " written since the verification began, in either place";
        };
    }

    /** How rows that agree came into both places, and how late into the second. */
    static String both(SecondWrites writes) {
        long apart = writes.both() - writes.together();
        long alone = writes.rows() - writes.both();
        Duration longest = writes.longest();
        List<String> ways = new ArrayList<>();
        if (writes.together() > 0) {
            ways.add(Text.count(writes.together()) + " written by one transaction");
        }
        if (apart > 0) {
            ways.add(Text.count(apart) + " by two transactions, "
                    + (longest == null
                            ? "how far apart the server does not know (track_commit_timestamp is off)"
                            : "at most " + Text.duration(longest) + " apart"));
        }
        if (alone > 0) {
            ways.add(Text.count(alone) + " in one place alone, with which the other agrees all the same");
        }
        return String.join("; ", ways);
    }

    /** What earlier processes have compared, and when. */
    static String before(TableReport.Sittings sittings) {
        return "up to the key " + String.join(", ", sittings.upTo()) + ", from " + moment(sittings.began()) + " to "
                + moment(sittings.stopped())
                + (sittings.number() > 2 ? ", in " + (sittings.number() - 1) + " sittings" : "");
    }

    static String now(TableReport.Sittings sittings) {
        return "what lies behind it, and each row that differed, from " + moment(sittings.resumed()) + " to "
                + moment(sittings.ended());
    }

    private static Instant moment(Instant at) {
        return at.truncatedTo(ChronoUnit.SECONDS);
    }

    static String name(TableReport table) {
        if (table.replaced()) {
            return table.into().sql() + ", which replaced " + table.from().sql();
        }
        return table.from().equals(table.into())
                ? table.into().sql() + ", its own columns"
                : table.into().sql() + ", from " + table.from().sql();
    }

    static String claim(Claim claim) {
        return String.join(", ", claim.columns()) + ": " + basis(claim.basis());
    }

    /** Against what, and what agreement proves. */
    static String basis(Claim.Basis basis) {
        return switch (basis) {
            case TRANSFORM -> "with the transform, run again; proves the copying, not the transform";
            case EXPECT -> "with expect, an independent expression";
            case APPLICATION ->
                "what the application wrote itself, with the transform; proves the transform too, of such rows";
            case REPLACED -> "with the rows as they were before; proves that nothing else was changed";
        };
    }

    /** Which rows were compared, as a figure is called. */
    static String compared(Scope scope) {
        return switch (scope) {
            case EVERY_ROW -> "rows expected, every one compared";
            case AGGREGATES -> "rows expected, compared by aggregates";
            case SAMPLE -> "rows picked at random";
            case WRITTEN -> "rows written while it watched";
        };
    }

    static String share(Sample sample) {
        return "at least " + percent(sample.low()) + " are as expected, and at most " + percent(sample.high())
                + ", each with " + percent(sample.confidence()) + " confidence (Clopper and Pearson 1934)";
    }

    /** Rounded down: a claim may not look larger than it is. */
    private static String percent(double share) {
        // As it is written: what a double is beyond that would be rounded down to another number.
        BigDecimal percent = BigDecimal.valueOf(share).movePointRight(2).setScale(4, RoundingMode.FLOOR);
        return percent.stripTrailingZeros().toPlainString() + " %";
    }

    static String result(TableReport table) {
        Sample sample = table.sample();
        if (sample != null && sample.mismatches() == 0) {
            return "the claim of " + percent(sample.match()) + (sample.holds() ? " holds" : " is not shown");
        }
        if (table.proved()) {
            return switch (table.scope()) {
                case WRITTEN -> "both places agree in every one of them";
                case AGGREGATES -> "all aggregates are as expected, which does not prove every row";
                case EVERY_ROW, SAMPLE ->
                    table.differing() > 0 ? "every row is as expected now" : "every row is as expected";
            };
        }
        if (table.differing() == 0) {
            return "nothing was " + (table.scope() == Scope.WRITTEN ? "written" : "compared")
                    + ", so nothing is proved";
        }
        Map<Difference.Kind, Long> left = new EnumMap<>(table.differences());
        TableReport.Fix fix = table.fix();
        if (fix != null) {
            fix.mended().forEach((kind, number) -> left.merge(kind, -number, Long::sum));
        }
        return kinds(left) + (fix != null && fix.unfollowed() > 0 ? ", not known of " + fix.unfollowed() : "");
    }

    private static String kinds(Map<Difference.Kind, Long> counts) {
        List<String> kinds = new ArrayList<>();
        counts.forEach((kind, number) -> {
            if (number > 0) {
                kinds.add(Text.count(number) + " " + words(kind));
            }
        });
        return String.join(", ", kinds);
    }

    private static List<String> named(TableReport table) {
        List<List<String>> rows = new ArrayList<>();
        for (Mismatch mismatch : table.named()) {
            String columns = String.join(", ", mismatch.columns());
            String cause = mismatch.mended() ? "mended" : Text.fit(Text.visible(mismatch.cause()), MOST_LETTERS);
            rows.add(List.of(
                    "  " + Text.key(mismatch.key()),
                    words(mismatch.kind()),
                    columns + (columns.isEmpty() || cause.isEmpty() ? "" : ": ") + cause));
        }
        List<String> lines = Text.table(rows);
        long more = table.differing() - table.named().size();
        if (more > 0) {
            lines.add("  and " + Text.count(more) + " more");
        }
        return lines;
    }

    static String words(Difference.Kind kind) {
        return switch (kind) {
            case MISSING -> "missing";
            case EXTRA -> "extra";
            case WRONG -> "wrong";
            case FAILED -> "cannot be computed";
            case UNSETTLED -> "written all the time, never seen right";
        };
    }
}
