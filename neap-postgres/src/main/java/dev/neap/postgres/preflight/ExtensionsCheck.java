package dev.neap.postgres.preflight;

import dev.neap.backfill.Backfill;
import dev.neap.postgres.query.Query;
import dev.neap.preflight.Finding;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/** Extensions that spread one table over others, or over other servers. */
final class ExtensionsCheck implements ServerCheck {
    private static final String EXTENSIONS = """
            SELECT extname || ' ' || extversion FROM pg_catalog.pg_extension WHERE extname IN ('citus', 'timescaledb')
            ORDER BY 1
            """;

    @Override
    public String name() {
        return "extensions";
    }

    @Override
    public List<Finding> look(Connection connection, Backfill backfill) throws SQLException {
        return verdict(Query.of(connection, EXTENSIONS).texts());
    }

    List<Finding> verdict(List<String> extensions) {
        return extensions.isEmpty()
                ? List.of()
                : List.of(Finding.warning(
                        name(),
                        "extensions that spread tables are installed: " + Few.of(extensions),
                        "locks, triggers and row versions of a table that they keep are not those of an ordinary one;"
                                + " no test of Neap's has tried them",
                        "make sure that no table of the backfill is a hypertable or distributed"));
    }
}
