package dev.neap.postgres.rehearse;

import dev.neap.backfill.TableName;
import dev.neap.dialect.NeapException;
import dev.neap.postgres.planning.PlainSql;
import dev.neap.postgres.query.Names;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Fetches the rows that copied rows reference, and those that these reference, until none is missing. */
final class References {
    private static final int AT_ONCE = 500;
    private static final int MOST_ROUNDS = 1_000;

    private final Connection target;
    private final RowCopy copy;
    private final List<Constraints.ForeignKey> keys;
    private final int mostRows;

    References(Connection target, RowCopy copy, List<Constraints.ForeignKey> keys, int mostRows) {
        this.target = target;
        this.copy = copy;
        this.keys = keys;
        this.mostRows = mostRows;
    }

    /**
     * Fills the other tables.
     *
     * @return rows by table
     * @throws NeapException STOP past the bound
     */
    Map<TableName, Long> fill(CopiedTable root, Map<Long, CopiedTable> others) throws SQLException {
        Map<TableName, Long> rows = new LinkedHashMap<>();
        long all = 0;
        boolean more = true;
        for (int round = 0; more; round++) {
            more = false;
            for (Constraints.ForeignKey key : keys) {
                CopiedTable table = others.getOrDefault(key.table(), root);
                CopiedTable referenced = others.get(key.referenced());
                if (referenced != null) {
                    long fetched = fetch(Names.quote(table.name()), referenced, key);
                    rows.merge(referenced.name(), fetched, Long::sum);
                    all += fetched;
                    more |= fetched > 0;
                }
            }
            requireFew(round > MOST_ROUNDS ? Long.MAX_VALUE : all);
        }
        return rows;
    }

    private void requireFew(long fetched) {
        if (fetched > mostRows) {
            throw new NeapException(
                    NeapException.Kind.STOP,
                    "the copied rows reference more than %,d others; copy fewer with --rows".formatted(mostRows));
        }
    }

    /**
     * Fetches what the rows of a query reference by the keys of a table.
     *
     * @return rows by table
     * @throws NeapException STOP past the bound
     */
    Map<TableName, Long> fillFor(String query, CopiedTable root, Map<Long, CopiedTable> others) throws SQLException {
        Map<TableName, Long> rows = new LinkedHashMap<>();
        for (Constraints.ForeignKey key : keys) {
            CopiedTable referenced = others.get(key.referenced());
            if (key.table() == root.oid() && referenced != null) {
                long fetched = 0;
                long more = -1;
                while (more != 0) {
                    more = fetch("(" + query + "\n)", referenced, key);
                    fetched += more;
                    requireFew(fetched);
                }
                rows.merge(referenced.name(), fetched, Long::sum);
            }
        }
        return rows;
    }

    private long fetch(String from, CopiedTable referenced, Constraints.ForeignKey key) throws SQLException {
        int width = key.columns().size();
        String values =
                key.columns().stream().map(each -> "t." + Names.quote(each)).collect(Collectors.joining(", "));
        String there = IntStream.range(0, width)
                .mapToObj(i -> "r." + Names.quote(key.referencedColumns().get(i)) + " = t."
                        + Names.quote(key.columns().get(i)))
                .collect(Collectors.joining(" AND "));
        String asked = key.columns().stream()
                .map(each -> "t." + Names.quote(each) + " IS NOT NULL")
                .collect(Collectors.joining(" AND "));
        List<List<String>> missing = PlainSql.list(
                target,
                "SELECT DISTINCT " + values + " FROM " + from + " AS t WHERE " + asked
                        + " AND NOT EXISTS (SELECT FROM " + Names.quote(referenced.name()) + " AS r WHERE " + there
                        + ") LIMIT " + AT_ONCE,
                row -> {
                    List<String> value = new ArrayList<>();
                    for (int i = 1; i <= width; i++) {
                        value.add(row.getString(i));
                    }
                    return value;
                });
        if (missing.isEmpty()) {
            return 0;
        }
        String wanted = missing.stream()
                .map(value -> IntStream.range(0, width)
                        .mapToObj(i ->
                                Names.literal(value.get(i)) + "::" + key.types().get(i))
                        .collect(Collectors.joining(", ", "(", ")")))
                .collect(Collectors.joining(", "));
        return copy.where(referenced, "(" + Names.list(key.referencedColumns()) + ") IN (" + wanted + ")");
    }
}
