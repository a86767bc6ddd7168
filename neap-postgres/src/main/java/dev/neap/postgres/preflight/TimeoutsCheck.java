package dev.neap.postgres.preflight;

import dev.neap.backfill.Backfill;
import dev.neap.postgres.query.Query;
import dev.neap.preflight.Finding;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/** Timeouts that would end Neap's sessions. Those that it sets in each session itself are not looked at. */
final class TimeoutsCheck implements ServerCheck {
    @Override
    public String name() {
        return "timeouts";
    }

    @Override
    public List<Finding> look(Connection connection, Backfill backfill) throws SQLException {
        return Query.of(connection, """
                        SELECT name, current_setting(name) FROM pg_catalog.pg_settings
                        WHERE name IN ('transaction_timeout', 'idle_session_timeout') AND setting <> '0' ORDER BY name
                        """)
                .list(row -> Finding.warning(
                        name(),
                        row.getString(1) + " is " + row.getString(2) + " for this role, database or server",
                        "it would end Neap's sessions while they "
                                + (backfill.fills() ? "write a batch, or wait" : "build an index, or wait")
                                + " in a pause",
                        "ALTER ROLE … SET " + row.getString(1) + " = 0 for Neap's role"));
    }
}
