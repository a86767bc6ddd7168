package dev.neap.postgres.preview;

import dev.neap.backfill.Rebuild;
import dev.neap.postgres.planning.LiveTable;
import dev.neap.postgres.planning.Recompute;
import dev.neap.postgres.query.Names;
import dev.neap.preview.Bars;
import dev.neap.preview.Preview;
import dev.neap.preview.Preview.ChangedValue;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The statements that compare rows before and after. Each reads its rows once. Values are compared as they read, so that
 * every type can be compared, one without an equality too.
 */
final class CompareSql {
    /** How many rows of a kind are shown. */
    static final int SHOWN = 10;

    private final LiveTable partition;
    private final Rebuild rebuild;
    private final Measured measured;
    private final @Nullable SourcePairs pairs;
    /** Begins every name that is not one of the table's: no column begins with it. */
    private final String own;

    /**
     * @param pairs live and new rows, where the new ones come from other tables; null where they come from the live ones
     */
    CompareSql(LiveTable partition, Rebuild rebuild, Measured measured, @Nullable SourcePairs pairs) {
        this.partition = partition;
        this.rebuild = rebuild;
        this.measured = measured;
        this.pairs = pairs;
        this.own = free(partition.columns());
    }

    private static String free(List<LiveTable.Column> columns) {
        String prefix = "neap_";
        while (starts(columns, prefix)) {
            prefix += "_";
        }
        return prefix;
    }

    private static boolean starts(List<LiveTable.Column> columns, String prefix) {
        return columns.stream().anyMatch(column -> column.name().startsWith(prefix));
    }

    /** The live row, and its columns as they would be: expressions see the row as it was. */
    private String recomputed(RowSource rows) {
        if (pairs != null) {
            return pairs.recomputed(own, measured);
        }
        Recompute recompute = new Recompute(partition, rebuild);
        List<String> all = new ArrayList<>();
        all.add("live.ctid AS " + own + "place");
        all.add(right() + " AS " + own + "right");
        all.add("false AS " + own + "added");
        all.add("false AS " + own + "gone");
        each((column, i) -> all.add("live." + Names.quote(column.name()) + " AS " + own + "b" + i));
        for (int i = 0; i < measured.key().size(); i++) {
            all.add("live." + Names.quote(measured.key().get(i)) + " AS " + own + "k" + i);
        }
        for (LiveTable.Column column : partition.columns()) {
            boolean set = rebuild.set().containsKey(column.name());
            String name = Names.quote(column.name());
            all.add((set ? column.assigned(recompute.value(column.name())) : "live." + name) + " AS " + name);
        }
        // OFFSET 0, here and below, keeps the planner from pasting an expression wherever its value is used.
        return "SELECT " + String.join(", ", all) + "\nFROM ONLY " + Names.quote(partition.name()) + " AS live"
                + (rows.where().isEmpty() ? "" : "\nWHERE " + rows.where()) + " OFFSET 0";
    }

    private String right() {
        return rebuild.alreadyRight() == null ? "false" : "((" + rebuild.alreadyRight() + "\n) IS TRUE)";
    }

    /** With generated columns as they follow. */
    private String regenerated(RowSource rows) {
        List<String> all = new ArrayList<>(List.of(own + "place", own + "right", own + "added", own + "gone"));
        each((column, i) -> {
            all.add(own + "b" + i);
            String generation = column.column().generation();
            String after = generation == null
                    ? "live." + Names.quote(column.name())
                    // Of a row that goes, nothing is generated.
                    : "CASE WHEN NOT " + own + "gone THEN " + column.column().assigned("(" + generation + ")") + " END";
            all.add(after + " AS " + own + "a" + i);
        });
        IntStream.range(0, measured.key().size()).forEach(i -> all.add(own + "k" + i));
        return "SELECT " + String.join(", ", all) + "\nFROM (" + recomputed(rows) + ") AS live OFFSET 0";
    }

    /** With what changes, and the numbers that can be reckoned with. */
    private String compared(RowSource rows) {
        List<String> all = new ArrayList<>();
        all.add("*");
        each((column, i) -> {
            // Bytes first, which is cheap; then as it is read, since a NaN has many bytes that all read alike. "C",
            // since
            // another collation may call equal what reads differently.
            all.add("(" + paired() + " AND ROW(" + own + "b" + i + ")::record *<> ROW(" + own + "a" + i
                    + ")::record AND " + own + "b" + i + "::text COLLATE \"C\" IS DISTINCT FROM " + own + "a" + i
                    + "::text COLLATE \"C\") AS "
                    + own + "c" + i);
            if (column.numeric()) {
                all.add(finite(own + "b" + i) + " AS " + own + "x" + i);
                all.add(finite(own + "a" + i) + " AS " + own + "y" + i);
            }
        });
        return "SELECT " + String.join(", ", all) + "\nFROM (" + regenerated(rows) + ") AS pair OFFSET 0";
    }

    /** Whether the row is there before and after. */
    private String paired() {
        return "NOT " + own + "added AND NOT " + own + "gone";
    }

    private static String finite(String value) {
        return "CASE WHEN " + value + "::numeric NOT IN ('NaN', 'Infinity', '-Infinity') THEN " + value
                + "::numeric END";
    }

    /** The difference of a column's numbers where it changes; null elsewhere. */
    private String difference(int column) {
        return "CASE WHEN " + own + "c" + column + " THEN " + own + "y" + column + " - " + own + "x" + column + " END";
    }

    /**
     * One row: live rows, rows changed, rows already right, rows in which some value becomes null, in which some null
     * becomes a value, rows that are new, rows that go. Then for each column: changed, nulls appear, nulls disappear, and where it is numeric: sum before, sum after,
     * not measured, differences, their min, max and mean, and percentiles 5, 50 and 95 as an array.
     */
    String totals(RowSource rows) {
        List<String> all = new ArrayList<>();
        all.add(count("NOT " + own + "added"));
        all.add(count(condition(Preview.Kind.CHANGED)));
        all.add(count(own + "right"));
        all.add(count(condition(Preview.Kind.BECOMES_NULL)));
        all.add(count(condition(Preview.Kind.NO_LONGER_NULL)));
        all.add(count(condition(Preview.Kind.ADDED)));
        all.add(count(condition(Preview.Kind.GONE)));
        each((column, i) -> {
            all.add(count(own + "c" + i));
            all.add(count(becomesNull(i)));
            all.add(count(noLongerNull(i)));
            if (column.numeric()) {
                all.add("coalesce(sum(" + own + "x" + i + "), 0)");
                all.add("coalesce(sum(" + own + "y" + i + "), 0)");
                all.add(count(own + "c" + i + " AND " + value("b" + i) + " AND " + value("a" + i) + " AND " + own + "y"
                        + i + " - " + own + "x" + i + " IS NULL"));
                String difference = difference(i);
                all.add("count(" + difference + ")");
                all.add("min(" + difference + ")");
                all.add("max(" + difference + ")");
                all.add("avg(" + difference + ")");
                all.add("percentile_disc(ARRAY[0.05, 0.5, 0.95]) WITHIN GROUP (ORDER BY " + difference + ")");
            }
        });
        return "SELECT " + String.join(",\n       ", all) + "\nFROM (" + compared(rows) + ") AS compared";
    }

    private static String count(String condition) {
        return "count(*) FILTER (WHERE " + condition + ")";
    }

    /**
     * For each column with bars, and each bar that is not empty: the column's place, the bar's number, and how many
     * differences lie in it. Bar 0 is all below the first, and the one after the last is all above.
     */
    String histograms(RowSource rows, Map<Integer, Bars> bars) {
        List<Integer> columns = List.copyOf(bars.keySet());
        List<String> buckets = new ArrayList<>();
        StringBuilder which = new StringBuilder("CASE");
        for (Map.Entry<Integer, Bars> entry : bars.entrySet()) {
            int column = entry.getKey();
            Bars of = entry.getValue();
            buckets.add("width_bucket(" + difference(column) + ", " + of.from().toPlainString() + ", "
                    + of.to().toPlainString() + ", " + of.count() + ") AS h" + column);
            which.append(" WHEN grouping(h")
                    .append(column)
                    .append(") = 0 THEN ")
                    .append(column);
        }
        String names = columns.stream().map(i -> "h" + i).collect(Collectors.joining(", "));
        String sets = columns.stream().map(i -> "(h" + i + ")").collect(Collectors.joining(", "));
        return "SELECT * FROM (SELECT " + which + " END AS which, coalesce(" + names
                + ") AS bar, count(*) AS rows\nFROM (SELECT "
                + String.join(", ", buckets) + "\nFROM (" + compared(rows)
                + ") AS compared OFFSET 0) AS bucketed GROUP BY GROUPING SETS (" + sets
                + ")) AS counted WHERE bar IS NOT NULL";
    }

    /** Random rows of a kind: the key, then for each column what it was, what it would be, and whether it changes. */
    String shown(RowSource rows, Preview.Kind kind) {
        List<String> all = new ArrayList<>();
        if (measured.key().isEmpty()) {
            all.add(own + "place::text");
        }
        for (int i = 0; i < measured.key().size(); i++) {
            all.add(measured.keyHidden().get(i) ? "NULL" : text("k" + i));
        }
        each((column, i) -> {
            all.add(column.hidden() ? "NULL" : text("b" + i));
            all.add(column.hidden() ? "NULL" : text("a" + i));
            all.add(own + "c" + i);
        });
        return "SELECT " + String.join(", ", all) + "\nFROM (" + compared(rows) + ") AS compared\nWHERE "
                + condition(kind) + "\nORDER BY " + random(kind) + " LIMIT " + SHOWN;
    }

    /** A new row lies nowhere yet. */
    private String random(Preview.Kind kind) {
        if (kind != Preview.Kind.ADDED) {
            return RowSource.random(own + "place");
        }
        String key = IntStream.range(0, measured.key().size())
                .mapToObj(i -> own + "k" + i)
                .collect(Collectors.joining(", ", "ROW(", ")::text"));
        return RowSource.randomText(key);
    }

    private String text(String value) {
        String text = own + value + "::text";
        return "CASE WHEN length(" + text + ") > " + ChangedValue.MOST_LETTERS + " THEN left(" + text + ", "
                + (ChangedValue.MOST_LETTERS - 3) + ") || '...' ELSE " + text + " END";
    }

    private String condition(Preview.Kind kind) {
        if (kind == Preview.Kind.ADDED || kind == Preview.Kind.GONE) {
            return own + (kind == Preview.Kind.ADDED ? "added" : "gone");
        }
        return IntStream.range(0, measured.columns().size())
                .mapToObj(i -> switch (kind) {
                    case CHANGED -> own + "c" + i;
                    case BECOMES_NULL -> becomesNull(i);
                    case NO_LONGER_NULL -> noLongerNull(i);
                    case ADDED, GONE -> throw new IllegalStateException("told above");
                })
                .collect(Collectors.joining(" OR ", "(", ")"));
    }

    private String becomesNull(int column) {
        return "(" + paired() + " AND " + value("b" + column) + " AND NOT " + value("a" + column) + ")";
    }

    private String noLongerNull(int column) {
        return "(" + paired() + " AND " + value("a" + column) + " AND NOT " + value("b" + column) + ")";
    }

    /** Whether there is a value; IS NOT NULL would ask a composite value for its fields. */
    private String value(String name) {
        return "(" + own + name + " IS DISTINCT FROM NULL)";
    }

    private interface OfColumn {
        void add(Measured.Column column, int place);
    }

    private void each(OfColumn what) {
        for (int i = 0; i < measured.columns().size(); i++) {
            what.add(measured.columns().get(i), i);
        }
    }
}
