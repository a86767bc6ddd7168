package dev.neap.transform;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A row that a transform makes: a value, or null, for each column that its schema writes. Not for several threads. */
public final class NewRow {
    private String[] names = new String[4];
    private @Nullable Object[] values = new Object[4];
    private int size;

    private NewRow() {}

    /** A row with one column set; {@link #with} sets more. */
    public static NewRow of(String column, @Nullable Object value) {
        return new NewRow().with(column, value);
    }

    /**
     * Sets another column; returns this row.
     *
     * @param value of the class of the column's type, or null
     */
    public NewRow with(String column, @Nullable Object value) {
        if (size == names.length) {
            names = Arrays.copyOf(names, size * 2);
            values = Arrays.copyOf(values, size * 2);
        }
        names[size] = column;
        values[size] = value;
        size++;
        return this;
    }

    /**
     * Its values, in the order of these columns.
     *
     * @throws IllegalArgumentException when one is missing, given twice, of another type, no whole text, or not among them
     */
    public @Nullable Object[] values(List<Schema.Column> columns) {
        @Nullable Object[] ordered = new Object[columns.size()];
        for (int c = 0; c < ordered.length; c++) {
            Schema.Column column = columns.get(c);
            int at = only(column.name());
            if (at < 0) {
                throw new IllegalArgumentException("the new row has no value for " + column.name()
                        + ", which the schema writes; set it, to null if it must be");
            }
            Object value = values[at];
            if (value != null && !column.type().java().isInstance(value)) {
                throw new IllegalArgumentException("the new row has "
                        + value.getClass().getSimpleName() + " for " + column.name() + ", which is "
                        + column.type() + ": " + column.type().java().getSimpleName());
            }
            if (value instanceof String text && !isWhole(text)) {
                throw new IllegalArgumentException("the new row has half of a character for " + column.name()
                        + ": a text was cut between the two parts of one such as an emoji");
            }
            ordered[c] = value;
        }
        if (size > ordered.length) {
            throw new IllegalArgumentException(
                    "the new row has " + Arrays.toString(Arrays.copyOf(names, size)) + ", and the schema writes "
                            + columns.stream().map(Schema.Column::name).toList());
        }
        return ordered;
    }

    /** What a cut has left of a pair would be written as a question mark. */
    private static boolean isWhole(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (Character.isSurrogate(text.charAt(i))) {
                if (i + 1 == text.length() || !Character.isSurrogatePair(text.charAt(i), text.charAt(i + 1))) {
                    return false;
                }
                i++;
            }
        }
        return true;
    }

    private int only(String column) {
        int found = -1;
        for (int i = 0; i < size; i++) {
            if (names[i].equals(column)) {
                if (found >= 0) {
                    throw new IllegalArgumentException("the new row has two values for " + column);
                }
                found = i;
            }
        }
        return found;
    }
}
