package dev.neap.mysql.fill;

import dev.neap.backfill.TableName;
import dev.neap.mysql.query.Names;
import dev.neap.mysql.query.Query;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** AUTO_INCREMENT counters of the target whose numbers are copied from the walked table: they are moved past these. */
final class Counters {
    private Counters() {}

    /** The statements that move them; they never move one back. */
    static List<String> moves(Connection c, FillTables tables) throws SQLException {
        List<String> moves = new ArrayList<>();
        for (int i = 0; i < tables.carried().size(); i++) {
            if (tables.into().column(tables.carried().get(i)).orElseThrow().counted()) {
                long past = Math.max(
                        Query.number(
                                c,
                                "SELECT coalesce(max(" + tables.key().get(i).quoted() + "), 0) + 1 FROM "
                                        + Names.quote(tables.from().name())),
                        tables.key().get(i).counted() ? next(c, tables.from().name()) : 0);
                if (past > next(c, tables.into().name())) {
                    moves.add(FillNames.briefly(
                            "ALTER TABLE " + Names.quote(tables.into().name()) + " AUTO_INCREMENT = " + past
                                    + ", ALGORITHM = INPLACE, LOCK = NONE"));
                }
            }
        }
        return moves;
    }

    private static long next(Connection c, TableName table) throws SQLException {
        return Query.number(
                c,
                "SELECT coalesce(auto_increment, 0) FROM information_schema.tables WHERE table_schema = "
                        + Names.literal(table.schema()) + " AND table_name = " + Names.literal(table.name()));
    }
}
