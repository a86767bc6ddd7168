package dev.neap.postgres.fill;

import dev.neap.dialect.Tuning;
import dev.neap.postgres.query.Query;
import dev.neap.preflight.Finding;
import java.sql.SQLException;
import java.util.List;

/** Neap's locks must time out before the server looks for somebody to sacrifice. */
final class DeadlockTimeoutCheck implements FillCheck {
    @Override
    public List<Finding> look(FillSubject subject) throws SQLException {
        long server = Query.of(
                        subject.connection(),
                        "SELECT setting::bigint FROM pg_catalog.pg_settings WHERE name = 'deadlock_timeout'")
                .number();
        long own = Tuning.DEFAULT.lockDeadline().toMillis();
        return server > own
                ? List.of()
                : List.of(Finding.warning(
                        "deadlock-timeout",
                        "the server's deadlock_timeout is " + server + " ms, and Neap waits " + own + " ms for a lock",
                        "where Neap and the application wait for each other, the server may end the application's"
                                + " transaction; with more time Neap steps back first",
                        "set deadlock_timeout back to 1s, its default, in the server's configuration"));
    }
}
