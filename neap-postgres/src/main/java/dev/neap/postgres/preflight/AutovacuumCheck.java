package dev.neap.postgres.preflight;

import dev.neap.preflight.Finding;
import java.sql.SQLException;
import java.util.List;

/** Whether somebody takes away the dead rows that a merge leaves. A swap leaves none. */
final class AutovacuumCheck implements Check {
    @Override
    public String name() {
        return Autovacuum.NAME;
    }

    @Override
    public List<Finding> look(Subject subject) throws SQLException {
        return subject.merges() ? Autovacuum.look(subject.connection(), subject.unitOids(), true) : List.of();
    }
}
