package dev.neap.verify;

import dev.neap.dialect.Difference;
import java.util.List;

/**
 * A row that differs.
 *
 * @param kind in which way
 * @param key the row's key in the walked table, as text
 * @param columns the columns that differ, where both sides have the row; else empty. Their values stay in the database
 * @param cause what the server says against the row, where it cannot be computed, or could not be mended; else empty
 * @param mended whether it is right now
 */
public record Mismatch(Difference.Kind kind, List<String> key, List<String> columns, String cause, boolean mended) {
    public Mismatch {
        key = List.copyOf(key);
        columns = List.copyOf(columns);
    }

    static Mismatch of(Difference difference) {
        return new Mismatch(difference.kind(), difference.key(), difference.columns(), difference.cause(), false);
    }

    static Mismatch mended(Difference difference) {
        return new Mismatch(difference.kind(), difference.key(), difference.columns(), difference.cause(), true);
    }
}
