package dev.neap.postgres.fill;

import dev.neap.backfill.TableName;
import dev.neap.postgres.query.Query;
import dev.neap.preflight.Finding;
import java.sql.SQLException;
import java.util.List;

/** Columns of the target that would have no value, and refuse to have none. */
final class NoValueCheck implements FillCheck {
    @Override
    public List<Finding> look(FillSubject subject) throws SQLException {
        if (subject.fill().inPlace()) {
            return List.of();
        }
        TableName into = subject.tables().into().name();
        return Query.of(
                        subject.connection(),
                        """
                        SELECT attname FROM pg_attribute WHERE attrelid = ?::oid AND attnum > 0 AND NOT attisdropped
                          AND attnotnull AND NOT atthasdef AND attidentity = '' AND attgenerated = ''
                          AND attname <> ALL (?::text[]) ORDER BY attnum
                        """,
                        subject.tables().into().oid(),
                        subject.fill().columns())
                .list(r -> Finding.error(
                        "not-null-column",
                        into + "." + r.getString(1) + " is not null, has no default, and is not set",
                        "every row would be refused",
                        "set it, give it a default, or let it be null until the fill is done"));
    }
}
