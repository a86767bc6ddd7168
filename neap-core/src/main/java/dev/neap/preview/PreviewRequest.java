package dev.neap.preview;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a person wants to see.
 *
 * @param unit a partition's name, written as in SQL, with or without its schema; null for the first unit that has rows
 * @param sampleRows the most rows that are looked at, 1 to {@link #MOST_ROWS}; without meaning where `full`
 * @param full whether every row is looked at
 * @param hidden columns whose values are not even read: of them only counts are shown; {@link #EVERY_COLUMN} hides all
 */
public record PreviewRequest(@Nullable String unit, int sampleRows, boolean full, Set<String> hidden) {
    /** How many rows are looked at where nobody says: at most about as many pages are read. */
    public static final int DEFAULT_ROWS = 10_000;

    /** More rows than these are looked at only with `full`. */
    public static final int MOST_ROWS = 1_000_000;

    /** Stands for every column in {@link #hidden}. */
    public static final String EVERY_COLUMN = "*";

    public PreviewRequest {
        if (sampleRows < 1 || sampleRows > MOST_ROWS) {
            throw new IllegalArgumentException("a sample has 1 to " + MOST_ROWS + " rows");
        }
        hidden = Set.copyOf(hidden);
    }

    /** A bounded sample of the first unit that has rows, nothing hidden. */
    public static PreviewRequest bounded() {
        return new PreviewRequest(null, DEFAULT_ROWS, false, Set.of());
    }

    /** Whether this column's values stay in the database. */
    public boolean hides(String column) {
        return hidden.contains(EVERY_COLUMN) || hidden.contains(column);
    }
}
