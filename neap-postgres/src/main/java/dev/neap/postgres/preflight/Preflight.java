package dev.neap.postgres.preflight;

import dev.neap.preflight.Finding;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.util.ArrayList;
import java.util.List;

/** All checks, in the order in which their findings are shown. */
public final class Preflight {
    private static final List<Check> CHECKS = List.of(
            new ServerVersionCheck(),
            new WritableServerCheck(),
            new PrivilegesCheck(),
            new RowSecurityCheck(),
            new InboundForeignKeysCheck(),
            new DependentsCheck(),
            new IndexesCheck(),
            new SameNamesCheck(),
            new IdentityCheck(),
            new PublicationsCheck(),
            new MergeCheck(),
            new EventTriggersCheck(),
            new RetentionJobsCheck(),
            new StandbysCheck(),
            new LongTransactionsCheck(),
            new MaintenanceCheck(),
            new SettingsCheck(),
            new ConnectionSlotsCheck(),
            new DiskCheck(),
            new EarlierRunsCheck());

    private Preflight() {}

    /** What all checks saw. A check that cannot look is a reason to refuse: what is not known is not harmless. */
    public static List<Finding> look(Subject subject) throws SQLException {
        List<Finding> findings = new ArrayList<>();
        Connection connection = subject.connection();
        for (Check check : CHECKS) {
            Savepoint before = connection.setSavepoint();
            try {
                findings.addAll(check.look(subject));
                connection.releaseSavepoint(before);
            } catch (SQLException e) {
                connection.rollback(before);
                findings.add(Finding.error(
                        check.name(),
                        "the check could not look: " + e.getMessage(),
                        "what is not known is not taken to be harmless",
                        "mend what the message names, or run the statements of neap grants, and plan again"));
            }
        }
        return findings;
    }
}
