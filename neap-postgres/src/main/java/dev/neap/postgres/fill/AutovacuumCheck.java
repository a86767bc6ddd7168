package dev.neap.postgres.fill;

import dev.neap.postgres.preflight.Autovacuum;
import dev.neap.preflight.Finding;
import java.sql.SQLException;
import java.util.List;

/** Whether somebody takes away the dead rows that a fill leaves. */
final class AutovacuumCheck implements FillCheck {
    @Override
    public List<Finding> look(FillSubject subject) throws SQLException {
        return Autovacuum.look(
                subject.connection(),
                List.of(String.valueOf(subject.tables().into().oid())),
                subject.fill().inPlace());
    }
}
