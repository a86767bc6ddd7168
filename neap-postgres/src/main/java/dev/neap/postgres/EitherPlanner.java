package dev.neap.postgres;

import dev.neap.backfill.Backfill;
import dev.neap.backfill.TableName;
import dev.neap.dialect.Planner;
import dev.neap.plan.Explanation;
import dev.neap.plan.Plan;
import dev.neap.plan.TableSketch;
import dev.neap.postgres.fill.FillPlanner;
import java.util.List;

/** Plans what the file declares: a rebuild or a fill. */
final class EitherPlanner implements Planner {
    private final Planner rebuilds;
    private final FillPlanner fills;

    EitherPlanner(Planner rebuilds, FillPlanner fills) {
        this.rebuilds = rebuilds;
        this.fills = fills;
    }

    @Override
    public Plan plan(Backfill backfill) {
        return backfill.fills() ? fills.plan(backfill) : rebuilds.plan(backfill);
    }

    @Override
    public Explanation explain(Plan plan, boolean analyze) {
        return fills.explain(plan, analyze);
    }

    @Override
    public TableSketch describe(String table) {
        return rebuilds.describe(table);
    }

    @Override
    public List<String> grants(TableName table, String role) {
        return rebuilds.grants(table, role);
    }
}
