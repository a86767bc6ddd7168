package dev.neap.postgres.fill;

import dev.neap.backfill.TableName;
import dev.neap.postgres.preflight.Few;
import dev.neap.postgres.query.Query;
import dev.neap.preflight.Finding;
import java.sql.SQLException;
import java.util.List;

/** Of a row as it was a trigger is not told what its virtual generated columns yielded; they are null there. */
final class VirtualColumnsCheck implements FillCheck {
    private static final String VIRTUAL = """
            SELECT attname FROM pg_catalog.pg_attribute
            WHERE attrelid = ?::oid AND attnum > 0 AND NOT attisdropped AND attgenerated = 'v' ORDER BY attnum
            """;

    @Override
    public List<Finding> look(FillSubject subject) throws SQLException {
        if (!subject.fill().byTrigger() || subject.fill().where() == null) {
            return List.of();
        }
        TableName from = subject.tables().from().name();
        List<String> virtual = Query.of(
                        subject.connection(), VIRTUAL, subject.tables().from().oid())
                .texts();
        if (virtual.isEmpty()) {
            return List.of();
        }
        return List.of(Finding.error(
                "virtual-columns",
                "fill.where: " + from + " has virtual generated columns, " + Few.of(virtual)
                        + ", which a trigger does not see in a row as it was",
                "the trigger of dual_write: trigger could not tell whether such a row was meant, and would leave it in "
                        + subject.fill().into(),
                "let the generated columns be STORED, leave out where, or let the application write both places"));
    }
}
