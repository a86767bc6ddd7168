package dev.neap.postgres.fill;

import dev.neap.postgres.planning.LiveTable;
import dev.neap.postgres.query.Names;
import dev.neap.postgres.query.OwnSettings;
import dev.neap.postgres.query.Query;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/**
 * The trigger that stands in for the application on the walked table. It is put on with capture, before anything is
 * walked, and outlives the run: until somebody takes it off, the application need not write the target.
 */
final class StandIn {
    /**
     * Of earlier runs of the same backfill, between the same tables: they would carry rows over by older expressions. One
     * that names a table which is not there any more could not.
     */
    private static final String EARLIER = """
            WITH found AS MATERIALIZED (
                SELECT (m.id)[1]::bigint AS run, coalesce((m.id)[2], '1')::int AS part, t.tgargs AS writes
                FROM pg_catalog.pg_trigger t
                CROSS JOIN LATERAL regexp_matches(t.tgname, '^neap_dual_(\\d+)(?:_(\\d+))?$') AS m (id)
                WHERE t.tgrelid = ?::oid)
            SELECT found.run, found.part
            FROM found
            CROSS JOIN LATERAL convert_from(btrim(found.writes, '\\x00'::bytea), getdatabaseencoding()) AS written (name)
            JOIN neap.run earlier ON earlier.id = found.run
            JOIN neap.run mine ON mine.id = ? AND mine.backfill = earlier.backfill AND mine.id <> earlier.id
            WHERE written.name = ? OR to_regclass(written.name) IS NULL
            ORDER BY 1, 2
            """;

    private final FillTables tables;
    private final FillNames names;

    StandIn(FillTables tables, FillNames names) {
        this.tables = tables;
        this.names = names;
    }

    private RowTriggers triggers(FillNames of) {
        // The argument says, in the catalog, which table it writes.
        return new RowTriggers(
                tables.from(),
                of.dualTrigger(),
                of.dualTrigger() + "_truncate",
                of.dualFunction().replace("()", "(" + Names.literal(into()) + ")"));
    }

    private String into() {
        return tables.into().name().sql();
    }

    /** The table that it is on. */
    LiveTable table() {
        return tables.from();
    }

    /** The function's text. */
    String function(Connection connection) throws SQLException {
        return new DualWriteSql(tables, names, Deferrable.of(connection, tables.into())).function();
    }

    /** Puts it on, in the place of those of earlier runs; while writers of the walked table are held off. */
    void put(Statement s) throws SQLException {
        Connection connection = s.getConnection();
        s.execute("SELECT " + OwnSettings.temporaryLast());
        s.execute(function(connection));
        for (FillNames earlier : earlier(connection)) {
            executeAll(s, triggers(earlier).drop(connection));
            s.execute(earlier.dropDualFunction());
        }
        executeAll(s, triggers(names).drop(connection));
        executeAll(s, triggers(names).create(connection));
    }

    /** Whether it is there, on every partition, and fires always. */
    boolean inPlace(Connection connection) throws SQLException {
        return triggers(names).inPlace(connection);
    }

    private List<FillNames> earlier(Connection connection) throws SQLException {
        return Query.of(connection, EARLIER, tables.from().oid(), names.run(), into())
                .list(r -> new FillNames(r.getLong(1), r.getInt(2)));
    }

    private static void executeAll(Statement s, List<String> statements) throws SQLException {
        for (String sql : statements) {
            s.execute(sql);
        }
    }
}
