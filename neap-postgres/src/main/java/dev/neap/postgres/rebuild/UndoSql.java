package dev.neap.postgres.rebuild;

import dev.neap.postgres.query.Names;
import dev.neap.postgres.shadow.KeyColumn;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** The statements that carry rows over into the kept partition, and compare it with the live one. */
final class UndoSql extends RebuildSql {
    private static final String K = UnitNames.KEY_PREFIX;

    private final UnitNames names;
    private final String carried;
    private final List<String> columns;
    private final List<KeyColumn> key;
    private final boolean sameKeys;

    UndoSql(UndoWork work, List<String> columns, Map<String, String> types, List<KeyColumn> key) {
        super(work.names(), work.backfill().rebuild(), columns, types, key);
        this.names = work.names();
        this.carried = work.carried();
        this.columns = columns;
        this.key = key;
        this.sameKeys = work.undone().sameKeys();
    }

    /** Makes the table of the keys that were carried over, for the comparison. */
    static String createCarried(String table, List<KeyColumn> key) {
        String columns = IntStream.range(0, key.size())
                .mapToObj(i -> key.get(i).definition(K + i))
                .collect(Collectors.joining(", "));
        String primary = IntStream.range(0, key.size()).mapToObj(i -> K + i).collect(Collectors.joining(", "));
        return "CREATE TABLE IF NOT EXISTS " + table + " (" + columns + ", PRIMARY KEY (" + primary + "))";
    }

    /** What was carried over is remembered until the swap. */
    @Override
    String deleteReplayed(long upTo) {
        String keys = each(i -> K + i, ", ");
        return "WITH gone AS (" + super.deleteReplayed(upTo) + " RETURNING op, " + keys + ") INSERT INTO " + carried
                + " SELECT DISTINCT " + keys + " FROM gone WHERE op <> 'T' ON CONFLICT DO NOTHING";
    }

    /**
     * Every key must be in both, and what was carried over must be the same in both. After a recompute from other tables
     * only keys that were carried over must be in both, or in neither. What is pending does not count. The numbers of the
     * differences are those of a rebuild.
     */
    @Override
    String verify(List<String> checked) {
        return "SELECT difference, count(*) FROM (\n" + keysThatDiffer() + "\nUNION ALL\n" + rowsThatDiffer()
                + ") AS compared\nWHERE NOT EXISTS (SELECT FROM " + names.changes() + " AS change WHERE "
                + each(i -> key.get(i).same("change." + K + i, "compared." + K + i), " AND ") + ") GROUP BY difference";
    }

    private String keysThatDiffer() {
        String keys = each(i -> key.get(i).quoted() + " AS " + K + i, ", ");
        return "SELECT " + each(i -> "coalesce(live." + K + i + ", shadow." + K + i + ") AS " + K + i, ", ")
                + ", CASE WHEN shadow." + K + "0 IS NULL THEN 1 ELSE 2 END AS difference\nFROM (SELECT " + keys
                + " FROM ONLY " + names.liveTable() + ") AS live FULL JOIN (SELECT " + keys + " FROM ONLY "
                + names.shadow() + ") AS shadow ON "
                + each(i -> key.get(i).same("live." + K + i, "shadow." + K + i), " AND ")
                + "\nWHERE (live." + K + "0 IS NULL OR shadow." + K + "0 IS NULL)"
                + (sameKeys
                        ? ""
                        : " AND EXISTS (SELECT FROM " + carried + " AS carried WHERE "
                                + each(
                                        i -> key.get(i)
                                                .same(
                                                        "carried." + K + i,
                                                        "coalesce(live." + K + i + ", shadow." + K + i + ")"),
                                        " AND ")
                                + ")");
    }

    private String rowsThatDiffer() {
        return "SELECT " + each(i -> "carried." + K + i, ", ") + ", 3\nFROM " + carried + " AS carried JOIN ONLY "
                + names.liveTable() + " AS live ON "
                + each(i -> key.get(i).same("live." + key.get(i).quoted(), "carried." + K + i), " AND ")
                + " JOIN ONLY " + names.shadow() + " AS shadow ON "
                + each(i -> key.get(i).same("shadow." + key.get(i).quoted(), "carried." + K + i), " AND ") + "\nWHERE "
                + record(columns, c -> "live." + Names.quote(c)) + "::record *<> "
                + record(columns, c -> "shadow." + Names.quote(c)) + "::record";
    }

    private String each(IntFunction<String> part, String joint) {
        return IntStream.range(0, key.size()).mapToObj(part).collect(Collectors.joining(joint));
    }
}
