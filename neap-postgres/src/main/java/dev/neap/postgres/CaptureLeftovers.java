package dev.neap.postgres;

import dev.neap.dialect.Leftover;
import dev.neap.postgres.fill.FillNames;
import dev.neap.postgres.query.Names;
import dev.neap.postgres.query.Query;
import dev.neap.postgres.rebuild.SourceCapture;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/**
 * What is left of capture on tables that a recompute has read, or that a fill has walked, found by the catalog.
 *
 * @param prefix of the triggers' names: a run's id follows, and of one of several fills its part
 * @param changes the same of the table of changes
 */
record CaptureLeftovers(String prefix, String changes, Drops drops) {
    static final CaptureLeftovers OF_SOURCES = new CaptureLeftovers("neap_source", "sources", new Drops() {
        @Override
        public List<String> triggers(long run, int part, String table) {
            return SourceCapture.dropTriggers(run, table);
        }

        @Override
        public List<String> rest(long run, int part) {
            return SourceCapture.dropRest(run);
        }
    });

    static final CaptureLeftovers OF_FILLS = new CaptureLeftovers("neap_fill", "fill_changes", new Drops() {
        @Override
        public List<String> triggers(long run, int part, String table) {
            return new FillNames(run, part).dropTriggers(table);
        }

        @Override
        public List<String> rest(long run, int part) {
            return new FillNames(run, part).dropRest();
        }
    });

    /** The statements that take it off. */
    interface Drops {
        List<String> triggers(long run, int part, String table);

        List<String> rest(long run, int part);
    }

    /** Each table with triggers of a run; those that a partition has from its table go with the table's. */
    List<Leftover> triggers(Connection c, String runs) throws SQLException {
        return Query.of(
                        c,
                        """
                        SELECT DISTINCT id.run, id.part, coalesce(%s, false), n.nspname, k.relname, id.name
                        FROM pg_trigger t CROSS JOIN LATERAL (
                            SELECT (m.found)[2]::bigint AS run, coalesce((m.found)[3], '1')::int AS part, (m.found)[1] AS name
                            FROM regexp_matches(t.tgname, ?) AS m (found)) AS id
                        JOIN pg_class k ON k.oid = t.tgrelid JOIN pg_namespace n ON n.oid = k.relnamespace
                        LEFT JOIN %s r ON r.id = id.run
                        WHERE NOT t.tgisinternal ORDER BY 1, 2, 4, 5
                        """.formatted(Leftovers.ACTIVE, runs),
                        "^(" + prefix + "_(\\d+)(?:_(\\d+))?)(?:_replica|_truncate)?$")
                .list(r -> {
                    String table = Names.quote(r.getString(4)) + "." + Names.quote(r.getString(5));
                    return leftover(
                            "capture trigger",
                            r.getString(6) + " on " + table,
                            0,
                            r.getBoolean(3),
                            drops.triggers(r.getLong(1), r.getInt(2), table));
                });
    }

    /** What the triggers wrote to; after the triggers, or the application's writes would fail. */
    List<Leftover> rest(Connection c, String runs) throws SQLException {
        return Query.of(c, """
                        SELECT id.run, id.part, coalesce(%s, false), k.relname, pg_total_relation_size(k.oid)
                        FROM pg_class k CROSS JOIN LATERAL (
                            SELECT (m.found)[1]::bigint AS run, coalesce((m.found)[2], '1')::int AS part
                            FROM regexp_matches(k.relname, ?) AS m (found)) AS id
                        LEFT JOIN %s r ON r.id = id.run
                        WHERE k.relnamespace = to_regnamespace('neap') AND k.relkind = 'r' ORDER BY 1, 2
                        """.formatted(Leftovers.ACTIVE, runs), "^" + changes + "_(\\d+)(?:_(\\d+))?$")
                .list(r -> leftover(
                        "captured changes",
                        "neap." + r.getString(4),
                        r.getLong(5),
                        r.getBoolean(3),
                        drops.rest(r.getLong(1), r.getInt(2))));
    }

    private static Leftover leftover(String kind, String name, long bytes, boolean active, List<String> drop) {
        return new Leftover(kind, name, bytes, active ? "its run is not finished" : "its run is over", !active, drop);
    }
}
