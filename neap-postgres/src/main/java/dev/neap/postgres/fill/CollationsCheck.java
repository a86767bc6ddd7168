package dev.neap.postgres.fill;

import dev.neap.postgres.query.Query;
import dev.neap.preflight.Finding;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * The key of the walked table is compared with that of the target, by the last look first of all: hours after the plan. The
 * server refuses to compare two columns that name different collations. One that names none goes by the other's, and is
 * refused where that is not deterministic: `A` and `a` would be one key in the one table and two in the other.
 */
final class CollationsCheck implements FillCheck {
    private static final String COLLATION = """
            SELECT format('%I.%I', n.nspname, c.collname), c.collprovider = 'd', c.collisdeterministic FROM pg_attribute a
            JOIN pg_collation c ON c.oid = a.attcollation
            JOIN pg_namespace n ON n.oid = c.collnamespace
            WHERE a.attrelid = ?::oid AND a.attname = ?
            """;

    private record Collation(String name, boolean none, boolean deterministic) {
        boolean goesWith(Collation other) {
            return name.equals(other.name) || ((none || other.none) && deterministic && other.deterministic);
        }
    }

    @Override
    public List<Finding> look(FillSubject subject) throws SQLException {
        FillTables tables = subject.tables();
        List<Finding> findings = new ArrayList<>();
        for (int i = 0; i < tables.carried().size(); i++) {
            String column = tables.key().get(i).name();
            String carried = tables.carried().get(i);
            List<Collation> walked = collation(subject, tables.from().oid(), column);
            List<Collation> target = collation(subject, tables.into().oid(), carried);
            if (!walked.isEmpty() && !target.isEmpty() && !walked.get(0).goesWith(target.get(0))) {
                findings.add(Finding.error(
                        "collations",
                        "%s of %s has the collation %s, and %s of %s has %s"
                                .formatted(
                                        column,
                                        tables.from().name(),
                                        walked.get(0).name(),
                                        carried,
                                        tables.into().name(),
                                        target.get(0).name()),
                        "rows are looked for by their key; the server compares no columns that name two collations, and by one"
                                + " that is not deterministic it takes two texts for the same key",
                        "ALTER TABLE %s ALTER COLUMN %s TYPE … COLLATE %s, or fill by another key"
                                .formatted(
                                        tables.into().name(),
                                        carried,
                                        walked.get(0).name())));
            }
        }
        return findings;
    }

    private static List<Collation> collation(FillSubject subject, long table, String column) throws SQLException {
        return Query.of(subject.connection(), COLLATION, table, column)
                .list(r -> new Collation(r.getString(1), r.getBoolean(2), r.getBoolean(3)));
    }
}
