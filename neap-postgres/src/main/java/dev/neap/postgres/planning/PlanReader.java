package dev.neap.postgres.planning;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.neap.backfill.TableName;
import dev.neap.plan.StatementPlan;
import dev.neap.plan.TableScan;
import dev.neap.postgres.query.Names;
import dev.neap.postgres.query.Query;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Asks the server how it would carry out a statement, without doing so, and reads the answer. */
public final class PlanReader {
    private static final JsonMapper JSON = new JsonMapper();
    private static final List<String> CONDITIONS =
            List.of("Filter", "Index Cond", "Recheck Cond", "Hash Cond", "Merge Cond", "Join Filter");
    /** What hands on no more rows than it is asked for. */
    private static final Set<String> PASSING = Set.of("Append", "Merge Append", "Result", "Subquery Scan", "LockRows");

    private final Connection connection;

    /** @param connection asks with the settings that hold in it */
    public PlanReader(Connection connection) {
        this.connection = connection;
    }

    /**
     * The plan of one statement, under the settings that hold in the session now.
     *
     * @param meant how many rows it is about at most
     */
    public StatementPlan explain(String name, String sql, long meant) throws SQLException {
        return explain(name, sql, meant, "");
    }

    /**
     * The same with what stands before the whole.
     *
     * @param hint a comment that hints at a plan; empty for none
     */
    public StatementPlan explain(String name, String sql, long meant, String hint) throws SQLException {
        String text = answer(hint + "EXPLAIN " + sql);
        String json = answer(hint + "EXPLAIN (VERBOSE, FORMAT JSON) " + sql);
        return read(name, sql, meant, text, json);
    }

    private String answer(String sql) throws SQLException {
        return String.join("\n", PlainSql.list(connection, sql, row -> row.getString(1)));
    }

    /** Reads what EXPLAIN said, with VERBOSE, in JSON. */
    StatementPlan read(String name, String sql, long meant, String text, String json) throws SQLException {
        JsonNode root = parsed(json).path(0).path("Plan");
        Walk walk = new Walk(json);
        walk.node(root, false, false);
        List<TableScan> scans = new ArrayList<>();
        for (Found found : walk.found) {
            scans.add(scan(found, walk.conditions));
        }
        return new StatementPlan(
                name, sql, meant, rows(root), root.path("Total Cost").asDouble(), text, json, scans);
    }

    /** A statement that writes yields no row itself: what it expects stands below. */
    private static long rows(JsonNode node) {
        return node.path("Node Type").asText().equals("ModifyTable")
                ? rows(node.path("Plans").path(0))
                : node.path("Plan Rows").asLong();
    }

    /** What the server said in JSON. */
    public static JsonNode parsed(String json) {
        try {
            return JSON.readTree(json);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("the server's EXPLAIN is no JSON", e);
        }
    }

    private record Found(JsonNode node, boolean whole, boolean forEachRow) {}

    /** Goes through a plan's tree. */
    private static final class Walk {
        private final String json;
        private final List<Found> found = new ArrayList<>();
        private final List<String> conditions = new ArrayList<>();

        Walk(String json) {
            this.json = json;
        }

        void node(JsonNode node, boolean limited, boolean forEachRow) {
            String type = node.path("Node Type").asText();
            CONDITIONS.forEach(condition -> {
                if (node.has(condition)) {
                    conditions.add(node.get(condition).asText());
                }
            });
            if (node.has("Relation Name") && type.endsWith("Scan") && !neaps(node)) {
                boolean byIndex = type.startsWith("Index");
                boolean whole = type.equals("Seq Scan") || (byIndex && !node.has("Index Cond") && !limited);
                found.add(new Found(node, whole, forEachRow));
            }
            for (JsonNode child : node.path("Plans")) {
                boolean below = type.equals("Limit") || (limited && PASSING.contains(type));
                node(child, below, forEachRow || again(type, child));
            }
        }

        private boolean again(String parent, JsonNode child) {
            String relation = child.path("Parent Relationship").asText();
            String subplan = child.path("Subplan Name").asText();
            return relation.equals("SubPlan")
                    ? subplan.startsWith("SubPlan") && !json.contains("hashed " + subplan)
                    : relation.equals("Inner")
                            && parent.equals("Nested Loop")
                            && !child.path("Node Type").asText().equals("Materialize");
        }

        private static boolean neaps(JsonNode node) {
            String schema = node.path("Schema").asText();
            return schema.equals("neap") || schema.startsWith("pg_temp");
        }
    }

    private record Size(long rows, long bytes) {}

    private TableScan scan(Found found, List<String> conditions) throws SQLException {
        JsonNode node = found.node();
        String table = new TableName(
                        node.path("Schema").asText(), node.path("Relation Name").asText())
                .sql();
        String alias = node.path("Alias").asText();
        Size size = found.whole() ? size(table) : new Size(0, 0);
        return new TableScan(
                table,
                alias,
                node.path("Node Type").asText(),
                index(node),
                found.whole(),
                found.forEachRow(),
                size.rows(),
                size.bytes(),
                found.whole() ? compared(alias, conditions) : "");
    }

    /** A bitmap's index stands one level below. */
    private static @Nullable String index(JsonNode node) {
        if (node.has("Index Name")) {
            return node.get("Index Name").asText();
        }
        for (JsonNode child : node.path("Plans")) {
            String below = child.path("Node Type").asText().startsWith("Bitmap") ? index(child) : null;
            if (below != null) {
                return below;
            }
        }
        return null;
    }

    /** What the server knows of it, or its pages where they were never counted. */
    private Size size(String table) throws SQLException {
        return Query.of(connection, """
                        SELECT greatest(c.reltuples, pg_relation_size(c.oid) / 200)::bigint, pg_table_size(c.oid)
                        FROM pg_catalog.pg_class c WHERE c.oid = ?::regclass
                        """, table)
                .list(r -> new Size(r.getLong(1), r.getLong(2)))
                .get(0);
    }

    /** EXPLAIN quotes a name only where it must. */
    private static String compared(String alias, List<String> conditions) {
        String name = "(?:" + Pattern.quote(alias) + "|" + Pattern.quote(Names.quote(alias)) + ")";
        String column = "(?<![\\w\"])" + name + "\\.(\"(?:[^\"]|\"\")+\"|\\w+)";
        Pattern equal = Pattern.compile(column + "\\)*(?:::[\\w ]+)?\\)* = |(?<= = )\\(*" + column);
        Set<String> columns = new LinkedHashSet<>();
        for (String condition : conditions) {
            Matcher matcher = equal.matcher(condition);
            while (matcher.find()) {
                columns.add(matcher.group(1) == null ? matcher.group(2) : matcher.group(1));
            }
        }
        return String.join(", ", columns);
    }
}
