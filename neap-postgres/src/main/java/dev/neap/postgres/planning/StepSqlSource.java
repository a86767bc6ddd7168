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

    /**
     * What a statement reads that has nothing to write into yet.
     *
     * @param name the step
     * @param settings what is set before it, for its transaction; empty for nothing
     * @param sql a query
     * @param meant how many rows it is about at most, at least 1
     */
    record Read(String name, String settings, String sql, long meant) {}

    /** What the steps of one unit read of the user's tables; as above. */
    default List<Read> reads(Connection connection, Backfill backfill, PlannedUnit unit) throws SQLException {
        return List.of();
    }
}
