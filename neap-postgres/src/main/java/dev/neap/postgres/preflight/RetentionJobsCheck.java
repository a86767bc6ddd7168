package dev.neap.postgres.preflight;

import dev.neap.postgres.query.Query;
import dev.neap.preflight.Finding;
import java.sql.SQLException;
import java.util.List;

/** Jobs that create and drop partitions by themselves. */
final class RetentionJobsCheck implements Check {
    @Override
    public String name() {
        return "retention-jobs";
    }

    @Override
    public List<Finding> look(Subject subject) throws SQLException {
        List<String> extensions = Query.of(
                        subject.connection(),
                        "SELECT extname FROM pg_extension WHERE extname IN ('pg_partman', 'timescaledb') ORDER BY 1")
                .texts();
        if (extensions.isEmpty()) {
            return List.of();
        }
        return List.of(Finding.warning(
                name(),
                "this database has " + Few.of(extensions) + ", which may manage " + subject.name(),
                "its maintenance may drop a partition that is being rebuilt, or create one, and takes locks of its own",
                "pause its maintenance for " + subject.name() + " for the time of the run"));
    }
}
