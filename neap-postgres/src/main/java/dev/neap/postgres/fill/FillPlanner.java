package dev.neap.postgres.fill;

import dev.neap.backfill.Backfill;
import dev.neap.backfill.Fill;
import dev.neap.backfill.Fills;
import dev.neap.backfill.RowsPerSecond;
import dev.neap.dialect.Tuning;
import dev.neap.plan.Estimate;
import dev.neap.plan.Explanation;
import dev.neap.plan.Plan;
import dev.neap.plan.Plan.StepSql;
import dev.neap.plan.Plan.TableLock;
import dev.neap.plan.PlannedUnit;
import dev.neap.postgres.planning.LiveTable;
import dev.neap.postgres.planning.PlainSql;
import dev.neap.postgres.planning.PlanHash;
import dev.neap.postgres.planning.ReadOnly;
import dev.neap.postgres.preflight.Grants;
import dev.neap.postgres.preflight.PoolerCheck;
import dev.neap.postgres.preflight.ServerPreflight;
import dev.neap.postgres.query.Names;
import dev.neap.postgres.query.Query;
import dev.neap.preflight.Finding;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Plans fills against one PostgreSQL server, over one connection that it neither opens nor closes. */
public final class FillPlanner {
    /** Without a ceiling: what one worker wrote in a second where this was measured, on two cores. */
    private static final double ROWS_PER_SECOND = 250_000;

    private static final long GRACE_MS = Tuning.DEFAULT.secondWrite().toMillis();

    private static final Pattern PLAN_ROWS = Pattern.compile("\"Plan Rows\": (\\d+)");

    private final Connection connection;
    private final PoolerCheck.Opener other;

    /**
     * Plans over this connection.
     *
     * @param connection in autocommit, used by nobody else meanwhile
     * @param other opens one more session, for a look at whether a pool stands between
     */
    public FillPlanner(Connection connection, PoolerCheck.Opener other) {
        this.connection = connection;
        this.other = other;
    }

    /** Compiles a fill; reads only. */
    public Plan plan(Backfill backfill) {
        List<Finding> session = ReadOnly.translating(() -> PoolerCheck.look(connection, other));
        return ReadOnly.read(connection, reading -> compile(reading, backfill, session));
    }

    /**
     * How the server would carry out the statements of a plan.
     *
     * @param analyze executes a sample, and rolls it back
     */
    public Explanation explain(Plan plan, boolean analyze) {
        return new PlanExplainer(connection, GRACE_MS).explain(plan, analyze);
    }

    /** The statements that make a role with just the privileges that a fill needs; each once, in order. */
    public List<String> grants(Backfill backfill, String role) {
        return ReadOnly.read(connection, reading -> {
            Set<String> statements = new LinkedHashSet<>();
            for (Backfill part : backfill.parts()) {
                FillTables tables = FillTables.read(reading, part.fill());
                statements.addAll(
                        Grants.statements(reading, tables.from().oid(), FillPrivileges.of(reading, tables), role));
            }
            return List.copyOf(statements);
        });
    }

    /** @param session what was seen of the session itself */
    private static Plan compile(Connection reading, Backfill backfill, List<Finding> session) throws SQLException {
        List<Finding> server = new ArrayList<>(session);
        server.addAll(ServerPreflight.look(reading, backfill));
        if (backfill.parts().size() == 1) {
            return compileOne(reading, backfill, server);
        }
        TableOrder.Order order = TableOrder.of(
                reading, backfill.parts().stream().map(Backfill::fill).toList());
        Backfill ordered = backfill.with(new Fills(order.fills(), 1));
        server.addAll(order.findings());
        PartsPlan whole = new PartsPlan(ordered, server);
        for (Backfill part : ordered.parts()) {
            whole.add(part, compileOne(reading, part, List.of()));
        }
        return whole.plan(version(reading) / 10_000, PlanHash.schemas(reading));
    }

    private static Plan compileOne(Connection reading, Backfill backfill, List<Finding> server) throws SQLException {
        Fill fill = backfill.fill();
        FillTables tables = FillTables.read(reading, fill);
        FillSubject subject = new FillSubject(reading, backfill, tables);
        List<Finding> findings = new ArrayList<>(server);
        findings.addAll(FillFindings.look(subject));
        boolean refused = findings.stream().anyMatch(f -> f.severity() == Finding.Severity.ERROR);
        long rows = refused ? 0 : rows(reading, tables);
        long bytes = bytes(reading, tables.from());
        List<PlannedUnit> units = refused ? List.of() : new Segments(reading, tables).units(rows, bytes);
        if (!refused && units.isEmpty()) {
            findings.add(Finding.note(
                    "nothing", "no row of " + fill.from() + " is in the range of keys", "nothing is done"));
        }
        if (!units.isEmpty()) {
            PlannedUnit.Segment first = Objects.requireNonNull(units.get(0).segment());
            findings.addAll(new ScansCheck(subject)
                    .look(new FillExplainer(reading, tables, backfill.batchRows(), GRACE_MS).explain(first)));
        }
        Estimate estimate = estimate(backfill, rows, bytes);
        if (!units.isEmpty()) {
            findings.addAll(DiskCheck.look(subject, bytes, estimate.walBytes()));
        }
        int version = version(reading);
        return new Plan(
                backfill,
                "PostgreSQL " + version / 10_000 + "." + version % 10_000,
                units,
                estimate,
                locks(tables),
                refused || (units.isEmpty() && backfill.part() == 1) ? List.of() : steps(reading, tables, units),
                findings,
                hash(backfill, version / 10_000, PlanHash.schemas(reading), resolved(tables)));
    }

    private static int version(Connection reading) throws SQLException {
        return (int) Query.of(reading, "SELECT current_setting('server_version_num')::int")
                .number();
    }

    /** What the server's planner expects, which looks at the size of a table that was never analyzed, too. */
    static long rows(Connection reading, FillTables tables) throws SQLException {
        String plan = String.join(
                "",
                PlainSql.list(
                        reading,
                        "EXPLAIN (FORMAT JSON) SELECT FROM "
                                + Names.quote(tables.from().name()),
                        row -> row.getString(1)));
        Matcher rows = PLAN_ROWS.matcher(plan);
        return rows.find() ? Long.parseLong(rows.group(1)) : 0;
    }

    static long bytes(Connection reading, LiveTable table) throws SQLException {
        return Query.of(reading, """
                        SELECT coalesce(sum(pg_table_size(c.oid)), 0)::bigint
                        FROM pg_class c WHERE c.oid IN (SELECT relid FROM pg_partition_tree(?::oid::regclass)
                                                        UNION SELECT ?::oid) AND c.relkind = 'r'
                        """, table.oid(), table.oid()).number();
    }

    private static Estimate estimate(Backfill backfill, long rows, long bytes) {
        RowsPerSecond rate = backfill.pace().rate();
        double perSecond = rate == null ? ROWS_PER_SECOND : rate.rows();
        // Each row is written once, whole, and an index entry or two with it.
        return new Estimate(
                rows, bytes, 0, 0, bytes * 3 / 2 + rows * 100, 0, Duration.ofMillis((long) (rows / perSecond * 1000)));
    }

    private static List<TableLock> locks(FillTables tables) {
        String from = tables.from().name().sql();
        if (tables.fill().inPlace()) {
            return List.of();
        }
        return List.of(
                new TableLock(
                        from,
                        "SHARE ROW EXCLUSIVE",
                        TableLock.When.BEFORE,
                        tables.fill().byTrigger()
                                ? "starts capture, and the trigger that stands in for the application; writers wait,"
                                        + " readers do not"
                                : "starts capture; writers wait, readers do not"),
                new TableLock(
                        from,
                        "SHARE ROW EXCLUSIVE",
                        TableLock.When.AFTER,
                        "ends capture; writers wait, readers do not"));
    }

    /** @param units of a table that an earlier part fills there may be none yet: then what comes before the walk is shown */
    private static List<StepSql> steps(Connection reading, FillTables tables, List<PlannedUnit> units)
            throws SQLException {
        FillNames names = new FillNames(0, 1);
        List<StepSql> steps = new ArrayList<>();
        boolean inPlace = tables.fill().inPlace();
        if (!inPlace) {
            steps.add(new StepSql("capture", new FillCapture(tables, names).create(reading)));
        }
        if (tables.fill().byTrigger()) {
            steps.add(new StepSql("dual write", List.of(new StandIn(tables, names).function(reading))));
        }
        if (units.isEmpty()) {
            return steps;
        }
        PlannedUnit.Segment segment = Objects.requireNonNull(units.get(0).segment());
        WalkSql walk = new WalkSql(tables, names);
        ReconcileSql reconcile = new ReconcileSql(tables, names);
        LookSql look = new LookSql(tables, names);
        steps.add(new StepSql("fill", walked(tables, walk, segment)));
        if (!inPlace) {
            steps.add(new StepSql(
                    "reconcile",
                    Stream.of(
                                    reconcile.pick(500, GRACE_MS),
                                    reconcile.deleteGone(),
                                    reconcile.writeMissing(GRACE_MS),
                                    reconcile.writeAgain(GRACE_MS))
                            .filter(sql -> !sql.isEmpty())
                            .toList()));
        }
        steps.add(new StepSql(
                "look",
                List.of(
                        inPlace
                                ? look.updateMissed(segment.after(), segment.upTo(), false)
                                : tables.fill().transform() == null
                                        ? look.look(segment.after(), segment.upTo(), false, false)
                                        : look.lookAtMade(segment.after(), segment.upTo()))));
        return steps;
    }

    private static List<String> walked(FillTables tables, WalkSql walk, PlannedUnit.Segment segment) {
        List<String> sql = new ArrayList<>();
        sql.add(walk.upper(segment.after(), segment.upTo(), 1000, true));
        if (tables.fill().transform() != null) {
            sql.add(new StageSql(tables, new FillNames(0, 1)).batch(segment.after(), segment.upTo(), false));
            sql.add(StageSql.copy(Staged.MADE));
        }
        sql.add(walk.batch(segment.after(), segment.upTo()));
        return sql;
    }

    /** The tables and types that the file's names stand for. */
    private static List<String> resolved(FillTables tables) {
        List<String> texts = new ArrayList<>(List.of(
                tables.from().name().sql(),
                tables.key().toString(),
                tables.into().name().sql()));
        for (String column : tables.fill().columns()) {
            texts.add(column);
            texts.add(tables.into().column(column).map(LiveTable.Column::type).orElse(""));
        }
        return texts;
    }

    /**
     * Not over the bounds of the segments: every insert moves the last one, and a plan that was approved must be the one that
     * runs. The run freezes them.
     *
     * @param schemas those of the session
     * @param resolved what the file's names stand for; of several fills the hash of each
     */
    static String hash(Backfill backfill, int major, List<String> schemas, List<String> resolved) {
        return PlanHash.begin("fill", backfill, major, schemas).addAll(resolved).hex();
    }
}
