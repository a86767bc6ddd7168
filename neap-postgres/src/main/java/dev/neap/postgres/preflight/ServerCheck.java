package dev.neap.postgres.preflight;

import dev.neap.backfill.Backfill;
import dev.neap.preflight.Finding;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/** One thing looked at that does not depend on the tables: a rebuild and a fill have it in common. */
interface ServerCheck {
    /** The name that its findings carry, in kebab case. */
    String name();

    /**
     * What was seen; empty when all is well.
     *
     * @param connection inside a read-only transaction
     */
    List<Finding> look(Connection connection, Backfill backfill) throws SQLException;
}
