package dev.neap.postgres.planning;

import dev.neap.backfill.Backfill;
import dev.neap.backfill.Rebuild;
import dev.neap.backfill.SourceRecompute;
import dev.neap.backfill.TableName;
import dev.neap.dialect.NeapException;
import dev.neap.dialect.NeapException.Kind;
import dev.neap.dialect.Planner;
import dev.neap.plan.Explanation;
import dev.neap.plan.Explanation.Statement;
import dev.neap.plan.Plan;
import dev.neap.plan.PlannedUnit;
import dev.neap.plan.StatementPlan;
import dev.neap.plan.TableSketch;
import dev.neap.postgres.preflight.Grants;
import dev.neap.postgres.preflight.PoolerCheck;
import dev.neap.preflight.Finding;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

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
    public Explanation explain(Plan plan, boolean analyze) {
        if (analyze) {
            throw new NeapException(
                    Kind.USAGE,
                    "not in this version: a sample of a rebuild that is executed where the table is; `neap rehearse` executes"
                            + " it on a copy");
        }
        return ReadOnly.read(connection, reading -> explained(reading, plan));
    }

    private Explanation explained(Connection reading, Plan plan) throws SQLException {
        if (plan.units().isEmpty()) {
            return new Explanation(List.of(), List.of(), List.of("there is nothing to explain"), null);
        }
        PlannedUnit unit = plan.units().get(0);
        List<Statement> statements = new ArrayList<>();
        for (StepSqlSource.Read read : steps.reads(reading, plan.backfill(), unit)) {
            Savepoint before = reading.setSavepoint();
            if (!read.settings().isEmpty()) {
                PlainSql.execute(reading, read.settings());
            }
            StatementPlan one = new PlanReader(reading).explain(read.name(), read.sql(), read.meant());
            reading.rollback(before);
            statements.add(new Statement(one, read.settings(), verdict(one), null));
        }
        return new Explanation(
                statements,
                List.of(),
                List.of("of " + unit.partition() + ": what the steps read; the shadow that they write, and the captured"
                        + " changes, are not there yet"),
                null);
    }

    private static String verdict(StatementPlan plan) {
        return plan.scans().isEmpty()
                ? "reads no table"
                : plan.scans().stream()
                        .map(scan -> scan.table()
                                + (scan.whole()
                                        ? " whole"
                                        : " by " + Objects.requireNonNullElse(scan.index(), scan.how())))
                        .distinct()
                        .collect(Collectors.joining("; "));
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
