package dev.neap.mysql.fill;

import dev.neap.backfill.Backfill;
import dev.neap.backfill.RowsPerSecond;
import dev.neap.backfill.TableName;
import dev.neap.backfill.TextHash;
import dev.neap.dialect.NeapException;
import dev.neap.dialect.NeapException.Kind;
import dev.neap.dialect.Planner;
import dev.neap.mysql.query.Query;
import dev.neap.mysql.query.SqlFailures;
import dev.neap.plan.Estimate;
import dev.neap.plan.Plan;
import dev.neap.plan.Plan.StepSql;
import dev.neap.plan.Plan.TableLock;
import dev.neap.plan.PlannedUnit;
import dev.neap.plan.TableSketch;
import dev.neap.preflight.Finding;
import dev.neap.preflight.NullsHandled;
import dev.neap.preflight.Watching;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Plans fills against one MariaDB server, over one connection that it neither opens nor closes. */
public final class MysqlPlanner implements Planner {
    /** Without a ceiling: what one worker wrote in a second where this was measured, on two cores. */
    private static final double ROWS_PER_SECOND = 50_000;

    private final Connection connection;
    private final String server;

    /** @param connection in autocommit, used by nobody else meanwhile */
    public MysqlPlanner(Connection connection, String server) {
        this.connection = connection;
        this.server = server;
    }

    @Override
    public Plan plan(Backfill backfill) {
        if (!backfill.fills()) {
            throw later("a rebuild");
        }
        if (backfill.parts().size() > 1) {
            throw later("several tables in one fill");
        }
        if (backfill.fill().transform() != null) {
            throw later("a transform in Java");
        }
        try {
            Query.execute(connection, "START TRANSACTION READ ONLY");
            try {
                return compile(backfill);
            } finally {
                Query.execute(connection, "ROLLBACK");
            }
        } catch (SQLException e) {
            throw SqlFailures.explain(e);
        }
    }

    @Override
    public TableSketch describe(String table) {
        throw later("`neap init`");
    }

    @Override
    public List<String> grants(TableName table, String role) {
        throw later("`neap grants`");
    }

    @Override
    public List<String> grants(Backfill backfill, String role) {
        throw later("`neap grants`");
    }

    private static NeapException later(String what) {
        return new NeapException(
                Kind.USAGE, "not on MariaDB yet: " + what + "; a fill can be planned, run, watched and stopped");
    }

    private Plan compile(Backfill written) throws SQLException {
        FillTables tables = FillTables.read(connection, written.fill());
        Backfill backfill = written.with(tables.fill());
        List<Finding> findings = new ArrayList<>(new FillFindings(connection, tables).look());
        findings.addAll(readers(backfill, tables));
        if (backfill.throttle().replicaLag() != null) {
            findings.add(Watching.lag(
                    "on MariaDB Neap does not see how far replicas are behind yet",
                    "give it as a signal by sql or prometheus, and say so in an answer"));
        }
        boolean refused = findings.stream().anyMatch(f -> f.severity() == Finding.Severity.ERROR);
        long rows = tables.from().rows();
        List<PlannedUnit> units = refused
                ? List.of()
                : new Segments(connection, tables).units(rows, tables.from().bytes());
        if (!refused && units.isEmpty()) {
            findings.add(Finding.note(
                    "nothing", "no row of " + tables.from().name() + " is in the range of keys", "nothing is done"));
        }
        return new Plan(
                backfill,
                server,
                units,
                estimate(backfill, refused ? 0 : rows, tables.from().bytes()),
                locks(tables),
                units.isEmpty() ? List.of() : steps(tables, units.get(0)),
                findings,
                hash(backfill, tables));
    }

    private static List<Finding> readers(Backfill backfill, FillTables tables) {
        List<String> nullable = tables.into().columns().stream()
                .filter(LiveColumn::nullable)
                .map(LiveColumn::name)
                .filter(backfill.fill().set()::containsKey)
                .toList();
        return NullsHandled.asked(backfill, nullable)
                ? List.of(NullsHandled.unseen(
                        backfill.fill(), nullable, "on MariaDB Neap does not look at what they ask"))
                : List.of();
    }

    private static Estimate estimate(Backfill backfill, long rows, long bytes) {
        RowsPerSecond rate = backfill.pace().rate();
        double perSecond = rate == null ? ROWS_PER_SECOND : rate.rows();
        // Each row is written once to the table, and once to the redo log.
        return new Estimate(rows, bytes, 0, 0, bytes * 2, 0, Duration.ofMillis((long) (rows / perSecond * 1000)));
    }

    private static List<TableLock> locks(FillTables tables) {
        if (tables.fill().inPlace()) {
            return List.of();
        }
        String from = tables.from().name().toString();
        return List.of(
                new TableLock(
                        from,
                        "metadata, exclusive",
                        TableLock.When.BEFORE,
                        "three triggers start capture, one after another; each waits at most 500 ms for whoever uses the"
                                + " table, and readers and writers queue behind it for that long"),
                new TableLock(from, "metadata, exclusive", TableLock.When.AFTER, "the triggers go, in the same way"));
    }

    private static List<StepSql> steps(FillTables tables, PlannedUnit first) {
        FillNames names = new FillNames(0);
        FillSql walk = new FillSql(tables, names);
        TargetSql target = new TargetSql(tables, names);
        PlannedUnit.Segment segment = Objects.requireNonNull(first.segment());
        String upper = walk.upper(segment.after(), segment.upTo(), 1000);
        if (tables.fill().inPlace()) {
            return List.of(
                    new StepSql("fill", List.of(upper, walk.update(segment.after(), segment.upTo()))),
                    new StepSql("look", List.of(walk.updateMissed(segment.after(), segment.upTo(), false))));
        }
        FillCapture capture = new FillCapture(tables, names);
        List<String> create = new ArrayList<>(capture.create(1));
        create.addAll(capture.createTriggers());
        List<String> batch = new ArrayList<>(List.of(upper, target.makeBatch(segment.after(), segment.upTo())));
        if (!target.replace().isEmpty()) {
            batch.add(target.replace());
        }
        batch.add(target.insert());
        return List.of(
                new StepSql("capture", create),
                new StepSql("fill", batch),
                new StepSql(
                        "reconcile",
                        List.of(
                                target.pick(500, 5000),
                                target.makeAgain(List.of(segment.upTo()), "0", 5000),
                                target.makeWas(
                                        "0",
                                        tables.from().columns().stream()
                                                .map(c -> FillNames.was(c.name()))
                                                .collect(Collectors.toSet())),
                                target.deleteGone(),
                                target.insert(),
                                target.writeAgain())),
                new StepSql("look", List.of(target.look(segment.after(), segment.upTo(), target.missing()))));
    }

    /**
     * Not over the bounds of the segments: every insert moves the last one, and a plan that was approved must be the one that
     * runs. The run freezes them.
     */
    private String hash(Backfill backfill, FillTables tables) throws SQLException {
        TextHash hash = new TextHash()
                .add("neap plan 2")
                .add("fill")
                .add("mariadb")
                .add(backfill.declared())
                // What an expression names without a database is looked for in the session's own.
                .addAll(Query.texts(connection, "SELECT DATABASE()"));
        hash.add(tables.from().name());
        add(hash, tables.from(), tables.key().stream().map(LiveColumn::name));
        hash.add(tables.into().name());
        add(hash, tables.into(), tables.fill().set().keySet().stream());
        return hash.hex();
    }

    private static void add(TextHash hash, LiveTable table, Stream<String> names) {
        hash.addAll(names.flatMap(name ->
                        Stream.of(name, table.column(name).map(LiveColumn::type).orElse("")))
                .toList());
    }
}
