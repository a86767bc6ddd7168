package dev.neap.postgres.fill;

import dev.neap.dialect.TableVerifier.Part;
import dev.neap.postgres.query.Names;
import dev.neap.postgres.verify.Canonical;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.BiFunction;
import java.util.function.IntFunction;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The statements of a verification. Each sees both sides in one snapshot. The columns of a side are called `neap_k0`, … for
 * the key of the walked table, `neap_x` for the row's version, and `neap_v0`, … for the set columns.
 */
final class VerifySql extends FillSql {
    private static final String V = "neap_v";
    private static final String THERE = "neap_there";

    /** Bytes of a row's form that are not worth a checksum of their own. */
    private static final int SHORT = 256;

    private final List<String> columns;
    private final List<Canonical> forms;
    private final boolean alike;
    private final @Nullable WrittenSince since;
    private final OptionalLong beside;

    VerifySql(VerifiedTables verified) {
        super(verified.tables(), FillNames.temporary());
        this.columns = fill.columns();
        this.forms = columns.stream().map(verified.forms()::get).toList();
        this.alike = verified.alike();
        this.since = verified.since();
        this.beside = verified.beside();
    }

    /** A checksum over both tables' columns, and over which tables these are: another one may have taken the name. */
    String shape() {
        return "SELECT encode(sha256(convert_to(string_agg(concat_ws(' ', attrelid, attnum, attname,"
                + " format_type(atttypid, atttypmod), attcollation), E'\n' ORDER BY attrelid, attnum), 'UTF8')), 'hex')"
                + " FROM pg_catalog.pg_attribute WHERE attrelid IN ("
                + tables.from().oid() + ", "
                + tables.into().oid() + ") AND attnum > 0 AND NOT attisdropped";
    }

    /** The key at which so many rows of a side lie behind the beginning of a part, the lesser of the two sides', as text. */
    String upper(Part part, int rows) {
        return ends(
                end(from, row(from), row(from, ", "), part, rows),
                end(into + " AS " + THERE, "(" + carried(THERE) + ")", carried(THERE), part, rows),
                "");
    }

    /** The last key of either side, as text. */
    String last() {
        return ends(
                "SELECT " + row(from, ", ") + " FROM " + from + " WHERE " + inRange(row(from)) + " ORDER BY "
                        + row(from, " DESC, ") + " DESC LIMIT 1",
                "SELECT " + carried(THERE) + " FROM " + into + " AS " + THERE + " WHERE "
                        + inRange("(" + carried(THERE) + ")") + " AND (" + carried(THERE) + ") IS NOT NULL ORDER BY "
                        + tables.carried().stream()
                                .map(c -> column(THERE, c) + " DESC")
                                .collect(Collectors.joining(", "))
                        + " LIMIT 1",
                " DESC");
    }

    /** The first of both sides' keys in this order; of the walked table's alone where the target sorts otherwise. */
    private String ends(String walked, String target, String order) {
        return "SELECT " + eachKey(i -> "(ends." + K + i + ")::text", ", ") + " FROM ((" + walked + ")"
                + (fill.inPlace() || !alike ? "" : " UNION ALL (" + target + ")") + ") AS ends ("
                + eachKey(i -> K + i, ", ") + ") ORDER BY " + eachKey(i -> "ends." + K + i + order, ", ") + " LIMIT 1";
    }

    /** It reads the index over a bounded number of rows: what is passed here is compared next, and nothing is skipped. */
    private String end(String table, String row, String key, Part part, int rows) {
        return "SELECT " + key + " FROM " + table + " WHERE " + inPart(row, part) + " ORDER BY " + key
                + " LIMIT 1 OFFSET " + (rows - 1);
    }

    /** Rows, and the checksum over those of all rows in order, of both sides of a part. */
    String compare(Part part) {
        return compare(part, this::sum, "checksum");
    }

    /** Rows, and aggregates over each column, of both sides of a part. */
    String aggregates(Part part) {
        return compare(part, this::aggregates, "aggregates");
    }

    private String compare(Part part, UnaryOperator<String> whole, String name) {
        return "SELECT expected.number, actual.number, " + skipped(part)
                + ", (expected.number, expected." + name + ") = (actual.number, actual." + name + ") FROM ("
                + whole.apply(expected(inPart(row(from), part))) + ") AS expected, ("
                + whole.apply(actual(there(part))) + ") AS actual";
    }

    /** Behind the OFFSET each value is computed once, and not for each aggregate. */
    private String aggregates(String rows) {
        return "SELECT count(*) AS number, ARRAY["
                + eachForm((i, form) -> String.join(", ", form.aggregates("each." + V + i)))
                + "] AS aggregates FROM (SELECT "
                + eachForm((i, form) -> form.measured("side." + V + i) + " AS " + V + i)
                + " FROM (" + rows + ") AS side OFFSET 0) AS each";
    }

    private String eachForm(BiFunction<Integer, Canonical, String> sql) {
        return IntStream.range(0, columns.size())
                .mapToObj(i -> sql.apply(i, forms.get(i)))
                .collect(Collectors.joining(", "));
    }

    /**
     * The forms of the rows one behind another: each says where it ends, so no two sequences of rows have the same. A long
     * one goes in by its checksum, which no form looks like: so a part takes the server a bounded amount of memory.
     */
    private String sum(String rows) {
        String form = "CASE WHEN octet_length(each.form) <= " + SHORT + " THEN each.form ELSE encode("
                + Canonical.sha256("each.form") + ", 'hex') END";
        return "SELECT count(*) AS number, " + Canonical.sha256("coalesce(string_agg(" + form + ", ''), '')")
                + " AS checksum FROM (SELECT " + Canonical.row(valuesOf("side"), forms)
                + " COLLATE \"C\" AS form FROM ("
                + rows + ") AS side ORDER BY " + order("side") + ") AS each";
    }

    /** The order in which rows are read, where both sides have the same: little is left to sort, or nothing. */
    private String order(String alias) {
        String keys = eachKey(i -> alias + "." + K + i, ", ");
        return !alike ? "form" : tables.severalRows() ? keys + ", form" : keys;
    }

    private String skipped(Part part) {
        if (since != null) {
            return since.number(row -> inPart(row, part));
        }
        String right = fill.alreadyRight();
        return right == null
                ? "0"
                : "(SELECT count(*) FROM " + from + " WHERE " + inPart(row(from), part) + " AND " + meant() + " AND ("
                        + right + "\n))";
    }

    /**
     * The keys of rows of either side that were written since a moment.
     *
     * @param since the first transaction that had not begun then
     */
    String written(Part part, String since) {
        String walked = "SELECT " + eachKey(i -> column(from, key.get(i).name()) + "::text", ", ") + " FROM " + from
                + " WHERE " + inPart(row(from), part) + " AND " + younger(from, since) + notOwn(from) + " AND "
                + compared();
        return fill.inPlace()
                ? walked
                : walked + " UNION SELECT "
                        + eachKey(i -> column(THERE, tables.carried().get(i)) + "::text", ", ") + " FROM " + into
                        + " AS " + THERE + " WHERE " + there(part) + " AND " + younger(THERE, since) + notOwn(THERE);
    }

    /**
     * Of rows that were written in both places since a moment: how many, how many of them by one transaction, and the longest
     * time from one commit to the other, in microseconds; null where the server does not keep when that was. A row that was
     * written behind a savepoint is known by that, and not by its transaction.
     */
    String writes(List<List<String>> keys, String since) {
        String committed = "pg_xact_commit_timestamp(";
        String late = "CASE WHEN current_setting('track_commit_timestamp')::boolean THEN abs(extract(epoch FROM "
                + committed + from + ".xmin) - " + committed + THERE + ".xmin))) END";
        return "SELECT count(*), count(*) FILTER (WHERE neap_row.together), (max(neap_row.late) * 1000000)::bigint FROM"
                + " (SELECT bool_and(" + from + ".xmin = " + THERE + ".xmin OR " + late + " = 0) AS together, max("
                + late
                + ") AS late FROM " + from + " JOIN " + into + " AS " + THERE + " ON " + carriedIs(THERE) + " WHERE "
                + isOneOf(row(from), keys) + " AND " + younger(from, since) + notOwn(from) + " AND "
                + younger(THERE, since) + notOwn(THERE) + " GROUP BY " + row(from, ", ") + ") AS neap_row";
    }

    /** Leaves out what the unfinished run wrote: the walked table, too, may be one that another part of it fills. */
    private String notOwn(String table) {
        return beside.isEmpty()
                ? ""
                : " AND NOT EXISTS (SELECT FROM neap.batch AS wrote WHERE wrote.xid = " + table
                        + ".xmin AND wrote.run_id = " + beside.getAsLong() + ")";
    }

    /** A row's age is counted in transactions, and is negative after two billion of them. */
    private static String younger(String table, String since) {
        return "age(" + table + ".xmin) BETWEEN 0 AND age(CAST(" + Names.literal(since) + " AS xid8)::xid)";
    }

    /** The rows of a part that differ. */
    String differences(Part part) {
        return differences(expected(inPart(row(from), part)), actual(there(part)));
    }

    /** The same of some keys. */
    String differences(List<List<String>> keys) {
        return differences(
                expected(isOneOf(row(from), keys)),
                actual(isOneOf(fill.inPlace() ? row(from) : "(" + carried(THERE) + ")", keys)));
    }

    /** Rows are matched by what they are known by in the target, and their number among those known by the same. */
    private String differences(String expected, String actual) {
        return "SELECT " + eachKey(i -> "coalesce(e." + K + i + ", a." + K + i + ")::text", ", ")
                + ", e.checksum IS NULL AS extra, a.checksum IS NULL AS missing, array_remove(ARRAY["
                + IntStream.range(0, columns.size()).mapToObj(this::differs).collect(Collectors.joining(", "))
                + "], NULL), concat_ws(' ', e.neap_x, encode(e.checksum, 'hex'), a.neap_x, encode(a.checksum, 'hex'))"
                + " FROM (" + numbered(expected) + ") AS e FULL JOIN (" + numbered(actual)
                + ") AS a ON e.known = a.known AND e.place = a.place WHERE e.checksum IS DISTINCT FROM a.checksum"
                + (alike ? " ORDER BY " + eachKey(i -> "coalesce(e." + K + i + ", a." + K + i + ")", ", ") : "");
    }

    private String differs(int i) {
        Canonical form = forms.get(i);
        return "CASE WHEN " + form.text("e." + V + i) + " IS DISTINCT FROM " + form.text("a." + V + i) + " THEN "
                + Names.literal(columns.get(i)) + " END";
    }

    private String numbered(String rows) {
        return "SELECT known.*, row_number() OVER (PARTITION BY known.known ORDER BY known.checksum) AS place FROM"
                + " (SELECT side.*, " + checksum("side") + " AS checksum, " + known("side") + " AS known FROM (" + rows
                + ") AS side) AS known";
    }

    private String checksum(String alias) {
        return Canonical.checksum(valuesOf(alias), forms);
    }

    private List<String> valuesOf(String alias) {
        return IntStream.range(0, columns.size())
                .mapToObj(i -> alias + "." + V + i)
                .toList();
    }

    /** A checksum, not the values: those of the two sides may have collations that do not go together. */
    private String known(String alias) {
        if (fill.inPlace()) {
            return "ROW(" + eachKey(i -> alias + "." + K + i, ", ") + ")::text";
        }
        List<Integer> places = tables.target().stream().map(columns::indexOf).toList();
        return Canonical.checksum(
                places.stream().map(i -> alias + "." + V + i).toList(),
                places.stream().map(forms::get).toList());
    }

    /** What is expected of the rows of the walked table that a condition holds for. */
    private String expected(String condition) {
        return "SELECT " + side(from, eachKey(i -> column(from, key.get(i).name()) + " AS " + K + i, ", "))
                + eachColumn(i -> typed(columns.get(i), from)) + " FROM " + from + " WHERE " + condition + " AND "
                + compared();
    }

    /** What is there in their place. */
    private String actual(String condition) {
        if (fill.inPlace()) {
            return "SELECT " + side(from, eachKey(i -> column(from, key.get(i).name()) + " AS " + K + i, ", "))
                    + eachColumn(i -> column(from, columns.get(i))) + " FROM " + from + " WHERE " + condition + " AND "
                    + compared();
        }
        return "SELECT "
                + side(THERE, eachKey(i -> column(THERE, tables.carried().get(i)) + " AS " + K + i, ", "))
                + eachColumn(i -> column(THERE, columns.get(i))) + " FROM " + into + " AS " + THERE + " WHERE "
                + condition + unwritten(THERE) + notOwn(THERE);
    }

    private static String side(String table, String keys) {
        return keys + ", " + table + ".xmin::text AS neap_x, ";
    }

    private String eachColumn(IntFunction<String> value) {
        return IntStream.range(0, columns.size())
                .mapToObj(i -> value.apply(i) + " AS " + V + i)
                .collect(Collectors.joining(", "));
    }

    private String unwritten(String table) {
        return since == null ? "" : " AND " + since.not(name -> column(table, name));
    }

    /** The rows that are meant, but for those that are right by their own word, or were written since. */
    private String compared() {
        return compared(from);
    }

    private String compared(String table) {
        String right = fill.alreadyRight();
        return meant(table) + (right == null ? "" : " AND (" + right + "\n) IS NOT TRUE") + unwritten(table);
    }

    private String there(Part part) {
        if (fill.inPlace()) {
            return inPart(row(from), part);
        }
        String row = "(" + carried(THERE) + ")";
        return alike
                ? inPart(row, part)
                : row + " IN (SELECT " + row(from, ", ") + " FROM " + from + " WHERE " + inPart(row(from), part) + ")";
    }

    private String inPart(String row, Part part) {
        List<String> all = new ArrayList<>(List.of(inRange(row)));
        List<String> after = part.after();
        List<String> upTo = part.upTo();
        if (after != null) {
            all.add(row + " > " + literal(after));
        }
        if (upTo != null) {
            all.add(row + " <= " + literal(upTo));
        }
        return String.join(" AND ", all);
    }

    /**
     * The keys of the rows at some places of a table that is compared.
     *
     * @param table the walked table or one of its partitions, quoted
     * @param places `ctid`s
     */
    String at(String table, List<String> places) {
        String alias = Names.quote(tables.from().name().name());
        return "SELECT " + eachKey(i -> column(alias, key.get(i).name()) + "::text", ", ") + " FROM ONLY " + table
                + " AS " + alias + " WHERE " + alias + ".ctid = ANY (ARRAY["
                + places.stream().map(Names::literal).collect(Collectors.joining(", ")) + "]::tid[]) AND "
                + compared(alias);
    }

    /** How rows are locked that are looked at, and those that are written or deleted. */
    enum Lock {
        SHARE("FOR SHARE"),
        WRITE("FOR NO KEY UPDATE"),
        DELETE("FOR UPDATE");

        private final String clause;

        Lock(String clause) {
            this.clause = clause;
        }
    }

    /** Locks those of some rows of the walked table that nobody else has locked, against writers; yields their keys. */
    String lockWalked(List<List<String>> keys, Lock written) {
        return walked(keys) + " " + (fill.inPlace() ? written : Lock.SHARE).clause + " SKIP LOCKED";
    }

    /** The keys of those that are there. */
    String walked(List<List<String>> keys) {
        return "SELECT " + eachKey(i -> column(from, key.get(i).name()) + "::text", ", ") + " FROM " + from + " WHERE "
                + isOneOf(row(from), keys);
    }

    /** The same of the target; null where it is the walked table. */
    @Nullable
    String lockTarget(List<List<String>> keys, Lock written) {
        String rows = target(keys);
        return rows == null ? null : rows + " " + written.clause + " SKIP LOCKED";
    }

    @Nullable
    String target(List<List<String>> keys) {
        return fill.inPlace()
                ? null
                : "SELECT " + eachKey(i -> column(THERE, tables.carried().get(i)) + "::text", ", ") + " FROM " + into
                        + " AS " + THERE + " WHERE " + isOneOf("(" + carried(THERE) + ")", keys);
    }
}
