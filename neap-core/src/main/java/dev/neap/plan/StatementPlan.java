package dev.neap.plan;

import java.util.List;

/**
 * How the server would carry out one statement of a run.
 *
 * @param name what the statement does in the protocol, such as `write`
 * @param sql the statement
 * @param meant how many rows it is about at most, at least 1
 * @param rows how many rows the server expects, zero or more
 * @param cost the server's figure for its cost, comparable with others of the same server alone
 * @param text the plan, in the server's own words
 * @param json the same as the server writes it in JSON
 * @param scans how it gets at each table but Neap's own
 */
public record StatementPlan(
        String name, String sql, long meant, long rows, double cost, String text, String json, List<TableScan> scans) {
    public StatementPlan {
        scans = List.copyOf(scans);
    }

    /** Large tables that are read whole for a few of their rows. */
    public List<TableScan> tooMuch() {
        return scans.stream().filter(scan -> scan.tooMuch(meant)).toList();
    }
}
