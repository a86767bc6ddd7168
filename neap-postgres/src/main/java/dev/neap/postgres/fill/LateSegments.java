package dev.neap.postgres.fill;

import dev.neap.plan.PlannedUnit;
import dev.neap.plan.PlannedUnit.Segment;
import dev.neap.postgres.query.Names;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Objects;

/** The segments of a table that an earlier part of the same run has filled: no plan could cut them before. */
final class LateSegments {
    private LateSegments() {}

    /** Cuts them unless they are there; in the transaction that begins the part. */
    static void cut(Connection connection, Statement s, FillTables tables, FillNames names) throws SQLException {
        if (FillSession.truth(s, "SELECT cut FROM neap.fill WHERE " + names.mine("fill"))) {
            return;
        }
        List<PlannedUnit> units = new Segments(connection, tables)
                .units(FillPlanner.rows(connection, tables), FillPlanner.bytes(connection, tables.from()));
        String table = Names.literal(tables.into().name().schema()) + ", "
                + Names.literal(tables.into().name().name() + "#");
        for (PlannedUnit unit : units) {
            Segment segment = Objects.requireNonNull(unit.segment());
            s.execute(
                    "INSERT INTO neap.unit (run_id, part, position, schema_name, partition_name, bound, rows_estimated,"
                            + " step, after_key, upto_key) SELECT " + names.run() + ", " + names.part()
                            + ", coalesce(max(u.position), 0) + 1, of.schema_name, of.name || 1 + count(*) FILTER (WHERE"
                            + " u.schema_name = of.schema_name AND starts_with(u.partition_name, of.name)), "
                            + Names.literal(unit.bound()) + ", " + unit.rowsEstimated() + ", 'fill', "
                            + FillSession.arrayLiteral(segment.after()) + ", "
                            + FillSession.arrayLiteral(segment.upTo())
                            + " FROM (VALUES (" + table
                            + ")) AS of (schema_name, name) LEFT JOIN neap.unit u ON u.run_id = "
                            + names.run() + " GROUP BY of.schema_name, of.name");
        }
        s.execute("UPDATE neap.fill SET cut = true WHERE " + names.mine("fill"));
    }
}
