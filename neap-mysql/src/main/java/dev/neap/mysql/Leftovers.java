package dev.neap.mysql;

import dev.neap.dialect.Leftover;
import dev.neap.mysql.fill.FillNames;
import dev.neap.mysql.query.Names;
import dev.neap.mysql.query.Query;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** Everything of Neap's in the server, found by the catalog; the triggers first, or the application's writes would fail. */
final class Leftovers {
    private static final String ACTIVE = "state IN ('running', 'stopped', 'failed')";

    private Leftovers() {}

    static List<Leftover> find(Connection c, boolean control) throws SQLException {
        List<Long> active =
                control ? Query.list(c, "SELECT id FROM neap.run WHERE " + ACTIVE, row -> row.getLong(1)) : List.of();
        List<Leftover> all = new ArrayList<>(Query.list(c, """
                SELECT trigger_schema, trigger_name, event_object_table,
                       CAST(regexp_substr(trigger_name, '[0-9]+') AS UNSIGNED)
                FROM information_schema.triggers WHERE trigger_name REGEXP '^neap_fill_[0-9]+_[iud]$' ORDER BY 1, 2
                """, row -> {
            String trigger = Names.quote(row.getString(1)) + "." + Names.quote(row.getString(2));
            boolean needed = active.contains(row.getLong(4));
            return new Leftover(
                    "capture trigger",
                    row.getString(2) + " on " + row.getString(1) + "." + row.getString(3),
                    0,
                    why(needed),
                    !needed,
                    List.of(FillNames.briefly("DROP TRIGGER IF EXISTS " + trigger)));
        }));
        // A run that died early, or that fills columns in place, has some of these alone.
        all.addAll(Query.list(c, """
                SELECT sum(coalesce(data_length, 0) + coalesce(index_length, 0)), min(table_name),
                       CAST(regexp_substr(table_name, '[0-9]+') AS UNSIGNED) AS run,
                       max(table_name REGEXP '^fill_changes')
                FROM information_schema.tables
                WHERE table_schema = 'neap' AND table_name REGEXP '^fill_(changes|seq|limit|alive)_[0-9]+$'
                GROUP BY run ORDER BY run
                """, row -> {
            FillNames names = new FillNames(row.getLong(3));
            boolean needed = active.contains(row.getLong(3));
            boolean changes = row.getBoolean(4);
            return new Leftover(
                    changes ? "captured changes" : "switch of capture",
                    changes ? names.changes() : "neap." + row.getString(2),
                    row.getLong(1),
                    why(needed),
                    !needed,
                    names.dropRest());
        }));
        return all;
    }

    private static String why(boolean needed) {
        return needed ? "its run is not finished" : "its run is over";
    }
}
