package dev.neap.postgres.fill;

import dev.neap.postgres.query.Names;
import dev.neap.postgres.query.Query;
import dev.neap.preflight.Finding;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.List;

/** What was written is found again by the key that it came from. */
final class KeyIndexCheck implements FillCheck {
    @Override
    public List<Finding> look(FillSubject subject) throws SQLException {
        FillTables tables = subject.tables();
        int columns = tables.carried().size();
        boolean indexed = columns == 0
                || indexes(subject).stream()
                        .anyMatch(index -> index.size() >= columns
                                && new HashSet<>(index.subList(0, columns)).equals(new HashSet<>(tables.carried())));
        if (indexed) {
            return List.of();
        }
        return List.of(Finding.error(
                "key-index",
                "no index of " + tables.into().name() + " begins with " + String.join(", ", tables.carried()),
                "rows that the application changes meanwhile are found again by it; without one each look reads the"
                        + " whole table",
                "CREATE INDEX CONCURRENTLY ON " + tables.into().name().sql() + " (" + Names.list(tables.carried())
                        + ")"));
    }

    /** The columns of each index that is in order, and so finds a row by the first of them; an expression has no name. */
    private static List<List<String>> indexes(FillSubject subject) throws SQLException {
        return Query.of(subject.connection(), """
                        SELECT array_agg(coalesce(a.attname::text, '') ORDER BY k.place) FROM pg_index x
                        JOIN pg_class i ON i.oid = x.indexrelid
                        JOIN pg_am m ON m.oid = i.relam AND m.amname = 'btree'
                        CROSS JOIN LATERAL unnest(x.indkey::smallint[]) WITH ORDINALITY AS k(attnum, place)
                        LEFT JOIN pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = k.attnum
                        WHERE x.indrelid = ?::oid AND x.indisvalid AND x.indpred IS NULL AND k.place <= x.indnkeyatts
                        GROUP BY x.indexrelid
                        """, subject.tables().into().oid())
                .list(r -> List.of((String[]) r.getArray(1).getArray()));
    }
}
