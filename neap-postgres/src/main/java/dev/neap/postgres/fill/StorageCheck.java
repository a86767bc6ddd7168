package dev.neap.postgres.fill;

import dev.neap.postgres.planning.LiveTable;
import dev.neap.postgres.preflight.Few;
import dev.neap.postgres.query.Query;
import dev.neap.preflight.Finding;
import java.sql.SQLException;
import java.util.ArrayList;
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

    /** These spread one table over others, or over other servers. */
    private static final String EXTENSIONS = """
            SELECT extname || ' ' || extversion FROM pg_catalog.pg_extension WHERE extname IN ('citus', 'timescaledb')
            ORDER BY 1
            """;

    @Override
    public List<Finding> look(FillSubject subject) throws SQLException {
        Set<String> other = new LinkedHashSet<>();
        for (LiveTable table : List.of(subject.tables().from(), subject.tables().into())) {
            other.addAll(Query.of(subject.connection(), METHODS, table.oid(), table.oid())
                    .texts());
        }
        List<Finding> findings = new ArrayList<>();
        if (!other.isEmpty()) {
            findings.add(Finding.error(
                    "storage",
                    "tables are not stored as heap: " + Few.of(List.copyOf(other)),
                    "which row is the fill's own is known by the transaction that wrote it, as heap stores it",
                    "ALTER TABLE … SET ACCESS METHOD heap, or fill by other means"));
        }
        findings.addAll(verdict(Query.of(subject.connection(), EXTENSIONS).texts()));
        return findings;
    }

    static List<Finding> verdict(List<String> extensions) {
        return extensions.isEmpty()
                ? List.of()
                : List.of(Finding.warning(
                        "extensions",
                        "extensions that spread tables are installed: " + Few.of(extensions),
                        "locks, triggers and row versions of a table that they keep are not those of an ordinary one;"
                                + " no test of Neap's has tried them",
                        "make sure that neither table of the fill is a hypertable or distributed"));
    }
}
