package dev.neap.dialect;

import dev.neap.plan.StatementPlan;
import dev.neap.plan.TableScan;
import dev.neap.plan.TableStatistics;
import java.util.List;

/** How the server carries out statements of a fill, in the session that sends them, and what can be done about it. */
public interface StatementPlans {
    /** The plans of the last statements with their bounds, as they would be made now; empty before the first. Executes none of them. */
    List<StatementPlan> now();

    /** What the planner knows of a table. */
    TableStatistics statistics(TableScan scan);

    /** Tells it anew. It may fail for lack of a privilege, and then nothing has changed. */
    void refresh(TableScan scan);

    /** The ways in which a statement can be made to use an index, the mildest first, in words. */
    List<String> means();

    /**
     * From now on uses one of them, in each transaction.
     *
     * @param which a place in {@link #means}, from 1; 0 for none
     * @param scans for which tables
     */
    void use(int which, List<TableScan> scans);
}
