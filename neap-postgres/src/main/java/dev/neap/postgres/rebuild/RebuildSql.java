package dev.neap.postgres.rebuild;

import dev.neap.backfill.Rebuild;
import dev.neap.backfill.TableName;
import dev.neap.dialect.NeapException;
import dev.neap.dialect.NeapException.Kind;
import dev.neap.postgres.query.Names;
import dev.neap.postgres.shadow.KeyColumn;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The statements that read the live partition and write the shadow. */
class RebuildSql {
    private static final String K = UnitNames.KEY_PREFIX;
    private static final String KEPT = "neap_kept";
    private static final String MADE = "neap_made";

    private final UnitNames names;
    private final Rebuild rebuild;
    private final List<String> columns;
    private final Map<String, String> types;
    private final List<KeyColumn> key;

    /**
     * @param columns the columns that can be inserted, in order, unquoted
     * @param types the SQL type of each
     */
    RebuildSql(UnitNames names, Rebuild rebuild, List<String> columns, Map<String, String> types, List<KeyColumn> key) {
        this.names = names;
        this.rebuild = rebuild;
        this.columns = columns;
        this.types = types;
        this.key = key;
    }

    /** Whether a changed row can be found again, and so be replayed. */
    boolean hasKey() {
        return !key.isEmpty() && rebuild.source() == null;
    }

    /** A column's value in the shadow. A row that is already right stays as it is; a null answer is not right. */
    private String value(String column) {
        String expression = rebuild.set().get(column);
        if (expression == null) {
            return "live." + Names.quote(column);
        }
        String recomputed = "(" + expression + "\n)";
        String right = rebuild.alreadyRight();
        return right == null
                ? recomputed
                : "CASE WHEN (" + right + "\n) IS TRUE THEN live." + Names.quote(column) + " ELSE " + recomputed
                        + " END";
    }

    /** Of a set column: the plan has seen it, but it may have been dropped or renamed since. */
    private String typedValue(String column) {
        String type = types.get(column);
        if (type == null) {
            throw new NeapException(Kind.UNIT, gone(names.live(), List.of(column)));
        }
        return "CAST(" + value(column) + " AS " + type + ")";
    }

    /** What is wrong where columns that are computed were dropped or renamed. */
    static String gone(TableName partition, List<String> columns) {
        return partition + " has no column " + String.join(", ", columns) + " any more, which rebuild.set computes";
    }

    private String intoShadow() {
        return "INSERT INTO " + names.shadow() + " (" + Names.list(columns) + ") OVERRIDING SYSTEM VALUE\nSELECT "
                + rows();
    }

    /** As they are to be in the shadow. */
    private String rows() {
        return columns.stream().map(this::value).collect(Collectors.joining(", ")) + "\nFROM ONLY "
                + names.liveTable()
                + " AS live\n";
    }

    /**
     * Loads the rows of some blocks. What moves between blocks meanwhile is in the changes, and so is what is inserted
     * past the end.
     */
    String load(long fromBlock, long toBlock) {
        return intoShadow() + ofBlocks(fromBlock, toBlock);
    }

    private static String ofBlocks(long fromBlock, long toBlock) {
        return "WHERE live.ctid >= '(" + fromBlock + ",0)'::tid AND live.ctid < '(" + toBlock + ",0)'::tid";
    }

    /** What a load of some blocks reads, as a query of its own. */
    String loaded(long fromBlock, long toBlock) {
        return "SELECT " + rows() + ofBlocks(fromBlock, toBlock);
    }

    /** What a drain of some changes reads, as a query of its own: keys that nobody has stand for theirs. */
    String drained(int changes) {
        return "SELECT " + rows()
                + ofKeys("SELECT "
                        + eachKey(i -> "CAST(change.n::text AS " + key.get(i).type() + ") AS " + K + i, ", ")
                        + " FROM generate_series(1, " + changes + ") AS change (n)");
    }

    /**
     * The highest of the oldest changes that this snapshot sees, so that one transaction replays a bounded number; how many;
     * whether one is a TRUNCATE; about how many more there are.
     */
    String upTo(int changes) {
        return "SELECT max(seq), count(*), bool_or(op = 'T'), (SELECT last_value FROM " + names.changesSequence()
                + ") - max(seq) FROM (SELECT seq, op FROM " + names.changes()
                + " ORDER BY seq LIMIT " + changes + ") AS oldest";
    }

    /** Takes every pending key out of the shadow, before any is put in. */
    String deletePending(long upTo) {
        return "DELETE FROM ONLY " + names.shadow() + " AS shadow USING (" + pending(upTo) + ") AS pending WHERE "
                + IntStream.range(0, key.size())
                        .mapToObj(i -> key.get(i).same("shadow." + key.get(i).quoted(), "pending." + K + i))
                        .collect(Collectors.joining(" AND "));
    }

    /** Puts the pending rows in as they are now. */
    String insertPending(long upTo) {
        return intoShadow() + ofKeys(pending(upTo));
    }

    private String ofKeys(String keys) {
        if (!key.stream().allMatch(KeyColumn::plain)) {
            return "WHERE EXISTS (SELECT FROM (" + keys + ") AS pending WHERE "
                    + eachKey(i -> key.get(i).same("live." + key.get(i).quoted(), "pending." + K + i), " AND ") + ")";
        }
        return "WHERE (" + key.stream().map(k -> "live." + k.quoted()).collect(Collectors.joining(", ")) + ") IN ("
                + keys + ")";
    }

    /**
     * Takes the row with the key of a trigger's row out of the shadow.
     *
     * @param row OLD or NEW
     */
    String deleteSame(String row) {
        return "DELETE FROM ONLY " + names.shadow() + " AS shadow WHERE " + sameKey("shadow", row);
    }

    /** Puts the row with that key in as it is now, if there is one. */
    String insertSame(String row) {
        return intoShadow() + "WHERE " + sameKey("live", row);
    }

    /** Whether a change of that key is recorded, as far as the snapshot sees. */
    String recorded(String row) {
        return "EXISTS (SELECT FROM " + names.changes() + " AS change WHERE "
                + eachKey(
                        i -> key.get(i)
                                .same("change." + K + i, row + "." + key.get(i).quoted()),
                        " AND ") + ")";
    }

    private String sameKey(String table, String row) {
        return eachKey(
                i -> key.get(i)
                        .same(
                                table + "." + key.get(i).quoted(),
                                row + "." + key.get(i).quoted()),
                " AND ");
    }

    private String pending(long upTo) {
        return "SELECT DISTINCT "
                + IntStream.range(0, key.size())
                        .mapToObj(i -> "change." + K + i)
                        .collect(Collectors.joining(", "))
                + " FROM " + names.changes() + " AS change WHERE change.seq <= " + upTo + " AND change.op <> 'T'";
    }

    /** Forgets what was replayed: exactly what this snapshot saw, never what commits later with a lower number. */
    String deleteReplayed(long upTo) {
        return "DELETE FROM " + names.changes() + " WHERE seq <= " + upTo;
    }

    /**
     * Compares shadow and live in one snapshot. A row comes back for each kind of difference that there is, with its
     * number and a count: 1 missing, 2 extra, 3 changed where nothing may change, 4 wrongly recomputed. Rows that changed
     * since the last drain do not count; they are looked up only for what differs, or the lookup would cost more than the
     * comparison.
     *
     * @param checked the set columns whose expression always yields the same for the same row
     */
    String verify(List<String> checked) {
        List<String> kept =
                columns.stream().filter(c -> !rebuild.set().containsKey(c)).toList();
        if (key.isEmpty()) {
            return verifyWhole(kept, checked);
        }
        return "SELECT difference, count(*) FROM (SELECT "
                + eachKey(i -> "coalesce(live." + K + i + ", shadow." + K + i + ") AS " + K + i, ", ")
                + ",\n  CASE WHEN " + both(kept.size(), checked.size(), "*=") + " THEN 0 WHEN shadow." + K
                + "0 IS NULL THEN 1 WHEN live." + K + "0 IS NULL THEN 2 WHEN " + both(kept.size(), 0, "*<>")
                + " THEN 3 ELSE 4 END AS difference\nFROM (SELECT " + keyAs() + compared(kept, this::liveColumn, KEPT)
                + compared(checked, this::typedValue, MADE) + " FROM ONLY " + names.liveTable() + " AS live) AS live\n"
                + "FULL JOIN (SELECT " + keyAs() + compared(kept, Names::quote, KEPT)
                + compared(checked, Names::quote, MADE) + " FROM ONLY " + names.shadow() + ") AS shadow\nON "
                + eachKey(i -> key.get(i).same("live." + K + i, "shadow." + K + i), " AND ")
                + ") AS compared\nWHERE difference > 0 AND NOT EXISTS (SELECT FROM " + names.changes()
                + " AS change WHERE " + eachKey(i -> key.get(i).same("change." + K + i, "compared." + K + i), " AND ")
                + ") GROUP BY difference";
    }

    private static String compared(List<String> columns, java.util.function.UnaryOperator<String> each, String prefix) {
        return IntStream.range(0, columns.size())
                .mapToObj(i -> ", " + each.apply(columns.get(i)) + " AS " + prefix + i)
                .collect(Collectors.joining());
    }

    /** Whether two rows are the same to the last bit, or are not: made of columns after the join, which carries no row twice. */
    private static String both(int kept, int made, String operator) {
        return Stream.of("live.", "shadow.")
                .map(side -> Stream.concat(
                                IntStream.range(0, kept).mapToObj(i -> side + KEPT + i),
                                IntStream.range(0, made).mapToObj(i -> side + MADE + i))
                        .collect(Collectors.joining(", ", "ROW(", ")::record")))
                .collect(Collectors.joining(" " + operator + " "));
    }

    /** Without a key: how often each row is there, by its words. A row that differs counts as missing and as extra. */
    private String verifyWhole(List<String> kept, List<String> checked) {
        return "SELECT CASE WHEN more > 0 THEN 1 ELSE 2 END, sum(abs(more))::bigint FROM (\n"
                + "SELECT coalesce(live.copies, 0) - coalesce(shadow.copies, 0) AS more FROM "
                + copies(record(kept, this::liveColumn), record(checked, this::typedValue), names.liveTable(), "live")
                + "\nFULL JOIN "
                + copies(record(kept, Names::quote), record(checked, Names::quote), names.shadow(), "shadow")
                + " USING (words)) AS compared\nWHERE more <> 0 GROUP BY 1 ORDER BY 1";
    }

    private static String copies(String kept, String made, String table, String alias) {
        return "(SELECT sha256(convert_to(concat(" + kept + "::text, " + made
                + "::text), 'UTF8')) AS words, count(*) AS copies FROM ONLY " + table + " AS " + alias
                + " GROUP BY 1) AS "
                + alias;
    }

    private String liveColumn(String column) {
        return "live." + Names.quote(column);
    }

    static String record(List<String> columns, java.util.function.UnaryOperator<String> each) {
        return "ROW(" + columns.stream().map(each).collect(Collectors.joining(", ")) + ")";
    }

    private String keyAs() {
        return eachKey(i -> key.get(i).quoted() + " AS " + K + i, ", ");
    }

    private String eachKey(java.util.function.IntFunction<String> each, String joint) {
        return IntStream.range(0, key.size()).mapToObj(each).collect(Collectors.joining(joint));
    }

    /**
     * Recomputes, in the partition that is live by now, the pending rows that are not right. It takes the oldest changes, as
     * far as they are of so many rows: of one row that is written all the time there may be any number.
     *
     * @param changes the most that it takes
     * @param rows the most that it looks at, and locks where they are not right
     */
    String mendPending(int changes, int rows) {
        String keys = eachKey(i -> K + i, ", ");
        return "WITH oldest AS MATERIALIZED (SELECT seq, op, " + keys + " FROM " + names.changes()
                + " ORDER BY seq LIMIT " + changes + "),\n"
                + "beyond AS (SELECT min(seq) AS seq FROM oldest WHERE op <> 'T' GROUP BY " + keys
                + " ORDER BY 1 OFFSET " + rows + " LIMIT 1),\n"
                + "taken AS (DELETE FROM " + names.changes()
                + " WHERE seq IN (SELECT seq FROM oldest WHERE seq < coalesce((SELECT seq FROM beyond), "
                + Long.MAX_VALUE + ")) RETURNING *),\n"
                + "pending AS (SELECT DISTINCT "
                + eachKey(i -> "taken." + K + i, ", ") + " FROM taken WHERE op <> 'T'),\n"
                + "mended AS (" + mend() + " FROM pending WHERE "
                + eachKey(i -> key.get(i).same("live." + key.get(i).quoted(), "pending." + K + i), " AND ") + " AND "
                + notRight()
                + " RETURNING 1)\nSELECT (SELECT count(*) FROM taken), (SELECT count(*) FROM mended),"
                + " (SELECT max(seq) FROM taken)";
    }

    /** Whether more than so many changes are pending, or changes of more than so many rows: an expression. */
    String morePending(int changes, int rows) {
        String few = "SELECT " + eachKey(i -> K + i, ", ") + " FROM " + names.changes() + " LIMIT " + (changes + 1);
        return "(WITH few AS MATERIALIZED (" + few + ") SELECT (SELECT count(*) FROM few) > " + changes
                + (key.isEmpty() ? "" : " OR (SELECT count(*) FROM (SELECT DISTINCT * FROM few) AS rows) > " + rows)
                + ")";
    }

    /** Whether a pending row, in the partition that is live by now, is not right. */
    String anyPendingNotRight() {
        return "SELECT EXISTS (SELECT FROM ONLY " + names.liveTable() + " AS live, (SELECT DISTINCT "
                + eachKey(i -> "change." + K + i, ", ") + " FROM " + names.changes()
                + " AS change WHERE change.op <> 'T') AS pending WHERE "
                + eachKey(i -> key.get(i).same("live." + key.get(i).quoted(), "pending." + K + i), " AND ") + " AND "
                + notRight()
                + ")";
    }

    /** Recomputes, in the partition that is live by now, the rows of some blocks that are not right. */
    String mendBlocks(long fromBlock, long toBlock) {
        return mend() + " WHERE live.ctid >= '(" + fromBlock + ",0)'::tid AND live.ctid < '(" + toBlock
                + ",0)'::tid AND " + notRight();
    }

    private String mend() {
        List<String> assignments = new ArrayList<>();
        rebuild.set().keySet().forEach(c -> assignments.add(Names.quote(c) + " = " + value(c)));
        return "UPDATE ONLY " + names.liveTable() + " AS live SET " + String.join(", ", assignments);
    }

    private String notRight() {
        List<String> set = List.copyOf(rebuild.set().keySet());
        return record(set, this::liveColumn) + "::record *<> " + record(set, this::typedValue) + "::record";
    }
}
