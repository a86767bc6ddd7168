package dev.neap.postgres.fill;

import dev.neap.backfill.Backfill;
import dev.neap.dialect.Tuning;
import dev.neap.plan.Explanation;
import dev.neap.plan.Explanation.Actual;
import dev.neap.plan.Explanation.Batch;
import dev.neap.plan.Explanation.Statement;
import dev.neap.plan.Plan;
import dev.neap.plan.PlannedUnit;
import dev.neap.plan.PlannedUnit.Segment;
import dev.neap.plan.StatementPlan;
import dev.neap.postgres.fill.FillRehearsal.Rehearsed;
import dev.neap.postgres.planning.ReadOnly;
import dev.neap.postgres.query.SqlFailures;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Explains a whole plan, table by table, and rehearses it where that is asked for. */
final class PlanExplainer {
    private final Connection connection;
    private final long graceMs;

    /**
     * Explains over this connection.
     *
     * @param connection in autocommit, used by nobody else meanwhile
     * @param graceMs how long an application may take from one of its writes to the other, in milliseconds
     */
    PlanExplainer(Connection connection, long graceMs) {
        this.connection = connection;
        this.graceMs = graceMs;
    }

    /** @param analyze executes a sample of the first table, and rolls it back */
    Explanation explain(Plan plan, boolean analyze) {
        if (plan.units().isEmpty()) {
            return new Explanation(List.of(), List.of(), List.of("there is nothing to explain"), null);
        }
        List<Backfill> parts = plan.backfill().parts();
        if (parts.size() == 1) {
            return part(parts.get(0), plan, analyze);
        }
        List<Statement> statements = new ArrayList<>();
        List<String> notes = new ArrayList<>();
        Explanation first = null;
        for (Backfill part : parts) {
            String table = part.fill().into().toString();
            Explanation one = part(part, plan, analyze && first == null);
            one.statements().forEach(statement -> statements.add(called(table + ": ", statement)));
            one.notes().forEach(note -> notes.add(table + ": " + note));
            first = first == null ? one : first;
        }
        notes.add("the first batches are those of " + parts.get(0).fill().into());
        if (analyze) {
            notes.add("the first table alone was rehearsed: the others build on rows that are rolled back with it");
        }
        return new Explanation(
                statements,
                first == null ? List.of() : first.batches(),
                notes,
                first == null ? null : first.rehearsal());
    }

    private static Statement called(String table, Statement statement) {
        StatementPlan plan = statement.plan();
        return new Statement(
                new StatementPlan(
                        table + plan.name(),
                        plan.sql(),
                        plan.meant(),
                        plan.rows(),
                        plan.cost(),
                        plan.text(),
                        plan.json(),
                        plan.scans()),
                statement.settings(),
                statement.verdict(),
                statement.actual());
    }

    private Explanation part(Backfill part, Plan plan, boolean analyze) {
        Optional<Segment> first = plan.units().stream()
                .map(PlannedUnit::segment)
                .filter(segment -> of(part, segment))
                .findFirst();
        if (first.isEmpty()) {
            return nothing(part.fill().from() + " is filled before, and cut into segments then");
        }
        Explanation read = ReadOnly.read(
                connection,
                reading -> new FillExplainer(reading, FillTables.read(reading, part.fill()), part.batchRows(), graceMs)
                        .explanation(first.get()));
        try {
            return analyze && !read.batches().isEmpty() ? rehearsed(part, plan, first.get(), read) : read;
        } catch (SQLException e) {
            throw SqlFailures.explain(e);
        }
    }

    private static Explanation nothing(String why) {
        return new Explanation(List.of(), List.of(), List.of(why), null);
    }

    private static boolean of(Backfill part, @Nullable Segment segment) {
        return segment != null && segment.part() == part.part();
    }

    private Explanation rehearsed(Backfill part, Plan plan, Segment first, Explanation read) throws SQLException {
        FillTables tables = FillTables.read(connection, part.fill());
        FillRehearsal rehearsal = new FillRehearsal(connection, tables, graceMs);
        Batch sample = read.batches().get(0);
        Rehearsed rehearsed =
                rehearsal.execute(first, sample, Math.min(FillExplainer.ROWS, part.batchRows()), Tuning.DEFAULT);
        Map<String, Actual> actual = rehearsed.statements();
        long rows = plan.units().stream()
                .filter(unit -> of(part, unit.segment()))
                .mapToLong(PlannedUnit::rowsEstimated)
                .sum();
        double times = (double) rows / Math.max(1, rehearsed.rows());
        long millis = rehearsed.transform().toMillis();
        long wal = 0;
        for (String name : List.of("walk", "read", "lock", "write")) {
            Actual one = actual.get(name);
            if (one != null) {
                millis += one.took().toMillis();
                wal += one.walBytes();
            }
        }
        Duration fastest = Duration.ofMillis((long) (millis * times));
        Duration paced = plan.estimate().duration();
        boolean ceiling = part.pace().rate() != null && paced.compareTo(fastest) > 0;
        return new Explanation(
                read.statements().stream()
                        .map(s -> new Statement(
                                s.plan(),
                                s.settings(),
                                s.verdict(),
                                actual.get(s.plan().name())))
                        .toList(),
                read.batches(),
                Stream.concat(read.notes().stream(), rehearsed.notes().stream()).toList(),
                new Explanation.Rehearsal(
                        rehearsed.rows(), ceiling ? paced : fastest, (long) (wal * times), rehearsal.leaves()));
    }
}
