package dev.neap.postgres.fill;

import dev.neap.backfill.Backfill;
import dev.neap.backfill.Fill;
import dev.neap.backfill.Profile;
import dev.neap.postgres.planning.PlainSql;
import dev.neap.preflight.Finding;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the checks of a fill look at.
 *
 * @param connection inside a read-only transaction
 */
record FillSubject(Connection connection, Backfill backfill, FillTables tables) {
    Fill fill() {
        return tables.fill();
    }

    /** Whether an earlier part walks the table that this one fills: its readers know it as it is. */
    boolean goesBack() {
        return backfill.parts().stream()
                .anyMatch(other -> other.part() < backfill.part() && fill().goesBackOn(other.fill()));
    }

    /** Every piece of SQL that the file holds, by where it stands. */
    Map<String, String> texts() {
        Map<String, String> texts = new LinkedHashMap<>();
        fill().set().forEach((column, sql) -> texts.put("fill.set." + column, sql));
        put(texts, "fill.where", fill().where());
        put(texts, "fill.already_right", fill().alreadyRight());
        return texts;
    }

    private static void put(Map<String, String> texts, String where, @Nullable String sql) {
        if (sql != null) {
            texts.put(where, sql);
        }
    }

    /** What only a production must not bear: refused there, and elsewhere said. */
    Finding inProd(String check, String what, String why, String fix) {
        return backfill.profile() == Profile.PROD
                ? Finding.error(check, what, why, fix)
                : Finding.warning(check, what, why + "; the profile prod refuses it", fix);
    }

    /** What the server says against a statement; null when nothing. */
    @Nullable
    String failure(String sql) throws SQLException {
        Savepoint before = connection.setSavepoint();
        try {
            PlainSql.list(connection, sql, row -> row.getString(1));
            return null;
        } catch (SQLException e) {
            connection.rollback(before);
            return PlainSql.message(e);
        }
    }
}
