package dev.neap.postgres.preflight;

import dev.neap.dialect.NeapException;
import dev.neap.postgres.query.Query;
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
        refuse(findings);
    }

    /**
     * What a swap needs besides.
     *
     * @throws NeapException USAGE where this role does not see whom a swap must wait for
     */
    public static void requireSight(Connection connection) throws SQLException {
        Privilege sees = Privilege.toSeeOthers(connection);
        if (!sees.held()) {
            String role =
                    Query.of(connection, "SELECT quote_ident(current_user)").text();
            refuse(List.of(sees.finding("privileges", role)));
        }
    }

    private static void refuse(List<Finding> findings) {
        for (Finding finding : findings) {
            if (finding.severity() == Finding.Severity.ERROR) {
                throw new NeapException(
                        NeapException.Kind.USAGE, finding.what() + ": " + finding.why() + "; " + finding.fix());
            }
        }
    }
}
