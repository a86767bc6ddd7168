package dev.neap.postgres.preflight;

import dev.neap.dialect.NeapException;
import dev.neap.preflight.Finding;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** What must hold of the server before something is written that no plan was made for: an undo, a cleanup. */
public final class WithoutPlan {
    private WithoutPlan() {}

    /**
     * Looks at a connection in autocommit.
     *
     * @param other opens a second session where the first one looks pooled; it is closed again
     * @throws NeapException USAGE where a run would be refused for the same
     */
    public static void require(Connection connection, PoolerCheck.Opener other) throws SQLException {
        List<Finding> findings = new ArrayList<>(WritableServerCheck.look(connection));
        findings.addAll(PoolerCheck.look(connection, other));
        for (Finding finding : findings) {
            if (finding.severity() == Finding.Severity.ERROR) {
                throw new NeapException(
                        NeapException.Kind.USAGE, finding.what() + ": " + finding.why() + "; " + finding.fix());
            }
        }
    }
}
