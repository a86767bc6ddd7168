package dev.neap.preview;

import org.jspecify.annotations.Nullable;

/**
 * What becomes of one column.
 *
 * @param column its name
 * @param type its SQL type
 * @param generated whether PostgreSQL or its like computes it from the others, so that it changes with them
 * @param changed rows in which it changes
 * @param nullsAppear rows in which it has a value, and would be null
 * @param nullsDisappear rows in which it is null, and would have a value
 * @param numbers the distribution of the change; null for a column that holds no numbers, or is hidden
 */
public record ColumnChange(
        String column,
        String type,
        boolean generated,
        Share changed,
        Share nullsAppear,
        Share nullsDisappear,
        @Nullable NumberChange numbers) {}
