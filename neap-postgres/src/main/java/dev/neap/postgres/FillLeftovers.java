package dev.neap.postgres;

import dev.neap.dialect.Leftover;
import dev.neap.postgres.fill.FillNames;
import dev.neap.postgres.query.Names;
import dev.neap.postgres.query.Query;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/** What is left of capture on tables that a fill walks, found by the catalog. */
final class FillLeftovers {
    private FillLeftovers() {}

    /** Each table with triggers of a fill; those that a partition has from its table go with the table's. */
    static List<Leftover> triggers(Connection c, String runs) throws SQLException {
        return Query.of(c, """
                        SELECT DISTINCT id.run, n.nspname, k.relname, coalesce(%s, false)
                        FROM pg_trigger t CROSS JOIN LATERAL (SELECT substring(t.tgname from '\\d+')::bigint AS run) AS id
                        JOIN pg_class k ON k.oid = t.tgrelid JOIN pg_namespace n ON n.oid = k.relnamespace
                        LEFT JOIN %s r ON r.id = id.run
                        WHERE t.tgname ~ '^neap_fill_\\d+(_truncate)?$' AND NOT t.tgisinternal ORDER BY 1, 2, 3
                        """.formatted(Leftovers.ACTIVE, runs)).list(r -> {
            FillNames names = new FillNames(r.getLong(1));
            String table = Names.quote(r.getString(2)) + "." + Names.quote(r.getString(3));
            boolean active = r.getBoolean(4);
            return new Leftover(
                    "capture trigger",
                    names.rowTrigger() + " on " + table,
                    0,
                    active ? "its run is not finished" : "its run is over",
                    !active,
                    names.dropTriggers(table));
        });
    }

    /** What the triggers wrote to; after the triggers, or the application's writes would fail. */
    static List<Leftover> rest(Connection c, String runs) throws SQLException {
        return Query.of(c, """
                        SELECT id.run, pg_total_relation_size(k.oid), coalesce(%s, false)
                        FROM pg_class k CROSS JOIN LATERAL (SELECT substring(k.relname from '\\d+')::bigint AS run) AS id
                        LEFT JOIN %s r ON r.id = id.run
                        WHERE k.relnamespace = to_regnamespace('neap') AND k.relname ~ '^fill_changes_\\d+$' ORDER BY 1
                        """.formatted(Leftovers.ACTIVE, runs)).list(r -> {
            FillNames names = new FillNames(r.getLong(1));
            return new Leftover(
                    "captured changes",
                    names.changes(),
                    r.getLong(2),
                    r.getBoolean(3) ? "its run is not finished" : "its run is over",
                    !r.getBoolean(3),
                    names.dropRest());
        });
    }
}
