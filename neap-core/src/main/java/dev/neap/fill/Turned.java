package dev.neap.fill;

import dev.neap.plan.StatementPlan;
import dev.neap.plan.TableScan;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A statement that reads a large table whole for a few of its rows, and did not before. What is decided about it is a
 * pure function.
 *
 * @param plan the plan of now
 * @param scan where it does so
 * @param before the plan that it had; null where none is known
 */
record Turned(StatementPlan plan, TableScan scan, @Nullable StatementPlan before) {
    /** What is to be done. */
    enum Mend {
        /** Nothing has turned. */
        NOTHING,
        /** What the planner knows is old. */
        ANALYZE,
        /** It must be told to use the index. */
        FORCE,
        /** It was so from the beginning, and whoever runs it was warned. */
        ACCEPT,
        /** It was better before, and nothing helps. */
        STOP
    }

    /** A table that a statement reads whole, as it did when the run began. */
    record Accepted(String statement, String table) {}

    /**
     * Which have turned.
     *
     * @param before the last plans that were good, by the statement's name
     * @param accepted what is left alone
     */
    static List<Turned> of(List<StatementPlan> now, Map<String, StatementPlan> before, Collection<Accepted> accepted) {
        List<Turned> turned = new ArrayList<>();
        for (StatementPlan plan : now) {
            for (TableScan scan : plan.tooMuch()) {
                if (!accepted.contains(new Accepted(plan.name(), scan.table()))) {
                    turned.add(new Turned(plan, scan, before.get(plan.name())));
                }
            }
        }
        return turned;
    }

    /**
     * What is to be done next.
     *
     * @param old whether what the planner knows of one of their tables is old, and was not made new in this look
     * @param means how many ways are left to make it use an index
     */
    static Mend next(List<Turned> turned, boolean old, int means) {
        if (turned.isEmpty()) {
            return Mend.NOTHING;
        }
        if (old) {
            return Mend.ANALYZE;
        }
        if (means > 0) {
            return Mend.FORCE;
        }
        return turned.stream().allMatch(t -> t.before() == null) ? Mend.ACCEPT : Mend.STOP;
    }

    /** In words. */
    String words() {
        return "the statement '" + plan.name() + "' reads all of " + scan.table()
                + (scan.forEachRow() ? ", for each row" : "");
    }
}
