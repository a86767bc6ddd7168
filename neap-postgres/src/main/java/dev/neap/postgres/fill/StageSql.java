package dev.neap.postgres.fill;

import dev.neap.postgres.query.Names;
import dev.neap.transform.Schema;
import dev.neap.transform.TransformSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** The statements by which rows go to a transform in Java, and come back. */
final class StageSql extends FillSql {
    private final List<Schema.Column> reads;
    /** Where the columns that the transform writes stand among all that are set. */
    private final int carried;

    StageSql(FillTables tables, FillNames names) {
        super(tables, names);
        TransformSource transform = fill.transform();
        this.reads = transform == null ? List.of() : transform.schema().reads();
        this.carried = transform == null ? 0 : transform.schema().carries().size();
    }

    /** A query with the columns of {@link Staged#MADE}, of the very types and collations of the tables they are about. */
    String shape() {
        return "SELECT " + eachKey(i -> "walked." + key.get(i).quoted() + " AS " + K + i, ", ")
                + ", NULL::xid AS neap_version, NULL::text AS neap_seen, true AS neap_yields" + valueColumns()
                + " FROM "
                + from + " AS walked CROSS JOIN " + into + " AS target";
    }

    private String valueColumns() {
        return IntStream.range(carried, fill.columns().size())
                .mapToObj(i -> ", target." + Names.quote(fill.columns().get(i)) + " AS neap_v" + i)
                .collect(Collectors.joining());
    }

    private String shapeBefore() {
        return "SELECT NULL::bigint AS neap_seq, true AS neap_yields" + valueColumns() + " FROM " + into + " AS target";
    }

    /** Queries that stand in the place of the tables where these cannot be made, with so many rows. */
    List<String> standing(int rows) {
        return List.of(standing(Staged.MADE, shape(), rows), standing(Staged.BEFORE, shapeBefore(), rows));
    }

    private static String standing(String table, String shape, int rows) {
        return Staged.name(table) + " AS MATERIALIZED (SELECT shape.* FROM generate_series(1, " + rows
                + ") AS n LEFT JOIN (" + shape + " WHERE false) AS shape ON true)";
    }

    /** By which a few of many staged rows are found. */
    List<String> index() {
        return List.of(
                "CREATE INDEX ON " + Staged.MADE + " (" + eachKey(i -> K + i, ", ") + ")",
                "CREATE INDEX ON " + Staged.BEFORE + " (neap_seq)");
    }

    /** Makes the tables anew: a session may have served another fill. */
    List<String> create() {
        List<String> sql = new ArrayList<>(drop());
        sql.add(create(Staged.MADE, shape()));
        sql.add(create(Staged.BEFORE, shapeBefore()));
        return sql;
    }

    static List<String> drop() {
        return List.of("DROP TABLE IF EXISTS " + Staged.MADE, "DROP TABLE IF EXISTS " + Staged.BEFORE);
    }

    private static String create(String table, String shape) {
        return "CREATE TEMPORARY TABLE " + Staged.name(table) + " ON COMMIT DELETE ROWS AS " + shape + " WITH NO DATA";
    }

    /** How many columns the transform writes. */
    int valueCount() {
        return fill.columns().size() - carried;
    }

    static String copy(String table) {
        return "COPY " + table + " FROM STDIN";
    }

    /**
     * The beginning of a query, up to and with WHERE: the key as text, the version, what the transform reads as one text or
     * null, and what it reads.
     *
     * @param exact whether a row may have another version by the time it is written, as long as that text is the same
     */
    String read(boolean exact) {
        return "SELECT " + eachKey(i -> "(" + column(from, key.get(i).name()) + ")::text", ", ") + ", " + from
                + ".xmin::text, " + (exact ? seen() : "NULL") + ", "
                + reads.stream().map(c -> column(from, c.name())).collect(Collectors.joining(", ")) + " FROM " + from
                + " WHERE ";
    }

    /** The rows of a batch. */
    String batch(@Nullable List<String> after, List<String> upTo, boolean exact) {
        return read(exact) + within(after, upTo) + " AND " + likely() + " ORDER BY " + row(from, ", ");
    }

    /** Rows as they were before picked changes; two columns before what is read, so that it stands like in {@link #read}. */
    String before() {
        String walked = Names.quote(tables.from().name().name());
        return "SELECT change.seq::text, NULL, NULL, "
                + reads.stream().map(c -> walked + "." + Names.quote(c.name())).collect(Collectors.joining(", "))
                + " FROM " + names.changes() + " AS change CROSS JOIN LATERAL json_populate_record(NULL::" + from
                + ", change.was) AS " + walked + " WHERE change.picked AND change.was IS NOT NULL ORDER BY change.seq";
    }

    /** How many rows of a part of the key were staged, still need work, and are not as they were read. */
    String changed(@Nullable List<String> after, List<String> upTo) {
        Objects.requireNonNull(fill.transform(), "only what a transform made is staged");
        return "SELECT count(*) FROM " + from + " JOIN " + Staged.MADE + " AS made ON " + sameAsMade() + " WHERE ("
                + unchanged() + ") IS NOT TRUE AND " + within(after, upTo) + " AND " + likely();
    }
}
