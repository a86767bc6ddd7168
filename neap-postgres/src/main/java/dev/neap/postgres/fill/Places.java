package dev.neap.postgres.fill;

import dev.neap.postgres.planning.LiveTable;
import dev.neap.postgres.query.Query;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * All places at which a table may hold a row: on each page of each partition as many as a page can hold at all. One that is
 * picked may hold none; so each row is picked as often as any other, however full its page is. (Rows of a random page are
 * not random rows: those that were written together lie together.)
 *
 * @param tables the table, or its partitions: quoted name to pages
 * @param eachPage the most rows of a page
 */
record Places(Map<String, Long> tables, int eachPage) {
    /** What a page itself takes, and what a row takes at least, in bytes: its header and its pointer. */
    private static final int PAGE_HEADER = 24;

    private static final int LEAST_ROW = 28;

    Places {
        tables = Collections.unmodifiableMap(new LinkedHashMap<>(tables));
    }

    static Places of(Connection connection, LiveTable table) throws SQLException {
        int page = (int) Query.of(connection, "SELECT current_setting('block_size')::int")
                .number();
        Map<String, Long> tables = new LinkedHashMap<>();
        Query.of(connection, """
                        SELECT format('%I.%I', n.nspname, c.relname), pg_relation_size(c.oid) / ?
                        FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                        WHERE c.relkind = 'r' AND c.oid IN (SELECT relid FROM pg_partition_tree(?::oid::regclass)
                                                            UNION SELECT ?::oid)
                        """, page, table.oid(), table.oid())
                .list(row -> tables.put(row.getString(1), row.getLong(2)));
        return new Places(tables, (page - PAGE_HEADER) / LEAST_ROW);
    }

    /** Places picked at random, as `ctid`s, by table. */
    Map<String, List<String>> random(int number, RandomGenerator random) {
        Map<String, List<String>> picked = new LinkedHashMap<>();
        long pages = tables.values().stream().mapToLong(Long::longValue).sum();
        for (int i = 0; i < number && pages > 0; i++) {
            long page = random.nextLong(pages);
            for (Map.Entry<String, Long> table : tables.entrySet()) {
                if (page < table.getValue()) {
                    picked.computeIfAbsent(table.getKey(), unused -> new ArrayList<>())
                            .add("(" + page + "," + (1 + random.nextInt(eachPage)) + ")");
                    break;
                }
                page -= table.getValue();
            }
        }
        return picked;
    }
}
