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
import java.util.Map;
import java.util.Optional;

/** Sequences of the target whose numbers are copied from the walked table: they are moved past these. */
public final class Sequences {
    /** The sequence that a column of numbers owns, or that its default takes numbers from, as in many a dump. */
    private static final String SEQUENCE = """
            SELECT format('%I.%I', n.nspname, s.relname), q.seqincrement < 0, q.seqmin, q.seqmax
            FROM pg_catalog.pg_attribute a
            JOIN pg_catalog.pg_type y ON y.oid = a.atttypid AND y.typcategory = 'N'
            JOIN pg_catalog.pg_class s ON s.relkind = 'S' AND s.oid = coalesce(
                pg_get_serial_sequence(?, a.attname)::regclass, (
                    SELECT d.refobjid FROM pg_catalog.pg_attrdef f
                    JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_attrdef'::regclass
                        AND d.objid = f.oid AND d.refclassid = 'pg_catalog.pg_class'::regclass
                    JOIN pg_catalog.pg_class c ON c.oid = d.refobjid AND c.relkind = 'S'
                    WHERE f.adrelid = a.attrelid AND f.adnum = a.attnum LIMIT 1))
            JOIN pg_catalog.pg_namespace n ON n.oid = s.relnamespace
            JOIN pg_catalog.pg_sequence q ON q.seqrelid = s.oid
            WHERE a.attrelid = ?::regclass AND a.attname = ?
            """;

    /** Whether the server finds the highest value of a column without reading the table. */
    private static final String INDEXED = """
            SELECT EXISTS (SELECT FROM pg_catalog.pg_index x
                           JOIN pg_catalog.pg_class i ON i.oid = x.indexrelid
                           JOIN pg_catalog.pg_am m ON m.oid = i.relam AND m.amname = 'btree'
                           JOIN pg_catalog.pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = x.indkey[0]
                           WHERE x.indrelid = ?::oid AND x.indisvalid AND x.indpred IS NULL AND a.attname = ?)
            """;

    private Sequences() {}

    /**
     * A sequence of numbers.
     *
     * @param sql its name as SQL
     * @param down whether it counts downwards
     * @param least the least number that it hands out
     * @param most the highest
     */
    record Numbers(String sql, boolean down, long least, long most) {}

    /**
     * A column whose numbers are copied, and the sequence of the column that they go to.
     *
     * @param source the column's own sequence; empty where it has none
     * @param indexed whether its highest number is known at once: otherwise it is not asked for, while writers wait or not
     */
    record Copied(TableName from, String column, Numbers own, String source, boolean indexed) {
        /** Moves the sequence past all numbers there are, as far as they are known at once; empty where none are. */
        Optional<String> move() {
            if (!indexed && source.isEmpty()) {
                return Optional.empty();
            }
            String last =
                    source.isEmpty() ? "" : "(SELECT CASE WHEN is_called THEN last_value END FROM " + source + ")";
            return Optional.of(past(
                    !indexed
                            ? last
                            : last.isEmpty()
                                    ? furthest("true")
                                    : (own.down() ? "least(" : "greatest(") + furthest("true") + ", " + last + ")"));
        }

        /** Moves it past the numbers of some rows. */
        String movePast(String where) {
            return past(furthest(where));
        }

        String furthest(String where) {
            String walked = Names.quote(from);
            return "(SELECT " + (own.down() ? "min(" : "max(") + walked + "." + Names.quote(column) + ") FROM " + walked
                    + " WHERE " + where + ")";
        }

        /** Never moves it back. One that has handed out nothing yet begins with the number that it stands at. */
        private String past(String number) {
            return "SELECT setval(" + Names.literal(own.sql()) + ", past.n) FROM (SELECT " + number
                    + "::bigint AS n) AS past, " + own.sql() + " AS own WHERE past.n " + (own.down() ? "<" : ">")
                    + " own.last_value OR (past.n = own.last_value AND NOT own.is_called)";
        }
    }

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
        for (Copied copied : copied(connection, tables)) {
            used.add(new Use(copied.own().sql(), List.of("SELECT", "UPDATE")));
            if (!copied.source().isEmpty()) {
                used.add(new Use(copied.source(), List.of("SELECT")));
            }
        }
        return used;
    }

    /** The statements that move them, each at once. */
    static List<String> moves(Connection connection, FillTables tables) throws SQLException {
        return copied(connection, tables).stream()
                .flatMap(copied -> copied.move().stream())
                .toList();
    }

    /** Every sequence whose numbers are copied. */
    static List<Copied> copied(Connection connection, FillTables tables) throws SQLException {
        List<Copied> all = new ArrayList<>();
        for (Map.Entry<String, String> copy : tables.copies().entrySet()) {
            Optional<Numbers> own = sequence(connection, tables.into().name(), copy.getKey());
            if (own.isPresent()) {
                TableName from = tables.from().name();
                String column = copy.getValue();
                all.add(new Copied(
                        from,
                        column,
                        own.get(),
                        sequence(connection, from, column).map(Numbers::sql).orElse(""),
                        Query.of(connection, INDEXED, tables.from().oid(), column)
                                .truth()));
            }
        }
        return all;
    }

    static Optional<Numbers> sequence(Connection connection, TableName table, String column) throws SQLException {
        return Query.of(connection, SEQUENCE, Names.quote(table), Names.quote(table), column)
                .first(r -> new Numbers(r.getString(1), r.getBoolean(2), r.getLong(3), r.getLong(4)));
    }
}
