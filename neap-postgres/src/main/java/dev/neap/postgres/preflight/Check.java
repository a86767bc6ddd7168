package dev.neap.postgres.preflight;

import dev.neap.preflight.Finding;
import java.sql.SQLException;
import java.util.List;

/** One thing looked at. Reads; its statements do not grow in number with the partitions. */
interface Check {
    /** The name that its findings carry, in kebab case. */
    String name();

    /** What was seen; empty when all is well. */
    List<Finding> look(Subject subject) throws SQLException;
}
