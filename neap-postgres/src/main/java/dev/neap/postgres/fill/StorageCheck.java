package dev.neap.postgres.fill;

import dev.neap.postgres.planning.LiveTable;
import dev.neap.postgres.preflight.Few;
import dev.neap.postgres.query.Query;
import dev.neap.preflight.Finding;
import java.sql.SQLException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Tables that an extension keeps in its own way. */
final class StorageCheck implements FillCheck {
    private static final String METHODS = """
            SELECT format('%s (%s)', c.oid::regclass, m.amname)
            FROM pg_catalog.pg_class c JOIN pg_catalog.pg_am m ON m.oid = c.relam
            WHERE m.amname <> 'heap' AND c.relkind = 'r'
              AND c.oid IN (SELECT relid FROM pg_partition_tree(?::oid::regclass) UNION SELECT ?::oid) ORDER BY 1
            """;

    @Override
    public List<Finding> look(FillSubject subject) throws SQLException {
        Set<String> other = new LinkedHashSet<>();
        for (LiveTable table : List.of(subject.tables().from(), subject.tables().into())) {
            other.addAll(Query.of(subject.connection(), METHODS, table.oid(), table.oid())
                    .texts());
        }
        return other.isEmpty()
                ? List.of()
                : List.of(Finding.error(
                        "storage",
                        "tables are not stored as heap: " + Few.of(List.copyOf(other)),
                        "which row is the fill's own is known by the transaction that wrote it, as heap stores it",
                        "ALTER TABLE … SET ACCESS METHOD heap, or fill by other means"));
    }
}
