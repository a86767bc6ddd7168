package dev.neap.mysql.fill;

import dev.neap.mysql.query.Keys;
import dev.neap.mysql.query.Names;
import dev.neap.mysql.query.Query;
import dev.neap.plan.PlannedUnit;
import dev.neap.plan.PlannedUnit.Segment;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** The segment that no plan could cut: what is behind the plan's last key as a run begins is nobody's else to fill. */
final class LateSegment {
    private LateSegment() {}

    static void behind(Connection connection, FillTables tables, long run) throws SQLException {
        Optional<Last> last = Query.first(
                connection,
                "SELECT position, upto_key FROM neap.unit WHERE run_id = " + run + " ORDER BY position DESC LIMIT 1",
                row -> new Last(row.getInt(1), Objects.requireNonNull(Keys.read(row.getString(2)))));
        if (last.isEmpty()) {
            return;
        }
        Optional<PlannedUnit> behind = new Segments(connection, tables)
                .behind(last.get().key(), last.get().position() + 1);
        if (behind.isPresent()) {
            insert(connection, run, behind.get());
        }
    }

    private record Last(int position, List<String> key) {}

    private static void insert(Connection connection, long run, PlannedUnit unit) throws SQLException {
        Segment segment = Objects.requireNonNull(unit.segment());
        Query.execute(
                connection,
                "INSERT INTO neap.unit (run_id, position, schema_name, partition_name, bound, rows_estimated, step,"
                        + " after_key, upto_key) VALUES (" + run + ", " + unit.position() + ", "
                        + Names.literal(unit.partition().schema()) + ", "
                        + Names.literal(unit.partition().name()) + ", " + Names.literal(unit.bound()) + ", "
                        + unit.rowsEstimated() + ", 'fill', " + Keys.sql(segment.after()) + ", "
                        + Keys.sql(segment.upTo()) + ")");
    }
}
