package dev.neap.postgres.fill;

import dev.neap.backfill.TableName;
import dev.neap.postgres.query.Names;
import dev.neap.postgres.query.Query;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** Sequences of the target whose numbers are copied from the walked table: they are moved past these. */
final class Sequences {
    private Sequences() {}

    /** A sequence, and what must be allowed on it. */
    record Use(String sequence, List<String> privileges) {}

    /** The sequences that are moved, and those that they are moved past. */
    static List<Use> used(Connection connection, FillTables tables) throws SQLException {
        List<Use> used = new ArrayList<>();
        for (int i = 0; i < tables.carried().size(); i++) {
            String own =
                    sequence(connection, tables.into().name(), tables.carried().get(i));
            String source = sequence(
                    connection, tables.from().name(), tables.key().get(i).name());
            if (!own.isEmpty()) {
                used.add(new Use(own, List.of("SELECT", "UPDATE")));
                if (!source.isEmpty()) {
                    used.add(new Use(source, List.of("SELECT")));
                }
            }
        }
        return used;
    }

    /** The statements that move them; they never move one back. */
    static List<String> moves(Connection connection, FillTables tables) throws SQLException {
        List<String> moves = new ArrayList<>();
        for (int i = 0; i < tables.carried().size(); i++) {
            String own =
                    sequence(connection, tables.into().name(), tables.carried().get(i));
            if (own.isEmpty()) {
                continue;
            }
            String column = Names.quote(tables.key().get(i).name());
            String highest = "(SELECT max(" + column + ") FROM "
                    + Names.quote(tables.from().name()) + ")";
            String source = sequence(
                    connection, tables.from().name(), tables.key().get(i).name());
            String past =
                    source.isEmpty() ? highest : "greatest(" + highest + ", (SELECT last_value FROM " + source + "))";
            moves.add("SELECT setval(" + Names.literal(own) + ", past.n) FROM (SELECT " + past
                    + "::bigint AS n) AS past WHERE past.n > (SELECT last_value FROM " + own + ")");
        }
        return moves;
    }

    private static String sequence(Connection connection, TableName table, String column) throws SQLException {
        return Query.of(connection, "SELECT coalesce(pg_get_serial_sequence(?, ?), '')", Names.quote(table), column)
                .text();
    }
}
