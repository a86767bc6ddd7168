package dev.neap.postgres.fill;

import dev.neap.backfill.Backfill;
import dev.neap.backfill.TableName;
import dev.neap.postgres.planning.PlainSql;
import dev.neap.postgres.query.Names;
import dev.neap.postgres.query.Query;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** Sequences of the target whose numbers are copied from the walked table: they are moved past these. */
public final class Sequences {
    private Sequences() {}

    /** Moves those of all tables of a backfill, before the first of them is filled: the application inserts into each. */
    public static void moveAll(Connection connection, Backfill backfill) throws SQLException {
        for (Backfill part : backfill.parts()) {
            for (String move : moves(connection, FillTables.read(connection, part.fill()))) {
                PlainSql.list(connection, move, row -> row.getLong(1));
            }
        }
    }

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

    /** The sequence that a column owns, or that its default takes numbers from, as in many a dump. */
    private static String sequence(Connection connection, TableName table, String column) throws SQLException {
        return Query.of(connection, """
                        SELECT coalesce(pg_get_serial_sequence(?, ?), (
                            SELECT format('%I.%I', n.nspname, s.relname) FROM pg_catalog.pg_attrdef f
                            JOIN pg_catalog.pg_attribute a ON a.attrelid = f.adrelid AND a.attnum = f.adnum
                            JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_attrdef'::regclass
                                AND d.objid = f.oid AND d.refclassid = 'pg_catalog.pg_class'::regclass
                            JOIN pg_catalog.pg_class s ON s.oid = d.refobjid AND s.relkind = 'S'
                            JOIN pg_catalog.pg_namespace n ON n.oid = s.relnamespace
                            WHERE f.adrelid = ?::regclass AND a.attname = ? LIMIT 1), '')
                        """, Names.quote(table), column, Names.quote(table), column)
                .text();
    }
}
