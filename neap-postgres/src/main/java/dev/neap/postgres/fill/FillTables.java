package dev.neap.postgres.fill;

import dev.neap.backfill.Fill;
import dev.neap.backfill.TableName;
import dev.neap.dialect.NeapException;
import dev.neap.dialect.NeapException.Kind;
import dev.neap.postgres.planning.LiveTable;
import dev.neap.postgres.planning.TableFinder;
import dev.neap.postgres.preflight.Few;
import dev.neap.postgres.query.Names;
import dev.neap.postgres.query.Query;
import dev.neap.postgres.shadow.KeyColumn;
import dev.neap.transform.TransformSource;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The two tables of a fill as the catalog has them, checked.
 *
 * @param key by which {@code from} is walked
 * @param target by which a row of {@code into} is known: what conflicts; the same as the key where there is one table
 * @param carried for each column of the key the column of {@code into} that is set to it; empty where there is one table
 */
record FillTables(
        Fill fill, LiveTable from, LiveTable into, List<KeyColumn> key, List<String> target, List<String> carried) {
    /** A name that means the same without quotes. */
    private static final Pattern PLAIN = Pattern.compile("[a-z_][a-z0-9_$]*");

    private static final String OPERATOR = """
            (SELECT CASE WHEN n.nspname = 'pg_catalog' AND op.oprname = '=' THEN '='
                    ELSE format('OPERATOR(%I.%s)', n.nspname, op.oprname) END
             FROM pg_catalog.pg_opclass o
             JOIN pg_catalog.pg_amop m ON m.amopfamily = o.opcfamily AND m.amoplefttype = o.opcintype
                 AND m.amoprighttype = o.opcintype AND m.amopstrategy = 3
             JOIN pg_catalog.pg_operator op ON op.oid = m.amopopr
             JOIN pg_catalog.pg_namespace n ON n.oid = op.oprnamespace
             WHERE o.oid = x.indclass[k.place::int - 1])""";

    /** Unique indexes that hold for every row at once: one row for each column, the primary key's first. */
    private static final String UNIQUE = """
            SELECT x.indexrelid::bigint, a.attname, quote_ident(a.attname), format_type(a.atttypid, a.atttypmod), {operator},
                   a.attnotnull, x.indisprimary
            FROM pg_catalog.pg_index x
            JOIN pg_catalog.pg_class i ON i.oid = x.indexrelid
            CROSS JOIN LATERAL unnest(x.indkey::smallint[], x.indcollation::oid[], x.indclass::oid[])
                WITH ORDINALITY AS k(attnum, collated, class, place)
            JOIN pg_catalog.pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = k.attnum
            WHERE x.indrelid = ?::oid AND x.indisunique AND x.indisvalid AND x.indimmediate AND x.indpred IS NULL
              AND x.indexprs IS NULL AND k.place <= x.indnkeyatts
              AND NOT EXISTS (SELECT FROM unnest(x.indkey::smallint[], x.indcollation::oid[], x.indclass::oid[])
                                  WITH ORDINALITY AS j(attnum, collated, class, place)
                              JOIN pg_catalog.pg_attribute b ON b.attrelid = x.indrelid AND b.attnum = j.attnum
                              JOIN pg_catalog.pg_opclass o ON o.oid = j.class
                              WHERE j.place <= x.indnkeyatts AND (j.collated <> b.attcollation OR NOT o.opcdefault))
            ORDER BY x.indisprimary DESC, x.indnkeyatts, i.relname, k.place
            """.replace("{operator}", OPERATOR);

    private static final String HEIRS = "SELECT i.inhrelid::regclass::text FROM pg_catalog.pg_inherits i"
            + " WHERE i.inhparent = ?::oid ORDER BY 1";

    private record Part(long index, KeyColumn column, boolean notNull, boolean primary) {}

    /**
     * Reads and checks them.
     *
     * @throws NeapException USAGE when something is not there, or the walk would not be safe
     */
    static FillTables read(Connection connection, Fill fill) throws SQLException {
        TableFinder finder = new TableFinder(connection);
        LiveTable from = finder.find(fill.from());
        LiveTable into = fill.inPlace() ? from : finder.find(fill.into());
        requireTable(connection, from);
        requireTable(connection, into);
        requireColumns(fill, into);
        List<KeyColumn> key = key(fill, from, unique(connection, from.oid()));
        if (fill.inPlace()) {
            List<String> names = key.stream().map(KeyColumn::name).toList();
            for (String column : names) {
                if (fill.columns().contains(column)) {
                    throw usage(set(fill) + column + ": it is part of the key by which the rows are walked; a row"
                            + " whose key changes would be met twice, or never");
                }
            }
            return new FillTables(fill, from, into, key, names, List.of());
        }
        return new FillTables(
                fill, from, into, key, target(fill, unique(connection, into.oid())), carried(fill, key, into));
    }

    private static void requireTable(Connection connection, LiveTable table) throws SQLException {
        if (!table.kind().equals("r") && !table.kind().equals("p")) {
            throw usage(table.name() + " is no table; a fill walks and writes tables");
        }
        List<String> heirs = table.kind().equals("p")
                ? List.of()
                : Query.of(connection, HEIRS, table.oid()).texts();
        if (!heirs.isEmpty()) {
            throw usage(
                    table.name() + " has tables that inherit from it, " + Few.of(heirs) + ", and no key and no trigger"
                            + " of its own is about their rows; fill each of them by itself, and " + table.name()
                            + " when none inherits from it any more");
        }
    }

    private static void requireColumns(Fill fill, LiveTable into) {
        List<String> columns =
                into.columns().stream().map(LiveTable.Column::name).toList();
        for (String column : fill.columns()) {
            LiveTable.Column found = into.column(column)
                    .orElseThrow(() ->
                            usage((fill.transform() == null ? "fill.set: " : set(fill) + column + ": ") + into.name()
                                    + " has no column " + column + "; its columns are " + String.join(", ", columns)));
            if (found.generation() != null) {
                throw usage(set(fill) + column + ": it is a generated column, which PostgreSQL computes by itself");
            }
        }
    }

    /** What sets a column, as the beginning of a message that goes on with the column. */
    private static String set(Fill fill) {
        TransformSource transform = fill.transform();
        return transform == null ? "fill.set." : place(transform) + "its schema writes or carries ";
    }

    private static String place(TransformSource transform) {
        return transform.place().isEmpty() ? transform.name() + ": " : transform.place();
    }

    private static List<List<Part>> unique(Connection connection, long table) throws SQLException {
        List<List<Part>> indexes = new ArrayList<>();
        for (Part part : Query.of(connection, UNIQUE, table)
                .list(r -> new Part(
                        r.getLong(1),
                        new KeyColumn(r.getString(2), r.getString(3), r.getString(4), r.getString(5)),
                        r.getBoolean(6),
                        r.getBoolean(7)))) {
            if (indexes.isEmpty() || indexes.get(indexes.size() - 1).get(0).index() != part.index()) {
                indexes.add(new ArrayList<>());
            }
            indexes.get(indexes.size() - 1).add(part);
        }
        return indexes;
    }

    private static List<KeyColumn> key(Fill fill, LiveTable from, List<List<Part>> unique) {
        List<String> wanted = fill.key();
        for (String column : wanted) {
            if (from.column(column).isEmpty()) {
                throw usage("fill.key: " + from.name() + " has no column " + column);
            }
        }
        for (List<Part> index : unique) {
            boolean fits = wanted.isEmpty()
                    ? index.get(0).primary()
                    : new HashSet<>(wanted).equals(new HashSet<>(names(index))) && wanted.size() == index.size();
            if (fits && index.stream().allMatch(Part::notNull)) {
                return index.stream().map(Part::column).toList();
            }
            if (fits) {
                throw usage(
                        "fill.key: a column of " + String.join(", ", wanted) + " may be null; a walk in the order of"
                                + " the key never meets a row without one. Set it NOT NULL, or name another key");
            }
        }
        String others = unique.stream()
                .filter(index -> index.stream().allMatch(Part::notNull))
                .map(index -> "[" + String.join(", ", names(index)) + "]")
                .reduce((a, b) -> a + " or " + b)
                .orElse("");
        throw usage(
                wanted.isEmpty()
                        ? from.name() + " has no primary key by which it could be walked"
                                + (others.isEmpty()
                                        ? ", and no unique index over columns that are not null; add one"
                                        : "; write key: " + others)
                        : "fill.key: no unique index of " + from.name() + " is over just " + String.join(", ", wanted)
                                + ", so rows could be met twice, or never"
                                + (others.isEmpty() ? "; add one" : "; write " + others));
    }

    private static List<String> names(List<Part> index) {
        return index.stream().map(part -> part.column().name()).toList();
    }

    /** The first unique index that the set columns fill. */
    private static List<String> target(Fill fill, List<List<Part>> unique) {
        for (List<Part> index : unique) {
            List<String> names = names(index);
            if (fill.columns().containsAll(names) && index.stream().allMatch(Part::notNull)) {
                return names;
            }
        }
        TransformSource transform = fill.transform();
        throw usage((transform == null ? "fill.set: " : place(transform)) + "no primary key or unique index of "
                + fill.into()
                + " is filled by it, so nothing tells whether a row is there already; set its columns too, or add a"
                + " unique index over columns that are not null");
    }

    /** The key must be found again in what was written, or a row that is deleted meanwhile could not be. */
    private static List<String> carried(Fill fill, List<KeyColumn> key, LiveTable into) {
        List<String> carried = new ArrayList<>();
        TransformSource transform = fill.transform();
        if (transform != null) {
            for (KeyColumn column : key) {
                String as = transform.schema().carries().get(column.name());
                if (as == null) {
                    throw usage(place(transform) + "its schema does not carry the key column " + column.name() + " of "
                            + fill.from() + ", so a row that the application deletes or changes meanwhile could not be"
                            + " found again; add .carries(\"" + column.name() + "\", \"" + column.name() + "\")");
                }
                carried.add(as);
            }
            return carried;
        }
        for (KeyColumn column : key) {
            carried.add(fill.set().entrySet().stream()
                    .filter(e -> isColumn(e.getValue(), column, fill.from()))
                    .map(Map.Entry::getKey)
                    .findFirst()
                    .orElseThrow(() -> usage("fill.set: no column of " + into.name() + " is set to the key column "
                            + column.name() + " of " + fill.from() + " as it is, so a row that the application deletes"
                            + " or changes meanwhile could not be found again; add one, such as '" + column.name()
                            + ": "
                            + column.name() + "'")));
        }
        return carried;
    }

    private static boolean isColumn(String sql, KeyColumn column, TableName from) {
        return isColumn(sql, column.name(), column.quoted(), from);
    }

    private static boolean isColumn(String sql, String column, String written, TableName from) {
        return Stream.of("", from.name() + ".", from.sql() + ".")
                .anyMatch(prefix ->
                        sql.strip().equals(prefix + written) || sql.strip().equals(prefix + Names.quote(column)));
    }

    /** The columns of another table that are set to one of {@code from} as it is, each with that. */
    Map<String, String> copies() {
        Map<String, String> copies = new LinkedHashMap<>();
        TransformSource transform = fill.transform();
        if (transform != null) {
            transform.schema().carries().forEach((column, as) -> copies.put(as, column));
        } else if (!fill.inPlace()) {
            fill.set()
                    .forEach((into, sql) -> from.columns().stream()
                            .map(LiveTable.Column::name)
                            .filter(column -> isColumn(
                                    sql,
                                    column,
                                    PLAIN.matcher(column).matches() ? column : Names.quote(column),
                                    from.name()))
                            .findFirst()
                            .ifPresent(column -> copies.put(into, column)));
        }
        return copies;
    }

    /** Whether a row of {@code from} may become several of {@code into}, which are told apart by more than its key. */
    boolean severalRows() {
        return !fill.inPlace() && !carried.containsAll(target);
    }

    private static NeapException usage(String message) {
        return new NeapException(Kind.USAGE, message);
    }
}
