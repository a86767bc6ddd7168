package dev.neap.mysql.fill;

import dev.neap.mysql.fill.LiveTable.UniqueIndex;
import dev.neap.mysql.query.Names;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** The key of the walked table as SQL: comparisons are written out, as row values are planned badly here. */
final class KeySql {
    private final UniqueIndex walk;
    private final List<LiveColumn> key;

    KeySql(UniqueIndex walk) {
        this.walk = walk;
        this.key = walk.columns();
    }

    /** Walks by the key's own index whatever the statistics say. */
    String forced() {
        return " FORCE INDEX (" + Names.quote(walk.name()) + ")";
    }

    int columns() {
        return key.size();
    }

    /** `(a > 1 OR (a = 1 AND b > 2))`, with the first column alone before it, for the range. */
    String after(String alias, List<String> values) {
        return beyond(alias, values, " > ", " > ");
    }

    String from(String alias, List<String> values) {
        return beyond(alias, values, " > ", " >= ");
    }

    String upTo(String alias, List<String> values) {
        return beyond(alias, values, " < ", " <= ");
    }

    String before(String alias, List<String> values) {
        return beyond(alias, values, " < ", " < ");
    }

    /** A part of the key. */
    String within(String alias, @Nullable List<String> after, List<String> upTo) {
        return (after == null ? "" : after(alias, after) + " AND ") + upTo(alias, upTo);
    }

    private String beyond(String alias, List<String> values, String strict, String last) {
        int end = key.size() - 1;
        String all = column(alias, end) + last + literal(end, values);
        for (int i = end - 1; i >= 0; i--) {
            all = "(" + column(alias, i) + strict + literal(i, values) + " OR (" + column(alias, i) + " = "
                    + literal(i, values) + " AND " + all + "))";
        }
        return end == 0 ? all : column(alias, 0) + strict.stripTrailing() + "= " + literal(0, values) + " AND " + all;
    }

    /** One of these keys. */
    String among(String alias, List<List<String>> keys) {
        if (key.size() == 1) {
            return column(alias, 0) + " IN ("
                    + keys.stream().map(values -> literal(0, values)).collect(Collectors.joining(", ")) + ")";
        }
        return keys.stream()
                .map(values -> each(i -> column(alias, i) + " = " + literal(i, values), " AND "))
                .collect(Collectors.joining(" OR ", "(", ")"));
    }

    /** The columns as they are. */
    String list(String alias) {
        return each(i -> column(alias, i), ", ");
    }

    /** The columns, the last row first. */
    String backwards(String alias) {
        return each(i -> column(alias, i) + " DESC", ", ");
    }

    /** The columns as text. */
    String texts(String alias) {
        return each(i -> key.get(i).text(column(alias, i)), ", ");
    }

    String column(String alias, int i) {
        return alias + "." + key.get(i).quoted();
    }

    private String literal(int i, List<String> values) {
        return key.get(i).literal(values.get(i));
    }

    /** The key of a row equals that of a recorded change. */
    String sameAsChange(String alias) {
        return each(i -> "neap_change." + FillNames.KEY_PREFIX + i + " = " + column(alias, i), " AND ");
    }

    /** The key of a recorded change as text. */
    String changeTexts() {
        return each(i -> key.get(i).text("neap_change." + FillNames.KEY_PREFIX + i), ", ");
    }

    String each(IntFunction<String> each, String joint) {
        return IntStream.range(0, key.size()).mapToObj(each).collect(Collectors.joining(joint));
    }
}
