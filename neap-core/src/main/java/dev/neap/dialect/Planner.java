package dev.neap.dialect;

import dev.neap.backfill.Backfill;
import dev.neap.backfill.TableName;
import dev.neap.plan.Explanation;
import dev.neap.plan.Plan;
import dev.neap.plan.TableSketch;
import java.util.List;

/** Reads a live database, in read-only transactions, and never writes. Not for use by several threads at once. */
public interface Planner {
    /**
     * Compiles a backfill.
     *
     * @throws NeapException of kind USAGE when the table or a column is not there, or is no partitioned table
     */
    Plan plan(Backfill backfill);

    /**
     * How the server would carry out the statements of a fill, or what those of a rebuild read.
     *
     * @param plan one that this planner has made
     * @param analyze whether a sample is executed, in a transaction that is rolled back
     * @throws NeapException USAGE where the engine cannot
     */
    default Explanation explain(Plan plan, boolean analyze) {
        throw new NeapException(NeapException.Kind.USAGE, "not in this version: EXPLAIN of a fill on this engine");
    }

    /**
     * Looks at one table.
     *
     * @param table as a person types it: `name` or `schema.name`, quoted where needed
     * @throws NeapException of kind USAGE when there is no such table
     */
    TableSketch describe(String table);

    /** The statements that make a role with just the privileges that a rebuild of this table needs. */
    List<String> grants(TableName table, String role);

    /** The same for all that a file declares, a rebuild or a fill. */
    List<String> grants(Backfill backfill, String role);
}
