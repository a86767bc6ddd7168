package dev.neap.postgres.planning;

import dev.neap.postgres.query.Names;
import dev.neap.postgres.query.Query;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What the server knows of partitions' rows and bytes, and a bounded look where it knows nothing fresh. */
final class Statistics {
    /** Partitions of up to this many pages are counted, larger ones are sampled. */
    private static final long COUNTED_PAGES = 1024;
    /** The most pages read in one plan, 256 MB. */
    private static final long PAGES_READ = 32_768;
    /** Partitions looked at by one statement: each holds a lock, and the lock table is small. */
    private static final int AT_ONCE = 50;

    /** Partitions whose files are measured; of more, the sizes are those of the last VACUUM or ANALYZE. */
    private static final int MEASURED = 2_000;

    private final Connection connection;

    Statistics(Connection connection) {
        this.connection = connection;
    }

    /**
     * What the catalog and the statistics say of one partition.
     *
     * @param indexBytes negative where they are those of its {@link #indexes}
     * @param guessed whether the sizes are those that others have on average
     */
    record Facts(
            long oid,
            String sqlName,
            double rows,
            long analyzedPages,
            long pages,
            long changedSince,
            long tableBytes,
            long indexBytes,
            long toastBytes,
            long unvacuumedBytes,
            int fillfactor,
            boolean guessed) {
        static Facts of(ResultSet row) throws SQLException {
            return new Facts(
                    row.getLong(1),
                    row.getString(2),
                    row.getDouble(3),
                    row.getLong(4),
                    row.getLong(5),
                    row.getLong(6),
                    row.getLong(7),
                    row.getLong(8),
                    row.getLong(9),
                    row.getLong(10),
                    row.getInt(11),
                    false);
        }

        /** Whether it was never vacuumed nor analyzed, so that the catalog knows nothing of its size. */
        boolean unknown() {
            return rows < 0;
        }

        /** Whether the row estimate can be trusted: analyzed, and little has changed since. */
        boolean fresh() {
            boolean analyzed = rows >= 0 && analyzedPages > 0;
            return pages == 0 || (analyzed && changedSince <= 0.1 * rows + 50 && pages <= 1.2 * analyzedPages);
        }

        /** Rows by the density at the last ANALYZE. */
        long scaled() {
            return pages == 0 ? 0 : Math.round(rows / analyzedPages * pages);
        }
    }

    /** Facts of partitions, in the order asked for. */
    List<Facts> facts(List<Leaf> leaves) throws SQLException {
        boolean measured = leaves.size() <= MEASURED;
        List<Facts> all = facts(leaves, measured);
        return measured ? all : Unanalyzed.measured(leaves, all, some -> facts(some, true));
    }

    private List<Facts> facts(List<Leaf> leaves, boolean measured) throws SQLException {
        return Query.of(connection, """
                        SELECT c.oid::bigint, quote_ident(n.nspname) || '.' || quote_ident(c.relname),
                               c.reltuples, c.relpages, size.main / block.bytes,
                               coalesce(pg_stat_get_mod_since_analyze(c.oid), 0),
                               CASE WHEN asked.measured THEN pg_table_size(c.oid) ELSE size.main + size.toast END,
                               CASE WHEN asked.measured THEN pg_indexes_size(c.oid) ELSE -1 END,
                               size.toast, greatest(0, size.main - c.relallvisible::bigint * block.bytes),
                               coalesce((SELECT option_value::int FROM pg_options_to_table(c.reloptions)
                                         WHERE option_name = 'fillfactor'), 100)
                        FROM unnest(?::oid[]) WITH ORDINALITY AS wanted(oid, place)
                        JOIN pg_class c ON c.oid = wanted.oid
                        JOIN pg_namespace n ON n.oid = c.relnamespace
                        LEFT JOIN pg_class t ON t.oid = c.reltoastrelid
                        CROSS JOIN (SELECT current_setting('block_size')::bigint AS bytes) AS block
                        CROSS JOIN (SELECT ?::boolean AS measured) AS asked
                        CROSS JOIN LATERAL (
                            SELECT CASE WHEN asked.measured THEN pg_relation_size(c.oid)
                                        ELSE c.relpages * block.bytes END AS main,
                                   CASE WHEN t.oid IS NULL THEN 0
                                        WHEN asked.measured THEN pg_relation_size(t.oid)
                                        ELSE t.relpages * block.bytes END AS toast) AS size
                        ORDER BY wanted.place
                        """, oids(leaves), measured).list(Facts::of);
    }

    /** Rows of each partition, by its identity. */
    Map<Long, Long> rows(List<Facts> all) throws SQLException {
        Map<Long, Long> rows = new LinkedHashMap<>();
        List<Facts> stale = new ArrayList<>();
        for (Facts facts : all) {
            if (facts.guessed()) {
                continue;
            }
            if (facts.fresh()) {
                rows.put(facts.oid(), facts.scaled());
            } else {
                stale.add(facts);
            }
        }
        look(stale, all.size() <= MEASURED ? stale : Unanalyzed.spread(stale), rows);
        Unanalyzed.guess(all, rows);
        return rows;
    }

    private void look(List<Facts> stale, List<Facts> most, Map<Long, Long> rows) throws SQLException {
        long budget = PAGES_READ;
        List<Facts> looked = new ArrayList<>();
        for (Facts facts : most) {
            long cost = Math.min(facts.pages(), COUNTED_PAGES);
            if (cost <= budget) {
                budget -= cost;
                looked.add(facts);
            }
        }
        double seenRows = 0;
        double seenPages = 0;
        for (int i = 0; i < looked.size(); i += AT_ONCE) {
            rows.putAll(counts(looked.subList(i, Math.min(i + AT_ONCE, looked.size()))));
        }
        for (Facts facts : looked) {
            seenRows += rows.getOrDefault(facts.oid(), 0L);
            seenPages += facts.pages();
        }
        for (Facts facts : stale) {
            // What the budget does not reach is taken to be as dense as what it reached.
            rows.putIfAbsent(facts.oid(), Math.round(facts.pages() * seenRows / Math.max(1, seenPages)));
        }
    }

    private Map<Long, Long> counts(List<Facts> some) throws SQLException {
        List<String> parts = new ArrayList<>();
        for (Facts facts : some) {
            double percent = Math.min(100, 100.0 * COUNTED_PAGES / facts.pages());
            String sample = percent == 100 ? "" : " TABLESAMPLE SYSTEM (" + percent + ") REPEATABLE (1)";
            parts.add("SELECT " + facts.oid() + "::bigint, round(count(*) * " + 100 / percent + ")::bigint FROM ONLY "
                    + facts.sqlName() + sample);
        }
        Map<Long, Long> counts = new LinkedHashMap<>();
        Savepoint before = connection.setSavepoint();
        Query.of(connection, String.join("\nUNION ALL\n", parts))
                .list(row -> counts.put(row.getLong(1), row.getLong(2)));
        // Lets go of the locks.
        connection.rollback(before);
        return counts;
    }

    /**
     * The live indexes of each partition, keys measured by these column widths. An index that belongs to a partitioned one
     * has its columns, so these are read once for all of its like.
     */
    Map<Long, List<Sizes.Index>> indexes(List<Leaf> leaves, Map<String, Double> columnBytes) throws SQLException {
        record Found(long table, String method, long bytes, long like) {}
        List<Found> found = Query.of(connection, """
                        SELECT x.indrelid::bigint, m.amname,
                               CASE WHEN ?::boolean THEN pg_relation_size(x.indexrelid)
                                    ELSE i.relpages * current_setting('block_size')::bigint END,
                               coalesce(up.inhparent, x.indexrelid)::bigint
                        FROM pg_index x
                        JOIN pg_class i ON i.oid = x.indexrelid
                        JOIN pg_am m ON m.oid = i.relam
                        LEFT JOIN pg_inherits up ON up.inhrelid = x.indexrelid
                        WHERE x.indrelid = ANY (?::oid[])
                        ORDER BY x.indexrelid
                        """, leaves.size() <= MEASURED, oids(leaves))
                .list(row -> new Found(row.getLong(1), row.getString(2), row.getLong(3), row.getLong(4)));
        Map<Long, Double> keys = new HashMap<>();
        List<String> likes =
                found.stream().map(Found::like).distinct().map(String::valueOf).toList();
        Query.of(connection, """
                        SELECT x.indexrelid::bigint,
                               ARRAY(SELECT coalesce(a.attname, '') FROM unnest(x.indkey::int2[]) AS k(num)
                                     LEFT JOIN pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = k.num)::text[]
                        FROM pg_index x WHERE x.indexrelid = ANY (?::oid[])
                        """, likes)
                .list(row -> keys.put(
                        row.getLong(1),
                        keyBytes(List.of((String[]) row.getArray(2).getArray()), columnBytes)));
        Map<Long, List<Sizes.Index>> indexes = new LinkedHashMap<>();
        for (Found index : found) {
            indexes.computeIfAbsent(index.table(), oid -> new ArrayList<>())
                    .add(new Sizes.Index(index.method(), keys.getOrDefault(index.like(), -1.0), index.bytes()));
        }
        return indexes;
    }

    private static double keyBytes(Collection<String> columns, Map<String, Double> columnBytes) {
        return columnBytes.keySet().containsAll(columns)
                ? columns.stream().mapToDouble(columnBytes::get).sum()
                : -1;
    }

    /** Mean bytes of each column over the first rows of one partition; empty when it has none. */
    Map<String, Double> columnBytes(LiveTable table, Leaf leaf) throws SQLException {
        StringBuilder sql = new StringBuilder("SELECT count(*)");
        for (String column : table.columnNames()) {
            sql.append(", avg(coalesce(pg_column_size(")
                    .append(Names.quote(column))
                    .append("), 0))");
        }
        sql.append(" FROM (SELECT * FROM ONLY ")
                .append(Names.quote(leaf.name()))
                .append(" LIMIT 1000) AS live");
        Map<String, Double> bytes = new LinkedHashMap<>();
        Query.of(connection, sql.toString()).list(row -> {
            for (int i = 0; row.getLong(1) > 0 && i < table.columns().size(); i++) {
                bytes.put(table.columns().get(i).name(), row.getDouble(i + 2));
            }
            return bytes;
        });
        return bytes;
    }

    /** Mean bytes of a row with its header; negative when the partition is empty. */
    double rowBytes(Leaf leaf) throws SQLException {
        String sql = "SELECT coalesce(avg(pg_column_size(live)), -1) FROM (SELECT * FROM ONLY "
                + Names.quote(leaf.name()) + " LIMIT 1000) AS live";
        return Query.of(connection, sql).list(row -> row.getDouble(1)).get(0);
    }

    private static List<String> oids(List<Leaf> leaves) {
        return leaves.stream().map(leaf -> String.valueOf(leaf.oid())).toList();
    }
}
