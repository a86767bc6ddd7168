package dev.neap.postgres.fill;

import dev.neap.preflight.Finding;
import dev.neap.transform.TransformSource;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** What speaks against a fill, in the order in which it is shown. Compiles its statements, executes none. */
final class FillFindings {
    /** What the others take for granted: an error of one of them ends the look. */
    private static final List<FillCheck> FIRST = List.of(
            FillFindings::transform,
            new TextsCheck(),
            new KeyBoundsCheck(),
            new FillPrivilegesCheck(),
            new PoliciesCheck(),
            new CompilesCheck());

    private static final List<FillCheck> REST = List.of(
            new KnownRightCheck(),
            new NoValueCheck(),
            new KeyIndexCheck(),
            new KeyTypesCheck(),
            new CollationsCheck(),
            new OffsetCheck(),
            new SteadyCheck(),
            new TriggersCheck(),
            new PartitionMovesCheck(),
            new VirtualColumnsCheck(),
            new SequencesCheck(),
            new PublishedCheck(),
            new CascadesCheck(),
            new StorageCheck(),
            new AutovacuumCheck(),
            new IndexedColumnsCheck(),
            new ScatteredKeysCheck(),
            new DeadlockTimeoutCheck(),
            new NullsHandledCheck());

    private FillFindings() {}

    private static List<Finding> transform(FillSubject subject) throws SQLException {
        TransformSource transform = subject.fill().transform();
        return transform == null
                ? List.of()
                : new TransformCheck(subject.connection(), transform).look(subject.tables());
    }

    static List<Finding> look(FillSubject subject) throws SQLException {
        List<Finding> findings = new ArrayList<>();
        for (FillCheck check : FIRST) {
            findings.addAll(check.look(subject));
            if (findings.stream().anyMatch(f -> f.severity() == Finding.Severity.ERROR)) {
                return findings;
            }
        }
        for (FillCheck check : REST) {
            findings.addAll(check.look(subject));
        }
        return findings;
    }
}
