package dev.neap.postgres.preflight;

import dev.neap.backfill.Backfill;
import dev.neap.postgres.query.Query;
import dev.neap.preflight.Finding;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/** A server that nobody has tried is refused. */
final class ServerVersionCheck implements ServerCheck {
    static final int OLDEST = 14;
    static final int NEWEST = 18;

    @Override
    public String name() {
        return "server-version";
    }

    @Override
    public List<Finding> look(Connection connection, Backfill backfill) throws SQLException {
        long number = Query.of(connection, "SELECT current_setting('server_version_num')::int")
                .number();
        return verdict((int) (number / 10_000));
    }

    List<Finding> verdict(int major) {
        if (major >= OLDEST && major <= NEWEST) {
            return List.of();
        }
        return List.of(Finding.error(
                name(),
                "this server is PostgreSQL " + major,
                "locks and catalogs differ between versions, and only %d to %d were tried".formatted(OLDEST, NEWEST),
                major < OLDEST ? "upgrade the server" : "use a newer Neap"));
    }
}
