package dev.neap.testkit;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What one look at the ledger showed, by partition.
 *
 * @param fixed rows that nobody deletes, by partition; a partition without rows is not in it
 * @param old of which in form 1
 * @param balance debits plus credits, 0 when all is well
 */
record Pulse(Map<Integer, Integer> fixed, Map<Integer, Integer> old, Map<Integer, Long> balance) {
    private static final String COLUMNS =
            " SELECT ((extract(year FROM day) - 2020) * 12 + extract(month FROM day) - 1)::int AS partition,"
                    + " count(*) FILTER (WHERE id < " + Application.OWN_IDS + ")::int AS fixed,"
                    + " count(*) FILTER (WHERE id < " + Application.OWN_IDS + " AND form = 1)::int AS old,"
                    + " sum(debit + credit)::bigint AS balance FROM ";

    static final String SQL = COLUMNS + "public.ledger GROUP BY 1";
    static final String ONE_PARTITION = COLUMNS + "public.ledger WHERE day >= $1 AND day < $2 GROUP BY 1";

    /** Sleeps before it looks, so that a swap may come between its snapshot and its look. */
    static final String FUNCTION = """
            CREATE OR REPLACE FUNCTION public.ledger_pulse(seconds float8)
            RETURNS TABLE (partition int, fixed int, old int, balance bigint)
            LANGUAGE plpgsql STABLE AS $$
            BEGIN
                PERFORM pg_sleep(seconds);
                RETURN QUERY%s;
            END $$""".formatted(SQL);

    static final String BY_FUNCTION = "SELECT * FROM public.ledger_pulse(?)";

    static String leaf(int partition) {
        return COLUMNS + "public." + Ledger.leaf(partition) + " GROUP BY 1";
    }

    static Pulse of(ResultSet rows) throws SQLException {
        Pulse pulse = new Pulse(new TreeMap<>(), new TreeMap<>(), new TreeMap<>());
        while (rows.next()) {
            int partition = rows.getInt("partition");
            pulse.fixed.put(partition, rows.getInt("fixed"));
            pulse.old.put(partition, rows.getInt("old"));
            pulse.balance.put(partition, rows.getLong("balance"));
        }
        return pulse;
    }

    /**
     * Tells the tally what is wrong with this look.
     *
     * @param watched how many fixed rows each watched partition has
     * @param only the one partition that was looked at; null for all
     */
    void judge(Map<Integer, Integer> watched, @Nullable Integer only, ReaderTally tally) {
        watched.forEach((partition, count) -> {
            if (only != null && !only.equals(partition)) {
                return;
            }
            int there = fixed.getOrDefault(partition, 0);
            int before = old.getOrDefault(partition, 0);
            if (there != count) {
                tally.empty("partition " + partition + " shows " + there + " of " + count + " rows");
            } else if (before != 0 && before != count) {
                tally.mixed("partition " + partition + " shows " + before + " of " + count + " in the old form");
            }
        });
        balance.forEach((partition, sum) -> {
            if (sum != 0) {
                tally.unbalanced("partition " + partition + " sums up to " + sum);
            }
        });
    }
}
