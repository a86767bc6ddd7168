package dev.neap.cli.preview;

import dev.neap.cli.text.Text;
import dev.neap.preview.ColumnChange;
import dev.neap.preview.NumberChange;
import dev.neap.preview.Preview;
import dev.neap.preview.Preview.ChangedValue;
import dev.neap.preview.Preview.KeyValue;
import dev.neap.preview.Preview.SampleRow;
import dev.neap.preview.Scope;
import java.util.ArrayList;
import java.util.List;

/** A preview in words. */
public final class PreviewText {
    private static final int MOST_LETTERS = 40;
    private static final int BAR = 40;

    private PreviewText() {}

    /** Everything that a preview knows. */
    public static String whole(Preview preview) {
        List<String> lines = new ArrayList<>(facts(preview));
        lines.add("");
        lines.addAll(columns(preview));
        for (ColumnChange column : preview.columns()) {
            if (column.numbers() != null) {
                lines.add("");
                lines.addAll(numbers(column, column.numbers()));
            }
        }
        for (Preview.Samples samples : preview.samples()) {
            lines.add("");
            lines.addAll(samples(samples));
        }
        String method = Figures.method(preview.scope());
        if (!method.isEmpty()) {
            lines.add("");
            lines.add(method);
        }
        return String.join("\n", lines);
    }

    private static List<String> facts(Preview preview) {
        Scope scope = preview.scope();
        List<List<String>> facts = new ArrayList<>();
        facts.add(List.of(
                "Preview",
                preview.backfill() + ": " + preview.unit().sql() + " of "
                        + preview.table().sql()));
        facts.add(List.of("Bound", preview.bound()));
        facts.add(List.of("Looked at", Figures.scope(preview)));
        facts.add(List.of(
                "Rows",
                Figures.share(preview.rows().changed(), scope) + " change, "
                        + Figures.percent(preview.rows().unchanged().share()) + " stay as they are, "
                        + Text.count(preview.rows().added().count()) + " new, "
                        + Text.count(preview.rows().gone().count()) + " gone"));
        if (preview.alreadyRight() != null) {
            facts.add(List.of("Right", Figures.share(preview.alreadyRight(), scope) + " are already right"));
        }
        if (!preview.hidden().isEmpty()) {
            facts.add(List.of("Hidden", String.join(", ", preview.hidden())));
        }
        preview.refusals()
                .forEach(finding ->
                        facts.add(List.of("Refused", "a run, by " + finding.check() + ": " + finding.what())));
        return Text.table(facts);
    }

    private static List<String> columns(Preview preview) {
        Scope scope = preview.scope();
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("Column", "Type", "Changes in", "Rows", "Becomes null", "No longer null"));
        for (ColumnChange column : preview.columns()) {
            rows.add(List.of(
                    Text.value(column.column()) + (column.generated() ? " (generated)" : ""),
                    column.type(),
                    Figures.share(column.changed(), scope),
                    Text.count(column.changed().count()),
                    Text.count(column.nullsAppear().count()),
                    Text.count(column.nullsDisappear().count())));
        }
        return Text.table(rows, false, false, false, true, true, true);
    }

    private static List<String> numbers(ColumnChange column, NumberChange numbers) {
        List<String> lines = new ArrayList<>();
        lines.add(Text.value(column.column()));
        String growth = Figures.growth(numbers.sumBefore(), numbers.sumAfter());
        lines.add("  sum " + Figures.number(numbers.sumBefore()) + " before, " + Figures.number(numbers.sumAfter())
                + " after" + (growth.isEmpty() ? "" : ", " + growth));
        if (numbers.notMeasured() > 0) {
            lines.add("  " + Text.count(numbers.notMeasured(), "change") + " from or to NaN or infinity, not counted");
        }
        NumberChange.Differences differences = numbers.differences();
        if (differences != null) {
            lines.add("  after - before: min " + Figures.number(differences.min()) + ", 5 % "
                    + Figures.number(differences.p5()) + ", median " + Figures.number(differences.p50()) + ", 95 % "
                    + Figures.number(differences.p95()) + ", max " + Figures.number(differences.max()) + ", mean "
                    + Figures.mean(differences.mean()));
            lines.addAll(histogram(differences));
        }
        return lines;
    }

    private static List<String> histogram(NumberChange.Differences differences) {
        NumberChange.Histogram histogram = differences.histogram();
        long most = Math.max(
                Math.max(histogram.below(), histogram.above()),
                histogram.bars().stream()
                        .mapToLong(NumberChange.Bar::count)
                        .max()
                        .orElse(1));
        List<NumberChange.Bar> bars = histogram.bars();
        List<List<String>> rows = new ArrayList<>();
        if (histogram.below() > 0) {
            rows.add(bar("below " + Figures.number(bars.get(0).from()), histogram.below(), most));
        }
        for (int i = 0; i < bars.size(); i++) {
            NumberChange.Bar bar = bars.get(i);
            boolean gapGoesOn = bar.count() == 0 && i > 0 && bars.get(i - 1).count() == 0;
            if (!gapGoesOn) {
                rows.add(
                        bar.count() == 0
                                ? List.of("  ...", "", "")
                                : bar("from " + Figures.number(bar.from()), bar.count(), most));
            }
        }
        if (histogram.above() > 0) {
            rows.add(bar("from " + Figures.number(bars.get(bars.size() - 1).to()), histogram.above(), most));
        }
        return Text.table(rows, false, true);
    }

    private static List<String> bar(String where, long count, long most) {
        int length = (int) Math.max(1, Math.round((double) count / most * BAR));
        return List.of("  " + where, Text.count(count), "#".repeat(length));
    }

    private static List<String> samples(Preview.Samples samples) {
        List<String> lines = new ArrayList<>();
        lines.add("Rows, " + Figures.kind(samples.kind()) + ": "
                + Text.count(samples.shown().size()) + " of " + Text.count(samples.rows()));
        if (samples.shown().isEmpty()) {
            return lines;
        }
        List<List<String>> rows = new ArrayList<>();
        List<String> head = new ArrayList<>();
        samples.shown().get(0).key().forEach(key -> head.add(fit(Text.value(key.column()))));
        samples.shown().get(0).values().forEach(value -> head.add(fit(Text.value(value.column()))));
        head.set(0, "  " + head.get(0));
        rows.add(head);
        samples.shown().forEach(row -> rows.add(row(row, samples.kind())));
        lines.addAll(Text.table(rows));
        return lines;
    }

    private static List<String> row(SampleRow row, Preview.Kind kind) {
        List<String> cells = new ArrayList<>();
        for (KeyValue key : row.key()) {
            cells.add((cells.isEmpty() ? "  " : "") + fit(Figures.key(key)));
        }
        for (ChangedValue value : row.values()) {
            cells.add(
                    value.changed() && !value.hidden()
                            ? fit(Figures.before(value)) + " -> " + fit(Figures.after(value))
                            : fit(Figures.only(value, kind)) + (value.changed() ? " changes" : ""));
        }
        return cells;
    }

    private static String fit(String text) {
        return Text.fit(text, MOST_LETTERS);
    }
}
