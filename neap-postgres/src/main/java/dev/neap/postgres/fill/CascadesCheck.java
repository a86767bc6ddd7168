package dev.neap.postgres.fill;

import dev.neap.postgres.planning.LiveTable;
import dev.neap.postgres.preflight.Few;
import dev.neap.postgres.query.Query;
import dev.neap.preflight.Finding;
import java.sql.SQLException;
import java.util.List;

/** A row that the application deleted from the one table goes from the other too, and takes with it what cascades. */
final class CascadesCheck implements FillCheck {
    private static final String CASCADING = """
            SELECT format('%I on %s (ON DELETE %s)', c.conname, c.conrelid::regclass,
                          CASE c.confdeltype WHEN 'c' THEN 'CASCADE' WHEN 'n' THEN 'SET NULL' ELSE 'SET DEFAULT' END)
            FROM pg_catalog.pg_constraint c
            WHERE c.contype = 'f' AND c.confrelid = ?::oid AND c.conparentid = 0 AND c.confdeltype IN ('c', 'n', 'd')
            ORDER BY c.conname
            """;

    @Override
    public List<Finding> look(FillSubject subject) throws SQLException {
        if (subject.fill().inPlace()) {
            return List.of();
        }
        LiveTable into = subject.tables().into();
        List<String> cascading =
                Query.of(subject.connection(), CASCADING, into.oid()).texts();
        return cascading.isEmpty()
                ? List.of()
                : List.of(Finding.warning(
                        "inbound-foreign-keys",
                        "deleting a row of " + into.name() + " changes others: " + Few.of(cascading),
                        "where the application deletes a row of "
                                + subject.fill().from()
                                + " that the fill had copied, Neap deletes the copy, and with it what refers to it",
                        "nothing, if these rows go with it in the application too; otherwise ALTER the foreign key to NO"
                                + " ACTION for the time of the run"));
    }
}
