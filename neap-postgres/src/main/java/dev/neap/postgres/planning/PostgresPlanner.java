package dev.neap.postgres.planning;

import dev.neap.backfill.Backfill;
import dev.neap.backfill.Rebuild;
import dev.neap.backfill.SourceRecompute;
import dev.neap.backfill.TableName;
import dev.neap.dialect.Planner;
import dev.neap.plan.Plan;
import dev.neap.plan.TableSketch;
import dev.neap.postgres.preflight.Grants;
import dev.neap.postgres.preflight.PoolerCheck;
import dev.neap.preflight.Finding;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Plans against one PostgreSQL server, over one connection that it neither opens nor closes. The session must have
 * `TimeZone = UTC`, `DateStyle = ISO` and `IntervalStyle = postgres`, so that bounds are spelled alike each time. All is
 * read in read-only transactions.
 */
public final class PostgresPlanner implements Planner {
    private final Connection connection;
    private final StepSqlSource steps;
    private final PoolerCheck.Opener other;

    /**
     * Plans over this connection.
     *
     * @param connection in autocommit, used by nobody else meanwhile
     * @param steps where the SQL of each step comes from
     */
    public PostgresPlanner(Connection connection, StepSqlSource steps) {
        this(connection, steps, () -> {
            throw new SQLException("no second session can be opened from here", "08000");
        });
    }

    /**
     * Plans over this connection.
     *
     * @param other opens one more session, for a look at whether a pool stands between
     */
    public PostgresPlanner(Connection connection, StepSqlSource steps, PoolerCheck.Opener other) {
        this.connection = connection;
        this.steps = steps;
        this.other = other;
    }

    @Override
    public Plan plan(Backfill backfill) {
        List<Finding> session = ReadOnly.translating(() -> PoolerCheck.look(connection, other));
        return ReadOnly.read(connection, reading -> new Compiler(reading, backfill, steps, session).compile());
    }

    @Override
    public TableSketch describe(String table) {
        return ReadOnly.read(connection, reading -> new Sketcher(reading).sketch(table));
    }

    @Override
    public List<String> grants(TableName table, String role) {
        return ReadOnly.read(connection, reading -> {
            LiveTable live = new TableFinder(reading).find(table);
            return Grants.statements(reading, live.oid(), role);
        });
    }

    @Override
    public List<String> grants(Backfill backfill, String role) {
        Rebuild rebuild = backfill.rebuild();
        Set<String> all = new LinkedHashSet<>(grants(rebuild.table(), role));
        SourceRecompute source = rebuild.source();
        if (source != null) {
            source.reads().forEach(read -> all.addAll(grants(read, role)));
        }
        return List.copyOf(all);
    }
}
