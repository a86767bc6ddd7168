package dev.neap.postgres.planning;

import dev.neap.backfill.Rebuild;
import dev.neap.backfill.TableName;
import dev.neap.postgres.query.Names;
import java.util.ArrayList;
import java.util.List;

/** The recompute as SQL over one table's rows: what is already right stays, everything else gets the file's values. */
public final class Recompute {
    private final LiveTable table;
    private final Rebuild rebuild;

    public Recompute(LiveTable table, Rebuild rebuild) {
        this.table = table;
        this.rebuild = rebuild;
    }

    /** The new value of one column. A predicate that yields null does not make a row right. */
    public String value(String column) {
        String recomputed = "(" + rebuild.set().get(column) + "\n)";
        if (rebuild.alreadyRight() == null) {
            return recomputed;
        }
        return "CASE WHEN (" + rebuild.alreadyRight() + "\n) IS TRUE THEN live." + Names.quote(column) + " ELSE "
                + recomputed + " END";
    }

    /**
     * Puts one column's values into the table they come from: compiled, never executed. The WHERE is there because
     * neither aggregates nor window functions nor functions that return sets may stand in it, and none of them would
     * mean the same in each batch.
     */
    String assignment(TableName leaf, String column) {
        return "INSERT INTO " + Names.quote(leaf) + " (" + Names.quote(column) + ") OVERRIDING SYSTEM VALUE SELECT "
                + value(column) + " FROM ONLY " + Names.quote(leaf) + " AS live WHERE (" + value(column) + ") IS NULL";
    }

    /** Rows of the leaf before, after once, and after twice: `neap_before`, `neap_once`, and the columns themselves. */
    String twice(String sample) {
        String once = regenerated(applied(sample, "neap_before", ""), "neap_before, ");
        return regenerated(applied(once, "neap_once", "neap_before, "), "neap_before, neap_once, ");
    }

    /** The set columns as one record. */
    String record() {
        return "ROW(" + Names.list(rebuild.set().keySet()) + ")";
    }

    private String applied(String rows, String record, String carried) {
        List<String> columns = new ArrayList<>();
        for (LiveTable.Column column : table.columns()) {
            String name = Names.quote(column.name());
            boolean set = rebuild.set().containsKey(column.name());
            columns.add(set ? column.assigned(value(column.name())) + " AS " + name : name);
        }
        // OFFSET 0 keeps the planner from pasting an expression into the next, which would evaluate it many times.
        return "SELECT " + carried + record() + " AS " + record + ", " + String.join(", ", columns) + "\nFROM (" + rows
                + ") AS live OFFSET 0";
    }

    /** Generated columns follow the new values. */
    private String regenerated(String rows, String carried) {
        if (table.columns().stream().allMatch(c -> c.generation() == null)) {
            return rows;
        }
        List<String> columns = new ArrayList<>();
        for (LiveTable.Column column : table.columns()) {
            String name = Names.quote(column.name());
            String generation = column.generation();
            columns.add(generation == null ? name : column.assigned("(" + generation + ")") + " AS " + name);
        }
        return "SELECT " + carried + String.join(", ", columns) + "\nFROM (" + rows + ") AS live OFFSET 0";
    }
}
