package dev.neap.postgres.rehearse;

import dev.neap.backfill.TableName;
import dev.neap.postgres.planning.PlainSql;
import dev.neap.postgres.query.Names;
import dev.neap.postgres.query.Query;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The rows of a table that a recompute reads: all, if they are not too many. Else those that have the values of a copied
 * row of the rebuilt table in the columns of its key that this table has too, found by an index; else the first.
 */
final class ReadTables {
    private final Connection source;
    private final Connection target;
    private final RowCopy copy;
    private final CopiedTable root;
    private final List<TableName> partitions;

    /** @param partitions the copied ones of the rebuilt table, whose rows are there */
    ReadTables(Connection source, Connection target, RowCopy copy, CopiedTable root, List<TableName> partitions) {
        this.source = source;
        this.target = target;
        this.copy = copy;
        this.root = root;
        this.partitions = partitions;
    }

    /**
     * What was copied.
     *
     * @param leftOut what was not, in words; empty when it is all there
     */
    record Rows(long count, String leftOut) {}

    Rows copy(CopiedTable table, int most) throws SQLException {
        String from = Names.quote(table.name());
        boolean small = PlainSql.list(
                        source,
                        "SELECT count(*) FROM (SELECT FROM " + from + " LIMIT " + (most + 1L) + ") AS few",
                        row -> row.getLong(1) <= most)
                .get(0);
        if (small) {
            return new Rows(copy.first(table, most), "");
        }
        List<CopiedTable.Column> shared = shared(table);
        if (shared.isEmpty()) {
            return new Rows(
                    copy.first(table, most),
                    "rows of " + table.name()
                            + " past the first %,d, which may be others than the rows need".formatted(most));
        }
        long rows = 0;
        int each = Math.max(1, most / Math.max(1, partitions.size()));
        for (TableName partition : partitions) {
            rows += ofPartition(table, partition, shared, each);
        }
        return new Rows(
                rows,
                "rows of " + table.name() + " whose "
                        + shared.stream().map(CopiedTable.Column::name).collect(Collectors.joining(", "))
                        + " no copied row has, or past %,d for a partition".formatted(each));
    }

    private long ofPartition(CopiedTable table, TableName partition, List<CopiedTable.Column> shared, int most)
            throws SQLException {
        String names = Names.list(shared.stream().map(CopiedTable.Column::name).toList());
        List<String> wanted =
                PlainSql.list(target, "SELECT DISTINCT " + names + " FROM " + Names.quote(partition), row -> {
                    List<String> values = new ArrayList<>();
                    for (int i = 0; i < shared.size(); i++) {
                        values.add(Names.literal(String.valueOf(row.getString(i + 1))) + "::"
                                + shared.get(i).type());
                    }
                    return String.join(", ", values);
                });
        return wanted.isEmpty()
                ? 0
                : copy.where(table, "(" + names + ") IN ((" + String.join("), (", wanted) + "))", most);
    }

    /** Columns of the rebuilt table's key that the table has too; none where no index begins with one of them. */
    private List<CopiedTable.Column> shared(CopiedTable table) throws SQLException {
        List<String> key = Query.of(source, """
                        SELECT a.attname FROM pg_index x JOIN pg_attribute a ON a.attrelid = x.indrelid
                        WHERE x.indrelid = ?::oid AND x.indisprimary AND a.attnum = ANY (x.indkey)
                        """, root.oid()).texts();
        List<String> indexed = Query.of(source, """
                        SELECT a.attname FROM pg_index x JOIN pg_attribute a ON a.attrelid = x.indrelid
                        WHERE x.indrelid = ?::oid AND x.indisvalid AND x.indpred IS NULL AND a.attnum = x.indkey[0]
                        """, table.oid()).texts();
        List<CopiedTable.Column> shared = table.columns().stream()
                .filter(each -> key.contains(each.name()))
                .filter(each -> root.columns().stream()
                        .anyMatch(own ->
                                own.name().equals(each.name()) && own.type().equals(each.type())))
                .toList();
        return shared.stream().anyMatch(each -> indexed.contains(each.name())) ? shared : List.of();
    }
}
