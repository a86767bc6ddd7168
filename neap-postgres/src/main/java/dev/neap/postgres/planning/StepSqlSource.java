package dev.neap.postgres.planning;

import dev.neap.backfill.Backfill;
import dev.neap.plan.Plan.StepSql;
import dev.neap.plan.PlannedUnit;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/** Where the SQL of each step comes from, so that a plan shows the very statements that a run executes. */
@FunctionalInterface
public interface StepSqlSource {
    /** Shows nothing. */
    StepSqlSource NONE = (connection, backfill, unit) -> List.of();

    /**
     * The statements of each step for one unit.
     *
     * @param connection inside the plan's read-only transaction; never closed, committed or written to
     */
    List<StepSql> steps(Connection connection, Backfill backfill, PlannedUnit unit) throws SQLException;
}
