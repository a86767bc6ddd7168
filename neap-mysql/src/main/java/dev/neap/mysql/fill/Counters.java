package dev.neap.mysql.fill;

import dev.neap.backfill.TableName;
import dev.neap.mysql.query.Names;
import dev.neap.mysql.query.Query;
import java.math.BigInteger;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What numbers new rows of the target, where its numbers are copied from the walked table: counters (AUTO_INCREMENT) and
 * sequences are moved past these. (A row that is put in moves a counter by itself, but then somebody may have collided.)
 */
final class Counters {
    /** Where a counter ends. */
    private static final BigInteger MOST = BigInteger.ONE.shiftLeft(64).subtract(BigInteger.ONE);

    private static final Pattern SEQUENCE = Pattern.compile("(?i)nextval\\((`(?:[^`]|``)+`\\.`(?:[^`]|``)+`)\\)");

    private Counters() {}

    /** The statements that move them; they never move one back. */
    static List<String> moves(Connection c, FillTables tables) throws SQLException {
        List<String> moves = new ArrayList<>();
        for (int i = 0; i < tables.carried().size(); i++) {
            LiveColumn target = tables.into().column(tables.carried().get(i)).orElseThrow();
            Matcher sequence = SEQUENCE.matcher(fallback(c, tables.into().name(), target));
            if (target.counted()) {
                BigInteger past = past(c, tables, i).min(MOST);
                if (past.compareTo(next(c, tables.into().name())) > 0) {
                    moves.add(FillNames.briefly(
                            "ALTER TABLE " + Names.quote(tables.into().name()) + " AUTO_INCREMENT = " + past
                                    + ", ALGORITHM = INPLACE, LOCK = NONE"));
                }
            } else if (sequence.find()) {
                BigInteger last = past(c, tables, i).subtract(BigInteger.ONE);
                if (last.signum() > 0) {
                    moves.add("SELECT setval(" + sequence.group(1) + ", " + last + ")");
                }
            }
        }
        return moves;
    }

    /**
     * The first number that the walked table has not had. Of a column that no index begins with the highest one would take
     * a look at every row: there its own counter is all that is asked.
     */
    private static BigInteger past(Connection c, FillTables tables, int place) throws SQLException {
        LiveColumn column = tables.key().get(place);
        BigInteger highest = place > 0
                ? BigInteger.ZERO
                : number(
                        c,
                        "SELECT coalesce(max(" + column.quoted() + "), 0) FROM "
                                + Names.quote(tables.from().name()));
        return highest.add(BigInteger.ONE)
                .max(column.counted() ? next(c, tables.from().name()) : BigInteger.ZERO);
    }

    private static String fallback(Connection c, TableName table, LiveColumn column) throws SQLException {
        return Query.first(
                        c,
                        "SELECT coalesce(column_default, '') FROM information_schema.columns WHERE table_schema = "
                                + Names.literal(table.schema()) + " AND table_name = " + Names.literal(table.name())
                                + " AND column_name = " + Names.literal(column.name()),
                        row -> row.getString(1))
                .orElse("");
    }

    private static BigInteger next(Connection c, TableName table) throws SQLException {
        return number(
                c,
                "SELECT coalesce(auto_increment, 0) FROM information_schema.tables WHERE table_schema = "
                        + Names.literal(table.schema()) + " AND table_name = " + Names.literal(table.name()));
    }

    /** An unsigned number may be one that no long holds. */
    private static BigInteger number(Connection c, String sql) throws SQLException {
        return Query.first(c, sql, row -> row.getBigDecimal(1)).orElseThrow().toBigInteger();
    }
}
