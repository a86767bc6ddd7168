package dev.neap.postgres.planning;

import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A table that is partitioned: the one that the file names, or a partition of it that is partitioned again.
 *
 * @param oid its identity
 * @param strategy `range`, `list` or `hash`
 * @param keys what it is partitioned by, in order
 */
record Branch(long oid, String strategy, List<Key> keys) {
    /**
     * A column or an expression of a partition key.
     *
     * @param sql for people
     * @param type its SQL type
     * @param collation the key's collation, quoted; null when it has none
     */
    record Key(String sql, String type, @Nullable String collation) {
        /** An SQL value cast to the key's type, and compared as the key compares. */
        String cast(String value) {
            return "(" + value + ")::" + type + (collation == null ? "" : " COLLATE " + collation);
        }
    }

    boolean isHash() {
        return strategy.equals("hash");
    }

    /** Alike in all that decides how bounds compare. */
    String likeness() {
        return strategy
                + keys.stream()
                        .map(key -> " " + key.type() + " " + key.collation())
                        .collect(Collectors.joining());
    }
}
