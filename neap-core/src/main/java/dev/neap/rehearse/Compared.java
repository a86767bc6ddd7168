package dev.neap.rehearse;

import java.util.Map;
import java.util.TreeMap;

/**
 * The rebuilt table beside what it should hold.
 *
 * @param rows rows that should be there, all compared
 * @param missing of which are not there
 * @param extra rows that are there and should not be
 * @param differing rows with another value in at least one column
 * @param columns for each column that differs, in how many rows
 */
public record Compared(long rows, long missing, long extra, long differing, Map<String, Long> columns) {
    public Compared {
        columns = new TreeMap<>(columns);
    }

    public boolean same() {
        return missing == 0 && extra == 0 && differing == 0;
    }
}
