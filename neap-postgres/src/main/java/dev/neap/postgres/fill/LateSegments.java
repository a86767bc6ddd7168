package dev.neap.postgres.fill;

import dev.neap.plan.PlannedUnit;
import dev.neap.plan.PlannedUnit.Segment;
import dev.neap.postgres.query.Names;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** Segments that no plan could cut: of a table that an earlier part of the run has filled, or behind the plan's last key. */
final class LateSegments {
    private LateSegments() {}

    /** Cuts them unless they are there; in the transaction that begins the part. */
    static void cut(Connection connection, Statement s, FillTables tables, FillNames names) throws SQLException {
        if (FillSession.truth(s, "SELECT cut FROM neap.fill WHERE " + names.mine("fill"))) {
            return;
        }
        List<PlannedUnit> units = new Segments(connection, tables)
                .units(FillPlanner.rows(connection, tables), FillPlanner.bytes(connection, tables.from()));
        String called = Names.literal(tables.into().name().schema()) + ", "
                + Names.literal(tables.into().name().name() + "#");
        for (PlannedUnit unit : units) {
            insert(s, names, called, unit);
        }
        s.execute("UPDATE neap.fill SET cut = true WHERE " + names.mine("fill"));
    }

    /**
     * Rows whose key went past the last of the plan before capture saw it are nobody's else to fill. Their writers are held
     * off while this looks.
     */
    static void behind(Connection connection, Statement s, FillTables tables, FillNames names) throws SQLException {
        List<String> last = null;
        String called = "";
        try (ResultSet rs = s.executeQuery(
                "SELECT u.upto_key, u.schema_name, rtrim(u.partition_name, '0123456789') FROM neap.unit u WHERE "
                        + names.mine("u") + " ORDER BY u.position DESC LIMIT 1")) {
            if (rs.next()) {
                last = FillSession.array(rs, 1);
                called = Names.literal(rs.getString(2)) + ", " + Names.literal(rs.getString(3));
            }
        }
        if (last != null) {
            Optional<PlannedUnit> behind = new Segments(connection, tables).behind(last);
            if (behind.isPresent()) {
                insert(s, names, called, behind.get());
            }
        }
    }

    /** @param called the schema and the name of all such units but for its number, as SQL */
    private static void insert(Statement s, FillNames names, String called, PlannedUnit unit) throws SQLException {
        Segment segment = Objects.requireNonNull(unit.segment());
        s.execute("INSERT INTO neap.unit (run_id, part, position, schema_name, partition_name, bound, rows_estimated,"
                + " step, after_key, upto_key) SELECT " + names.run() + ", " + names.part()
                + ", coalesce(max(u.position), 0) + 1, of.schema_name, of.name || 1 + count(*) FILTER (WHERE"
                + " u.schema_name = of.schema_name AND starts_with(u.partition_name, of.name)), "
                + Names.literal(unit.bound()) + ", " + unit.rowsEstimated() + ", 'fill', "
                + FillSession.arrayLiteral(segment.after()) + ", "
                + FillSession.arrayLiteral(segment.upTo())
                + " FROM (VALUES (" + called
                + ")) AS of (schema_name, name) LEFT JOIN neap.unit u ON u.run_id = "
                + names.run() + " GROUP BY of.schema_name, of.name");
    }
}
