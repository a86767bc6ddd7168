package dev.neap.postgres;

import dev.neap.dialect.Leftover;
import dev.neap.postgres.fill.FillNames;
import dev.neap.postgres.query.Query;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Triggers that stand in for the application, found by the catalog. One whose run is done stays until somebody ends the dual
 * write: without it the application's writes would be in one place alone.
 */
final class DualWriteLeftovers {
    private static final String ID =
            "CROSS JOIN LATERAL regexp_matches(%s, ?) AS m (id) LEFT JOIN %s r ON r.id = (m.id)[1]::bigint";

    private DualWriteLeftovers() {}

    /** Each with all tables that it is on: the partitions of a table have it too. */
    static List<Leftover> triggers(Connection c, String runs) throws SQLException {
        return Query.of(
                        c,
                        """
                        SELECT run, part, state, backfill, active,
                               array_agg(format('%I.%I', n.nspname, k.relname) ORDER BY k.relispartition, n.nspname, k.relname)
                        FROM (SELECT DISTINCT (m.id)[1]::bigint AS run, coalesce((m.id)[2], '1')::int AS part, r.state, r.backfill,
                                     coalesce({active}, false) AS active, t.tgrelid
                              FROM pg_trigger t {id} WHERE NOT t.tgisinternal) AS found
                        JOIN pg_class k ON k.oid = found.tgrelid JOIN pg_namespace n ON n.oid = k.relnamespace
                        GROUP BY run, part, state, backfill, active ORDER BY run, part
                        """.replace("{active}", Leftovers.ACTIVE).replace("{id}", ID.formatted("t.tgname", runs)),
                        "^neap_dual_(\\d+)(?:_(\\d+))?(?:_truncate)?$")
                .list(r -> leftover(
                        new FillNames(r.getLong(1), r.getInt(2)),
                        "done".equals(r.getString(3)) ? r.getString(4) : null,
                        r.getBoolean(5),
                        List.of((String[]) r.getArray(6).getArray())));
    }

    /** @param standsInFor the backfill whose run is done; null where none is */
    private static Leftover leftover(
            FillNames names, @Nullable String standsInFor, boolean active, List<String> tables) {
        return new Leftover(
                "dual-write trigger",
                names.dualTrigger() + " on " + tables.get(0),
                0,
                active
                        ? "its run is not finished"
                        : standsInFor == null
                                ? "its run was given up"
                                : "it stands in for the application; --dual-write " + standsInFor + " takes it off",
                !active && standsInFor == null,
                tables.stream().flatMap(table -> names.dropDual(table).stream()).toList(),
                standsInFor);
    }

    /** Functions that no trigger calls any more. */
    static List<Leftover> functions(Connection c, String runs) throws SQLException {
        return Query.of(
                        c,
                        "SELECT (m.id)[1]::bigint, coalesce((m.id)[2], '1')::int FROM pg_proc p "
                                + ID.formatted("p.proname", runs)
                                + " WHERE p.pronamespace = to_regnamespace('neap')"
                                + " AND NOT EXISTS (SELECT FROM pg_trigger t WHERE t.tgfoid = p.oid)"
                                + " AND NOT coalesce(" + Leftovers.ACTIVE + ", false) ORDER BY 1, 2",
                        "^dual_(\\d+)(?:_(\\d+))?$")
                .list(r -> {
                    FillNames names = new FillNames(r.getLong(1), r.getInt(2));
                    return new Leftover(
                            "function",
                            "of " + names.dualTrigger(),
                            0,
                            "no trigger calls it",
                            true,
                            List.of(names.dropDualFunction()));
                });
    }
}
