package dev.neap.testkit;

import dev.neap.testkit.Ledger.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** How the months of a ledger become partitions, for each kind of partitioning. */
final class LedgerPartitions {
    private static final int QUARTER = 3;

    /**
     * A hash of days that is the number of their month. The server adds a constant of its own to the hash of a key's
     * first column, which is taken off here.
     */
    static final List<String> HASH_OF_MONTHS = List.of("""
            CREATE FUNCTION public.month_of(day date, seed bigint) RETURNS bigint LANGUAGE sql IMMUTABLE STRICT AS
            $$SELECT ((extract(year FROM day) - 2020) * 12 + extract(month FROM day) - 1)::bigint - 5305509591434766563$$
            """, """
            CREATE OPERATOR CLASS public.months FOR TYPE date USING hash AS
            OPERATOR 1 pg_catalog.= (date, date), FUNCTION 2 public.month_of(date, bigint)
            """);

    private LedgerPartitions() {}

    static String key(Kind kind) {
        return switch (kind) {
            case RANGE, DEEP -> "RANGE (day)";
            case LIST -> "LIST (day)";
            case HASH -> "HASH (day public.months)";
        };
    }

    static List<String> ddl(Ledger ledger) {
        List<String> all = new ArrayList<>();
        for (int partition = 0; partition < ledger.partitions(); partition++) {
            if (ledger.kind() == Kind.DEEP && partition % QUARTER == 0) {
                all.add("CREATE TABLE public." + quarter(partition) + " PARTITION OF public.ledger "
                        + range(partition, partition + QUARTER) + " PARTITION BY LIST (day)");
            }
            all.add(leaf(ledger, partition));
        }
        return all;
    }

    private static String leaf(Ledger ledger, int partition) {
        String leaf = "CREATE TABLE public." + Ledger.leaf(partition) + " PARTITION OF public.";
        return switch (ledger.kind()) {
            case RANGE -> leaf + "ledger " + range(partition, partition + 1);
            case LIST -> leaf + "ledger " + list(partition);
            case HASH ->
                leaf + "ledger FOR VALUES WITH (MODULUS " + ledger.partitions() + ", REMAINDER " + partition + ")";
            case DEEP -> leaf + quarter(partition) + " " + list(partition);
        };
    }

    private static String quarter(int partition) {
        return "ledger_quarter_" + partition / QUARTER;
    }

    private static String range(int from, int to) {
        return "FOR VALUES FROM ('" + Ledger.firstDay(from) + "') TO ('" + Ledger.firstDay(to) + "')";
    }

    private static String list(int partition) {
        return IntStream.range(0, Ledger.DAYS)
                .mapToObj(day -> "'" + Ledger.firstDay(partition).plusDays(day) + "'")
                .collect(Collectors.joining(", ", "FOR VALUES IN (", ")"));
    }
}
