package dev.neap.testkit.fill;

import java.util.List;

/**
 * The key of a row.
 *
 * @param ordinal its number in the history: which writer owns it
 * @param parts each column's value as the server shows it as text
 */
record Key(long ordinal, List<String> parts) {
    Key {
        parts = List.copyOf(parts);
    }

    @Override
    public String toString() {
        return String.join("/", parts);
    }
}
