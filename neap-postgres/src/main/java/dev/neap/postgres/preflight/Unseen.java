package dev.neap.postgres.preflight;

import dev.neap.preflight.Finding;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.util.List;

/** A check that cannot look is a reason to refuse: what is not known is not harmless. */
public final class Unseen {
    private Unseen() {}

    /** A look that may fail. */
    @FunctionalInterface
    public interface Looking {
        List<Finding> look() throws SQLException;
    }

    /**
     * What the check saw, or that it could not look. The transaction can be used in either case.
     *
     * @param connection inside a transaction
     * @param check the check's name
     */
    public static List<Finding> refuses(Connection connection, String check, Looking looking) throws SQLException {
        Savepoint before = connection.setSavepoint();
        try {
            List<Finding> findings = looking.look();
            connection.releaseSavepoint(before);
            return findings;
        } catch (SQLException e) {
            connection.rollback(before);
            return List.of(Finding.error(
                    check,
                    "the check could not look: " + e.getMessage(),
                    "what is not known is not taken to be harmless",
                    "mend what the message names, or run the statements of neap grants, and plan again"));
        }
    }
}
