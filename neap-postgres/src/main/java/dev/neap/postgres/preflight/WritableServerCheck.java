package dev.neap.postgres.preflight;

import dev.neap.backfill.Backfill;
import dev.neap.postgres.query.Query;
import dev.neap.preflight.Finding;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** A standby cannot be written to, nor can a session whose transactions are read-only by default. */
final class WritableServerCheck implements ServerCheck {
    private static final String NAME = "writable-server";

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public List<Finding> look(Connection connection, Backfill backfill) throws SQLException {
        return look(connection);
    }

    static List<Finding> look(Connection connection) throws SQLException {
        List<Finding> findings = new ArrayList<>();
        if (Query.of(connection, "SELECT pg_is_in_recovery()").truth()) {
            findings.add(Finding.error(
                    NAME,
                    "this server is a standby",
                    "it replays what its primary writes and takes no writes itself",
                    "connect to the primary"));
        }
        if (Query.of(connection, "SELECT current_setting('default_transaction_read_only')::bool")
                .truth()) {
            findings.add(Finding.error(
                    NAME,
                    "default_transaction_read_only is on for this role, database or server",
                    "every transaction of the run would be refused",
                    "ALTER ROLE … RESET default_transaction_read_only, or the same on the database or the server"));
        }
        return findings;
    }
}
