package dev.neap.preview;

import dev.neap.backfill.TableName;
import dev.neap.preflight.Finding;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the recompute would do to one unit, compared with its live rows, all in one snapshot. A value has changed where it
 * reads differently as text, even where it compares as equal: 0 and -0, 1.5 and 1.50.
 *
 * @param backfill the backfill's name
 * @param table the partitioned table
 * @param unit the partition
 * @param bound its bound, as in the plan
 * @param scope how much of it was looked at
 * @param rows what becomes of the rows
 * @param alreadyRight rows for which the file's `already_right` is true; null where it has none
 * @param columns the columns that are set, in the file's order, then generated columns that change with them; where rows
 *     come from other tables, all that are neither generated nor of the key, and those of these that change
 * @param samples some rows of each kind of change that was seen
 * @param hidden columns whose values were not read, in the order of the table
 * @param refusals the plan's findings that would refuse a run
 * @param took how long it took
 */
public record Preview(
        String backfill,
        TableName table,
        TableName unit,
        String bound,
        Scope scope,
        Rows rows,
        @Nullable Share alreadyRight,
        List<ColumnChange> columns,
        List<Samples> samples,
        List<String> hidden,
        List<Finding> refusals,
        Duration took) {
    public Preview {
        columns = List.copyOf(columns);
        samples = List.copyOf(samples);
        hidden = List.copyOf(hidden);
        refusals = List.copyOf(refusals);
    }

    /**
     * What becomes of the rows. A recompute row by row neither adds nor takes away any.
     *
     * @param changed rows of which a column changes
     * @param unchanged rows that stay as they are
     * @param added rows that come in; of as many rows as there are before
     * @param gone rows that go
     */
    public record Rows(Share changed, Share unchanged, Share added, Share gone) {}

    /** A kind of change that sample rows are shown of. A row may be of several kinds. */
    public enum Kind {
        /** Some column changes. */
        CHANGED,
        /** Some column has a value, and would be null. */
        BECOMES_NULL,
        /** Some column is null, and would have a value. */
        NO_LONGER_NULL,
        /** A row that comes in. */
        ADDED,
        /** A row that goes. */
        GONE
    }

    /**
     * Random rows of one kind.
     *
     * @param rows how many rows of this kind there are among those looked at, at least 1
     * @param shown at most ten of them
     */
    public record Samples(Kind kind, long rows, List<SampleRow> shown) {
        public Samples {
            shown = List.copyOf(shown);
        }
    }

    /**
     * One row.
     *
     * @param key its primary key; without one, `ctid`, where it lies
     * @param values the columns of {@link Preview#columns}, in their order
     */
    public record SampleRow(List<KeyValue> key, List<ChangedValue> values) {
        public SampleRow {
            key = List.copyOf(key);
            values = List.copyOf(values);
        }
    }

    /** A column of a key: its value as text; null where it is hidden. */
    public record KeyValue(String column, @Nullable String value) {}

    /**
     * A value before and after.
     *
     * @param before as text, cut off after {@link #MOST_LETTERS} letters; null for null, for a row that was not there, and
     *     where it is hidden
     * @param after the same
     */
    public record ChangedValue(
            String column,
            @Nullable String before,
            @Nullable String after,
            boolean changed,
            boolean hidden) {
        /** A longer text is cut off here, and ends with three dots. */
        public static final int MOST_LETTERS = 200;
    }
}
