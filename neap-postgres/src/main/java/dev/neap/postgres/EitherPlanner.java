package dev.neap.postgres;

import dev.neap.backfill.Backfill;
import dev.neap.backfill.TableName;
import dev.neap.dialect.Planner;
import dev.neap.plan.Explanation;
import dev.neap.plan.Plan;
import dev.neap.plan.TableSketch;
import dev.neap.postgres.fill.FillPlanner;
import dev.neap.preflight.Finding;
import java.util.List;
import java.util.function.Function;

/** Plans what the file declares, a rebuild or a fill, and looks at what is beyond the session that plans. */
final class EitherPlanner implements Planner {
    private final Planner rebuilds;
    private final FillPlanner fills;
    private final Function<Backfill, List<Finding>> beyond;

    /** @param beyond what the checks see that need sessions of their own */
    EitherPlanner(Planner rebuilds, FillPlanner fills, Function<Backfill, List<Finding>> beyond) {
        this.rebuilds = rebuilds;
        this.fills = fills;
        this.beyond = beyond;
    }

    @Override
    public Plan plan(Backfill backfill) {
        Plan plan = backfill.fills() ? fills.plan(backfill) : rebuilds.plan(backfill);
        return plan.and(beyond.apply(backfill));
    }

    @Override
    public Explanation explain(Plan plan, boolean analyze) {
        return plan.backfill().fills() ? fills.explain(plan, analyze) : rebuilds.explain(plan, analyze);
    }

    @Override
    public TableSketch describe(String table) {
        return rebuilds.describe(table);
    }

    @Override
    public List<String> grants(TableName table, String role) {
        return rebuilds.grants(table, role);
    }

    @Override
    public List<String> grants(Backfill backfill, String role) {
        return backfill.fills() ? fills.grants(backfill, role) : rebuilds.grants(backfill, role);
    }
}
