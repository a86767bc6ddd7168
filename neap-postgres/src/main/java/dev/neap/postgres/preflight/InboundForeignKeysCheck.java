package dev.neap.postgres.preflight;

import dev.neap.postgres.query.Query;
import dev.neap.preflight.Finding;
import java.sql.SQLException;
import java.util.List;

/** A partition that others reference cannot be detached; worse, it can while no row of it is referenced. */
final class InboundForeignKeysCheck implements Check {
    @Override
    public String name() {
        return "inbound-foreign-keys";
    }

    @Override
    public List<Finding> look(Subject subject) throws SQLException {
        if (subject.merges()) {
            return List.of();
        }
        List<String> keys = Query.of(subject.connection(), """
                        SELECT format('%I on %s to %s', k.conname, k.conrelid::regclass, k.confrelid::regclass)
                        FROM pg_constraint k
                        LEFT JOIN pg_constraint up ON up.oid = k.conparentid
                        WHERE k.contype = 'f' AND k.confrelid = ANY (?::oid[])
                          AND (k.conparentid = 0 OR NOT up.confrelid = ANY (?::oid[]))
                        ORDER BY 1
                        """, subject.tableAndUnits(), subject.tableAndUnits())
                .texts();
        if (keys.isEmpty()) {
            return List.of();
        }
        return List.of(Finding.error(
                name(),
                "other tables reference this one, by " + Few.of(keys),
                "DETACH PARTITION fails where a row is referenced, and succeeds where none is yet",
                "say cutover: merge, which updates the rows where they are; or drop these foreign keys for the time of the run and"
                        + " add them again after it"));
    }
}
