package dev.neap.postgres.preflight;

import dev.neap.postgres.query.Query;
import dev.neap.preflight.Finding;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** What is updated where it is leaves dead rows behind, and somebody has to take them away. */
public final class Autovacuum {
    static final String NAME = "autovacuum";

    private static final String WHY = "each update leaves a dead row behind, and the table and its indexes grow until"
            + " somebody takes them away";

    /** Beyond this many dead rows a table is slow for a while, whatever its size. */
    private static final long MANY = 10_000_000;

    private static final String TABLES = """
            SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname), coalesce(o.enabled, true), coalesce(o.threshold,
                   current_setting('autovacuum_vacuum_threshold')::float8) + greatest(c.reltuples, 0)
                   * coalesce(o.factor, current_setting('autovacuum_vacuum_scale_factor')::float8)
            FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            CROSS JOIN LATERAL (
                SELECT max(option_value) FILTER (WHERE option_name = 'autovacuum_enabled')::bool AS enabled,
                       max(option_value) FILTER (WHERE option_name = 'autovacuum_vacuum_threshold')::float8 AS threshold,
                       max(option_value) FILTER (WHERE option_name = 'autovacuum_vacuum_scale_factor')::float8 AS factor
                FROM pg_options_to_table(c.reloptions)) AS o
            WHERE c.relkind = 'r'
              AND c.oid IN (SELECT tree.relid
                            FROM unnest(?::oid[]) AS written (oid), pg_partition_tree(written.oid::regclass) AS tree
                            UNION SELECT unnest(?::oid[]))
            ORDER BY 1
            """;

    private record Table(String name, boolean enabled, double deadRows) {}

    private Autovacuum() {}

    /**
     * What is off, or comes late.
     *
     * @param written the OIDs of the tables that are written, or of what they are partitions of
     * @param updates whether most of their rows are
     */
    public static List<Finding> look(Connection connection, List<String> written, boolean updates) throws SQLException {
        if (Query.of(
                        connection,
                        "SELECT NOT (current_setting('autovacuum')::bool AND current_setting('track_counts')::bool)")
                .truth()) {
            return List.of(Finding.warning(
                    NAME,
                    "autovacuum is off on this server, or track_counts, by which it knows what to do",
                    WHY,
                    "ALTER SYSTEM SET autovacuum = on; ALTER SYSTEM SET track_counts = on; SELECT pg_reload_conf()"));
        }
        List<Table> tables = Query.of(connection, TABLES, written, written)
                .list(row -> new Table(row.getString(1), row.getBoolean(2), row.getDouble(3)));
        List<Finding> findings = new ArrayList<>();
        for (Table table : tables) {
            if (!table.enabled()) {
                findings.add(Finding.warning(
                        NAME,
                        "autovacuum is off for " + table.name(),
                        WHY,
                        "ALTER TABLE " + table.name() + " RESET (autovacuum_enabled)"));
            } else if (updates && table.deadRows() > MANY) {
                findings.add(Finding.warning(
                        NAME,
                        "autovacuum leaves %s alone up to %,.0f dead rows".formatted(table.name(), table.deadRows()),
                        WHY,
                        "ALTER TABLE " + table.name() + " SET (autovacuum_vacuum_scale_factor = 0.01)"));
            }
        }
        return findings.subList(0, Math.min(findings.size(), 20));
    }
}
