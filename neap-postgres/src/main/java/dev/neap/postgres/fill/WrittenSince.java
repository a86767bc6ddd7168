package dev.neap.postgres.fill;

import dev.neap.postgres.query.Names;
import dev.neap.postgres.shadow.KeyColumn;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Rows that somebody has written since a swap, which triggers have recorded by their keys. A record commits with what it
 * records, so a statement sees both or none.
 *
 * @param changes the table of the records, as SQL
 * @param key by which a row is known, in the order of the record's columns
 */
record WrittenSince(String changes, List<KeyColumn> key) {
    private static final String CHANGE = "neap_change";

    /** The condition that no record has the key of a row. */
    String not(UnaryOperator<String> column) {
        return "NOT EXISTS (SELECT FROM " + changes + " AS " + CHANGE + " WHERE "
                + IntStream.range(0, key.size())
                        .mapToObj(i -> key.get(i)
                                .same(
                                        CHANGE + "." + FillSql.K + i,
                                        column.apply(key.get(i).name())))
                        .collect(Collectors.joining(" AND "))
                + ")";
    }

    /**
     * How many keys were recorded.
     *
     * @param within a condition on a recorded key, given as a row
     */
    String number(UnaryOperator<String> within) {
        String columns = IntStream.range(0, key.size())
                .mapToObj(i -> CHANGE + "." + Names.quote(FillSql.K + i))
                .collect(Collectors.joining(", "));
        return "(SELECT count(*) FROM (SELECT DISTINCT " + columns + " FROM " + changes + " AS " + CHANGE + " WHERE "
                + within.apply("(" + columns + ")") + ") AS written)";
    }
}
