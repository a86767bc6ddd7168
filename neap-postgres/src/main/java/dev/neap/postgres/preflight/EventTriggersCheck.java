package dev.neap.postgres.preflight;

import dev.neap.backfill.Backfill;
import dev.neap.postgres.query.Query;
import dev.neap.preflight.Finding;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/** Event triggers run inside the swap, and where a fill begins and ends its capture. */
final class EventTriggersCheck implements ServerCheck {
    @Override
    public String name() {
        return "event-triggers";
    }

    @Override
    public List<Finding> look(Connection connection, Backfill backfill) throws SQLException {
        List<String> triggers = Query.of(connection, """
                        SELECT format('%I on %s, which calls %s', evtname, evtevent, evtfoid::regproc)
                        FROM pg_event_trigger WHERE evtenabled <> 'D' AND evtevent <> 'login' ORDER BY 1
                        """).texts();
        if (triggers.isEmpty()) {
            return List.of();
        }
        return List.of(Finding.warning(
                name(),
                "event triggers are enabled: " + Few.of(triggers),
                backfill.fills()
                        ? "they run for every statement that makes or drops something of Neap's, also while it holds locks"
                        : "they run for every CREATE and ALTER TABLE of the run, also while the swap holds its locks",
                "make sure that they are quick and refuse nothing, or ALTER EVENT TRIGGER … DISABLE for the time of the"
                        + " run"));
    }
}
