package dev.neap.postgres.preflight;

import dev.neap.preflight.Finding;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** All checks of a rebuild, in the order in which their findings are shown. */
public final class Preflight {
    private static final List<Check> CHECKS = List.of(
            new PrivilegesCheck(),
            new RowSecurityCheck(),
            new InboundForeignKeysCheck(),
            new DependentsCheck(),
            new IndexesCheck(),
            new SameNamesCheck(),
            new IdentityCheck(),
            new PublicationsCheck(),
            new MergeCheck(),
            new RetentionJobsCheck(),
            new StandbysCheck(),
            new MaintenanceCheck(),
            new AutovacuumCheck(),
            new SettingsCheck(),
            new DiskCheck(),
            new EarlierRunsCheck());

    private Preflight() {}

    /** What all checks saw, those of the server first; a check that cannot look refuses. */
    public static List<Finding> look(Subject subject) throws SQLException {
        List<Finding> findings = new ArrayList<>(ServerPreflight.look(subject.connection(), subject.backfill()));
        for (Check check : CHECKS) {
            findings.addAll(Unseen.refuses(subject.connection(), check.name(), () -> check.look(subject)));
        }
        return findings;
    }
}
