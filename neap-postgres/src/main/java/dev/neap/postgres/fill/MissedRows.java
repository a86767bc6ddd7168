package dev.neap.postgres.fill;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * What stands in the quarantine of a fill when all is filled. What the trigger that stands in for the application has missed
 * is made as its source is by now, whatever is there; what the fill could not write is tried by the fill's own rule. Nobody
 * else writes the walked table meanwhile.
 */
final class MissedRows {
    private static final int AT_ONCE = 200;

    private final FillNames names;
    private final MendSql sql;
    private final int columns;
    private long seen;

    MissedRows(FillTables tables, FillNames names) {
        this.names = names;
        this.sql = new MendSql(tables);
        this.columns = tables.key().size();
    }

    /** @param missed whether the trigger could not carry it over */
    record Row(List<String> key, boolean missed) {}

    /** The next of them; none when all were seen. A TRUNCATE has no key, and stays. */
    List<Row> next(Statement s) throws SQLException {
        List<Row> rows = new ArrayList<>();
        try (ResultSet rs =
                s.executeQuery("SELECT aside.id, aside.key, aside.missed FROM neap.quarantine AS aside WHERE "
                        + names.mine("aside") + " AND aside.id > " + seen + " AND cardinality(aside.key) = " + columns
                        + " ORDER BY aside.id LIMIT " + AT_ONCE)) {
            while (rs.next()) {
                seen = rs.getLong(1);
                rows.add(new Row(Objects.requireNonNull(FillSession.array(rs, 2)), rs.getBoolean(3)));
            }
        }
        return rows;
    }

    /** Writes them, and forgets them. */
    void mend(Statement s, List<Row> rows) throws SQLException {
        s.execute(names.recordBatch());
        List<List<String>> missed = keys(rows.stream().filter(Row::missed).toList());
        if (!missed.isEmpty()) {
            s.execute(sql.takeOut(missed));
            s.execute(sql.carryOver(missed));
        }
        List<List<String>> aside =
                keys(rows.stream().filter(row -> !row.missed()).toList());
        if (!aside.isEmpty()) {
            s.execute(sql.write(aside));
        }
        s.execute("DELETE FROM neap.quarantine AS aside WHERE " + names.mine("aside") + " AND aside.key IN ("
                + keys(rows).stream().map(FillSession::arrayLiteral).collect(Collectors.joining(", ")) + ")");
    }

    private static List<List<String>> keys(List<Row> rows) {
        return rows.stream().map(Row::key).toList();
    }
}
