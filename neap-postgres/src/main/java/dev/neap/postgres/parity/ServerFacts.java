package dev.neap.postgres.parity;

import dev.neap.parity.Fact;
import dev.neap.parity.Survey;
import dev.neap.parity.Weight;
import dev.neap.postgres.query.Query;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** The server's version, machine, settings and extensions. */
final class ServerFacts {
    /** With another of these, times mean something else, or values compare and sort otherwise. */
    private static final List<String> WORTHLESS =
            List.of("fsync", "full_page_writes", "block_size", "server_encoding", "wal_level");

    /** These decide plans, waits, and how often the server has to stop for itself. */
    private static final List<String> MATTERING = List.of(
            "autovacuum",
            "autovacuum_max_workers",
            "autovacuum_vacuum_cost_delay",
            "autovacuum_vacuum_cost_limit",
            "autovacuum_vacuum_scale_factor",
            "checkpoint_timeout",
            "data_checksums",
            "deadlock_timeout",
            "default_statistics_target",
            "effective_cache_size",
            "effective_io_concurrency",
            "enable_partitionwise_aggregate",
            "enable_partitionwise_join",
            "idle_session_timeout",
            "jit",
            "lock_timeout",
            "maintenance_work_mem",
            "max_connections",
            "max_locks_per_transaction",
            "max_parallel_maintenance_workers",
            "max_parallel_workers_per_gather",
            "max_wal_size",
            "plan_cache_mode",
            "random_page_cost",
            "seq_page_cost",
            "shared_buffers",
            "statement_timeout",
            "synchronous_commit",
            "temp_file_limit",
            "transaction_timeout",
            "wal_buffers",
            "wal_compression",
            "work_mem");

    private ServerFacts() {}

    static Survey of(Connection connection) throws SQLException {
        List<Fact> facts = new ArrayList<>();
        version(connection, facts);
        settings(connection, WORTHLESS, Weight.WORTHLESS, facts);
        settings(connection, MATTERING, Weight.MATTERS, facts);
        add(facts, "settings", "synchronous standbys", Weight.MATTERS, connection, """
                SELECT CASE WHEN current_setting('synchronous_standby_names') = '' THEN 'none' ELSE 'some' END
                """);
        add(facts, "settings", "standbys", Weight.MATTERS, connection, """
                SELECT CASE count(*) WHEN 0 THEN 'none' ELSE 'some' END FROM pg_catalog.pg_stat_replication
                """);
        // By name out of the whole row: each version has other columns for it, and 14 none.
        add(facts, "settings", "collation", Weight.WORTHLESS, connection, """
                SELECT concat_ws(' ', CASE provider WHEN 'i' THEN 'icu' WHEN 'b' THEN 'builtin' ELSE 'libc' END, locale, rules)
                       || ': ' || datcollate || ', ' || datctype
                FROM pg_catalog.pg_database d CROSS JOIN LATERAL (
                    SELECT to_jsonb(d) ->> 'datlocprovider' AS provider,
                           coalesce(to_jsonb(d) ->> 'datlocale', to_jsonb(d) ->> 'daticulocale') AS locale,
                           to_jsonb(d) ->> 'daticurules' AS rules) AS own
                WHERE datname = current_database()
                """);
        facts.addAll(Query.of(connection, "SELECT extname, extversion FROM pg_catalog.pg_extension ORDER BY extname")
                .list(row -> new Fact("extensions", row.getString(1), row.getString(2), Weight.MATTERS)));
        return new Survey(facts, List.of(), List.of());
    }

    private static void version(Connection connection, List<Fact> facts) throws SQLException {
        add(facts, "server", "major version", Weight.WORTHLESS, connection, """
                SELECT (current_setting('server_version_num')::int / 10000)::text
                """);
        add(facts, "server", "version", Weight.NOTE, connection, "SELECT current_setting('server_version')");
        // Between the word "on" and the comma: x86_64-pc-linux-gnu.
        add(facts, "server", "machine", Weight.MATTERS, connection, """
                SELECT coalesce(substring(version() FROM ' on ([^ ,]+)'), 'unknown')
                """);
    }

    /** A setting that this version does not have is no fact. */
    private static void settings(Connection connection, List<String> names, Weight weight, List<Fact> facts)
            throws SQLException {
        facts.addAll(Query.of(connection, """
                        SELECT name, current_setting(name) FROM pg_catalog.pg_settings
                        WHERE name = ANY (?::text[]) AND current_setting(name, true) IS NOT NULL ORDER BY name
                        """, names)
                .list(row -> new Fact("settings", row.getString(1), row.getString(2), weight)));
    }

    private static void add(
            List<Fact> facts, String topic, String name, Weight weight, Connection connection, String sql)
            throws SQLException {
        facts.add(new Fact(topic, name, Query.of(connection, sql).text(), weight));
    }
}
