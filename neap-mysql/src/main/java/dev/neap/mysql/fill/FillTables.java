package dev.neap.mysql.fill;

import dev.neap.backfill.Fill;
import dev.neap.backfill.TableName;
import dev.neap.dialect.NeapException;
import dev.neap.dialect.NeapException.Kind;
import dev.neap.mysql.fill.LiveTable.UniqueIndex;
import dev.neap.mysql.query.Names;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;

/**
 * The two tables of a fill as the catalog has them, checked.
 *
 * @param fill with names that are resolved: each table in a database
 * @param walk the unique index by which {@code from} is walked
 * @param target by which a row of {@code into} is known; the same as the key where there is one table
 * @param carried for each column of the key the column of {@code into} that is set to it; empty where there is one table
 */
record FillTables(
        Fill fill, LiveTable from, LiveTable into, UniqueIndex walk, List<String> target, List<String> carried) {
    List<LiveColumn> key() {
        return walk.columns();
    }

    /** The same fill with each table in a database. */
    static Fill resolved(Connection connection, Fill fill) throws SQLException {
        List<TableName> reads = new ArrayList<>();
        for (TableName read : fill.reads()) {
            reads.add(LiveTable.resolve(connection, read));
        }
        return new Fill(
                LiveTable.resolve(connection, fill.from()),
                LiveTable.resolve(connection, fill.into()),
                fill.key(),
                fill.keys(),
                fill.where(),
                fill.set(),
                reads,
                fill.conflict(),
                fill.alreadyRight(),
                fill.transform(),
                fill.dualWrite());
    }

    /**
     * Reads and checks them.
     *
     * @throws NeapException USAGE when something is not there, or the walk would not be safe
     */
    static FillTables read(Connection connection, Fill written) throws SQLException {
        if (written.byTrigger()) {
            throw new NeapException(
                    Kind.USAGE,
                    "not on MariaDB yet: dual_write: trigger; let the application write both places, or write a trigger"
                            + " of your own and say dual_write: application");
        }
        Fill fill = resolved(connection, written);
        LiveTable from = LiveTable.read(connection, fill.from());
        LiveTable into = fill.inPlace() ? from : LiveTable.read(connection, fill.into());
        requireColumns(fill, into);
        UniqueIndex walk = walk(fill, from);
        requireWalkable(walk);
        if (fill.inPlace()) {
            for (String column : walk.names()) {
                if (fill.set().containsKey(column)) {
                    throw usage("fill.set." + column + ": it is part of the key by which the rows are walked; a row"
                            + " whose key changes would be met twice, or never");
                }
            }
            return new FillTables(fill, from, into, walk, walk.names(), List.of());
        }
        List<String> carried = carried(fill, walk, into);
        return new FillTables(fill, from, into, walk, target(into, carried), carried);
    }

    private static void requireColumns(Fill fill, LiveTable into) {
        List<String> columns = into.columns().stream().map(LiveColumn::name).toList();
        for (String column : fill.set().keySet()) {
            LiveColumn found = into.columns().stream()
                    .filter(c -> c.name().equals(column))
                    .findFirst()
                    .orElseThrow(() -> usage("fill.set: " + into.name() + " has no column " + column
                            + "; its columns are " + String.join(", ", columns)));
            if (found.generated()) {
                throw usage("fill.set." + column + ": it is a generated column, which the server computes by itself");
            }
        }
    }

    private static UniqueIndex walk(Fill fill, LiveTable from) {
        List<String> wanted = fill.key();
        for (String column : wanted) {
            if (from.column(column).isEmpty()) {
                throw usage("fill.key: " + from.name() + " has no column " + column);
            }
        }
        for (UniqueIndex index : from.unique()) {
            boolean fits = wanted.isEmpty()
                    ? index.name().equals("PRIMARY")
                    : new HashSet<>(wanted).equals(new HashSet<>(index.names()));
            if (fits && !index.notNull()) {
                throw usage("fill.key: a column of " + String.join(", ", wanted)
                        + " may be null; a walk in the order of the key never meets a row without one. Set it NOT NULL,"
                        + " or name another key");
            }
            if (fits) {
                return index;
            }
        }
        String others = from.unique().stream()
                .filter(UniqueIndex::notNull)
                .map(index -> "[" + String.join(", ", index.names()) + "]")
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

    private static void requireWalkable(UniqueIndex walk) {
        for (LiveColumn column : walk.columns()) {
            if (!column.walkable()) {
                throw usage("fill.key: " + column.name() + " is " + column.type()
                        + ", whose values have no text that stands for them exactly and in their order; name another"
                        + " unique key");
            }
        }
    }

    /** A row of the target is known by the key that it came from. */
    private static List<String> target(LiveTable into, List<String> carried) {
        return into.unique().stream()
                .filter(index -> index.notNull() && new HashSet<>(index.names()).equals(new HashSet<>(carried)))
                .map(UniqueIndex::names)
                .findFirst()
                .orElseThrow(() -> usage("fill.into: " + into.name() + " has no primary key or unique index over just "
                        + String.join(", ", carried)
                        + ", which are set to the key of the walked table, so nothing tells"
                        + " whether a row is there already; add one. A target with another key is not done on MariaDB"
                        + " yet"));
    }

    /** The key must be found again in what was written, or a row that is deleted meanwhile could not be. */
    private static List<String> carried(Fill fill, UniqueIndex walk, LiveTable into) {
        List<String> carried = new ArrayList<>();
        for (LiveColumn column : walk.columns()) {
            carried.add(fill.set().entrySet().stream()
                    .filter(e -> isColumn(e.getValue(), column, fill.from()))
                    .map(Map.Entry::getKey)
                    .findFirst()
                    .orElseThrow(() -> usage("fill.set: no column of " + into.name() + " is set to the key column "
                            + column.name() + " of " + fill.from() + " as it is, so a row that the application deletes"
                            + " or changes meanwhile could not be found again; add one, such as '" + column.name()
                            + ": " + column.name() + "'")));
        }
        return carried;
    }

    private static boolean isColumn(String sql, LiveColumn column, TableName from) {
        String written = sql.strip();
        return List.of("", from.name() + ".").stream()
                .anyMatch(prefix ->
                        written.equals(prefix + column.name()) || written.equals(prefix + Names.quote(column.name())));
    }

    private static NeapException usage(String message) {
        return new NeapException(Kind.USAGE, message);
    }
}
