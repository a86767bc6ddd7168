package dev.neap.postgres.fill;

import dev.neap.postgres.query.Query;
import dev.neap.preflight.Finding;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * The key of the walked table is compared with that of the target, by the last look first of all: hours after the plan. The
 * server refuses to compare two columns that name different collations. (One that names none goes by the other's.)
 */
final class CollationsCheck implements FillCheck {
    private static final String COLLATION = """
            SELECT format('%I.%I', n.nspname, c.collname) FROM pg_attribute a
            JOIN pg_collation c ON c.oid = a.attcollation AND c.collprovider <> 'd'
            JOIN pg_namespace n ON n.oid = c.collnamespace
            WHERE a.attrelid = ?::oid AND a.attname = ?
            """;

    @Override
    public List<Finding> look(FillSubject subject) throws SQLException {
        FillTables tables = subject.tables();
        List<Finding> findings = new ArrayList<>();
        for (int i = 0; i < tables.carried().size(); i++) {
            String column = tables.key().get(i).name();
            String carried = tables.carried().get(i);
            List<String> walked = collation(subject, tables.from().oid(), column);
            List<String> target = collation(subject, tables.into().oid(), carried);
            if (!walked.isEmpty() && !target.isEmpty() && !walked.equals(target)) {
                findings.add(Finding.error(
                        "collations",
                        "%s of %s has the collation %s, and %s of %s has %s"
                                .formatted(
                                        column,
                                        tables.from().name(),
                                        walked.get(0),
                                        carried,
                                        tables.into().name(),
                                        target.get(0)),
                        "rows are looked for by their key, and the server compares no columns of two collations",
                        "ALTER TABLE %s ALTER COLUMN %s TYPE … COLLATE %s, or fill by another key"
                                .formatted(tables.into().name(), carried, walked.get(0))));
            }
        }
        return findings;
    }

    private static List<String> collation(FillSubject subject, long table, String column) throws SQLException {
        return Query.of(subject.connection(), COLLATION, table, column).texts();
    }
}
