package dev.neap.postgres.rebuild;

import dev.neap.backfill.Backfill;
import dev.neap.control.UnitRow;
import dev.neap.dialect.Tuning;
import dev.neap.plan.Plan.StepSql;
import dev.neap.plan.PlannedUnit;
import dev.neap.plan.Step;
import dev.neap.postgres.planning.StepSqlSource;
import dev.neap.postgres.query.Query;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The statements of a unit before it is run, with 0 for the ids that a run will have. */
public final class PlannedSql implements StepSqlSource {
    /** As many as a drain takes at a time while writers wait. */
    private static final int CHANGES = 1_000;

    private final Tuning tuning;

    public PlannedSql(Tuning tuning) {
        this.tuning = tuning;
    }

    @Override
    public List<StepSql> steps(Connection connection, Backfill backfill, PlannedUnit planned) throws SQLException {
        UnitWork work = work(connection, backfill, planned);
        List<StepSql> steps = new ArrayList<>();
        steps.add(new StepSql(Step.SHADOW.label(), work.createShadow()));
        List<String> capture = new ArrayList<>(work.capture().createChanges());
        capture.add(work.capture().function(false));
        capture.addAll(work.capture().createTriggers(work.names().liveTable()));
        capture.addAll(captureOfSources(work));
        steps.add(new StepSql(Step.CAPTURE.label(), capture));
        steps.add(new StepSql(Step.LOAD.label(), load(work)));
        steps.add(new StepSql(Step.INDEX.label(), new FinishSteps(work, new LoadStep(work)).statements()));
        if (work.sql().hasKey()) {
            steps.add(new StepSql(
                    Step.DRAIN.label(),
                    List.of(
                            work.sql().deletePending(1),
                            work.sql().insertPending(1),
                            work.sql().deleteReplayed(1))));
        }
        steps.add(new StepSql(
                Step.VERIFY.label(),
                List.of(
                        backfill.rebuild().source() == null
                                ? work.sql()
                                        .verify(List.copyOf(
                                                backfill.rebuild().set().keySet()))
                                : work.sourceSql().verify())));
        steps.add(backfill.rebuild().merges() ? merge(work) : swap(work));
        if (backfill.rebuild().mends()) {
            steps.add(new StepSql(Step.SETTLE.label(), List.of(work.sql().mendPending(1, 1))));
        }
        return steps;
    }

    @Override
    public List<Read> reads(Connection connection, Backfill backfill, PlannedUnit planned) throws SQLException {
        UnitWork work = work(connection, backfill, planned);
        long rows = Math.max(1, planned.rowsEstimated());
        if (work.sources().isPresent()) {
            return List.of(new Read(Step.LOAD.label(), "", work.sourceSql().loaded(), rows));
        }
        List<Read> reads = new ArrayList<>();
        reads.add(new Read(Step.LOAD.label(), "", work.sql().loaded(0, 1_000), rows));
        if (work.sql().hasKey()) {
            reads.add(new Read(Step.DRAIN.label(), LoadStep.BY_KEY, work.sql().drained(CHANGES), CHANGES));
        }
        return reads;
    }

    private UnitWork work(Connection connection, Backfill backfill, PlannedUnit planned) {
        UnitRow unit = new UnitRow(
                0,
                0,
                planned.position(),
                planned.partition(),
                planned.bound(),
                "pending",
                Step.FINGERPRINT,
                0,
                0,
                0,
                0,
                null,
                0,
                0,
                planned.rowsEstimated(),
                0,
                0,
                false,
                false);
        return new UnitWork(connection, backfill, unit, tuning);
    }

    private static List<String> load(UnitWork work) throws SQLException {
        if (work.sources().isEmpty()) {
            return List.of(work.sql().load(0, 1));
        }
        SourceSql sql = work.sourceSql();
        return sql.keeps() ? List.of(sql.load(), sql.keepMissing()) : List.of(sql.load());
    }

    private static List<String> captureOfSources(UnitWork work) throws SQLException {
        Optional<SourceCapture> sources = work.sources();
        if (sources.isEmpty()) {
            return List.of();
        }
        List<String> all = new ArrayList<>(sources.get().create(work.tuning().captureLimit()));
        Query.of(work.connection(), sources.get().tables())
                .list(r -> sources.get().createTriggers(r.getString(1), r.getBoolean(2)))
                .forEach(all::addAll);
        return all;
    }

    private static StepSql swap(UnitWork work) throws SQLException {
        SwapScript swap = new SwapScript(work);
        TurnOver turnOver = new TurnOver(work);
        List<String> swapped = new ArrayList<>(turnOver.wanted() ? turnOver.statements() : List.of());
        swapped.addAll(swap.locks());
        swapped.addAll(swap.steps());
        return new StepSql(Step.SWAP.label(), swapped);
    }

    private static StepSql merge(UnitWork work) throws SQLException {
        MergeSql sql = work.mergeSql();
        List<String> last = work.shape().key().stream().map(k -> "…").toList();
        String path = MergeCatalog.pathOfKey(work.connection(), work.requireLive());
        List<String> batch = new ArrayList<>(
                List.of(sql.upper(null, 1_000), sql.lock(null, last), sql.update(List.of("(0,1)")), sql.differences()));
        if (!path.isEmpty()) {
            batch.add(0, "SET LOCAL search_path = " + path + " -- for the first two");
        }
        return new StepSql(Step.MERGE.label(), batch);
    }
}
