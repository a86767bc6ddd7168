package dev.neap.postgres.rehearse;

import dev.neap.postgres.planning.PlainSql;
import dev.neap.postgres.query.Names;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What readers found of the watched rows where those come from other tables: what the new form is, is known when the run
 * has ended, for nobody writes a watched row afterwards either. Until then each different sight is kept. Safe for many
 * threads.
 */
final class WatchedStates {
    /** There are two good ones for a partition. */
    private static final int MOST_FOR_A_PARTITION = 100;

    private final Account account;
    private final Map<Long, Map<Sight, Long>> seen = new HashMap<>();

    /**
     * The watched rows of a partition.
     *
     * @param watched how many there are
     * @param rows how many were found
     * @param keys of how many
     * @param old how many in the form of the beginning
     * @param all everything in them, as a hash
     */
    private record Sight(long watched, long rows, long keys, long old, String all) {
        boolean isOld() {
            return rows == watched && old == watched;
        }

        String wrong() {
            if (keys == 0) {
                return "empty partition";
            }
            if (keys < watched) {
                return "missing rows";
            }
            return old > 0 ? "old and new mixed" : "neither the old nor the new form";
        }
    }

    WatchedStates(Account account) {
        this.account = account;
    }

    /** Reads the watched rows of a partition through the table; returns what is wrong whatever comes, or nothing. */
    String look(Connection connection, long partition) throws SQLException {
        Sight sight = sight(connection, partition);
        if (sight.rows > sight.watched) {
            return "rows twice";
        }
        synchronized (seen) {
            Map<Sight, Long> sights = seen.computeIfAbsent(partition, any -> new HashMap<>());
            if (sights.size() < MOST_FOR_A_PARTITION || sights.containsKey(sight)) {
                sights.merge(sight, 1L, Long::sum);
            }
        }
        return "";
    }

    private Sight sight(Connection connection, long partition) throws SQLException {
        String key =
                account.key().stream().map(each -> "a." + Names.quote(each)).collect(Collectors.joining(", "));
        String found = "l." + Names.quote(account.key().get(0)) + " IS NOT NULL";
        String form = account.form("l");
        return PlainSql.list(
                        connection,
                        "SELECT count(DISTINCT (" + key + ")), count(*), count(*) FILTER (WHERE " + found
                                + "), count(*) FILTER (WHERE " + found + " AND " + form
                                + " = a.old), md5(coalesce(string_agg(CASE WHEN " + found + " THEN " + form
                                + " ELSE 'gone' END, ',' ORDER BY " + key + "), '')) FROM " + Account.ANCHORS
                                + " AS a LEFT JOIN " + account.name() + " AS l ON " + account.sameKey("a", "l")
                                + " WHERE a.partition = " + partition,
                        row -> new Sight(
                                row.getLong(1), row.getLong(2), row.getLong(3), row.getLong(4), row.getString(5)))
                .get(0);
    }

    /** Sights, by kind, that were neither what was there at the beginning nor what is there now. */
    Map<String, Long> wrong(Connection connection) throws SQLException {
        Map<String, Long> wrong = new TreeMap<>();
        synchronized (seen) {
            for (Map.Entry<Long, Map<Sight, Long>> partition : seen.entrySet()) {
                Sight now = sight(connection, partition.getKey());
                partition.getValue().forEach((sight, reads) -> {
                    if (!sight.isOld() && !sight.equals(now)) {
                        wrong.merge(sight.wrong(), reads, Long::sum);
                    }
                });
            }
        }
        return wrong;
    }
}
