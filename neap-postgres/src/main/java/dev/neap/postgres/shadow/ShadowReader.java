package dev.neap.postgres.shadow;

import dev.neap.backfill.TableName;
import dev.neap.postgres.query.Names;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Puts a {@link ShadowDefinition} together. */
final class ShadowReader {
    private ShadowReader() {}

    static ShadowDefinition read(Connection connection, long liveOid, long parentOid, String work, String kept)
            throws SQLException {
        Map<String, String> literals = new HashMap<>(Map.of(
                "live", liveOid + "::oid",
                "parent", parentOid + "::oid",
                "bound_check", Names.literal("neap_bound_" + liveOid),
                "work", Names.literal(work),
                "kept_schema", Names.literal(kept)));
        try (Catalog catalog = new Catalog(connection, literals)) {
            Spelling names = catalog.list(NAMES, Spelling::of).stream()
                    .findFirst()
                    .orElseThrow(() -> new SQLException("there is no table with the OID " + liveOid, "42P01"));
            if (names.live.schema().equals(work) || names.live.schema().equals(kept) || work.equals(kept)) {
                throw new IllegalArgumentException(
                        "the live partition, the shadow and the kept one need three schemas");
            }
            literals.put("name", Names.literal(names.name));
            literals.put("shadow", Names.literal(names.shadow));
            literals.put("kept", Names.literal(names.kept));
            return read(catalog, liveOid, names);
        }
    }

    private static ShadowDefinition read(Catalog catalog, long liveOid, Spelling names) throws SQLException {
        return new ShadowDefinition(
                names.live,
                liveOid,
                names.name,
                names.parent,
                names.shadow,
                names.kept,
                names.bound,
                names.moves.get(0),
                names.moves.get(1),
                names.moves.get(2),
                names.moves.get(3),
                TableSql.create(catalog),
                IndexSql.builds(catalog),
                ConstraintSql.foreignKeys(catalog),
                TableSql.unprovenChecks(catalog),
                ConstraintSql.boundCheck(catalog),
                ConstraintSql.defaultCheck(catalog),
                SwapSql.beforeDetach(catalog),
                SwapSql.afterAttach(catalog),
                LockSql.needs(catalog),
                !catalog.texts(ALWAYS).isEmpty(),
                RefusalSql.refusals(catalog));
    }

    /** What everything is called, quoted by the server. */
    private record Spelling(
            TableName live, String name, String parent, String shadow, String kept, String bound, List<String> moves) {
        static Spelling of(ResultSet row) throws SQLException {
            return new Spelling(
                    new TableName(row.getString("nspname"), row.getString("relname")),
                    row.getString("name"),
                    row.getString("parent"),
                    row.getString("shadow"),
                    row.getString("kept"),
                    row.getString("bound"),
                    Catalog.array(row, "moves"));
        }
    }

    private static final String NAMES = """
            SELECT nspname, relname, name, parent, shadow, kept, bound, ARRAY[
                       format('ALTER TABLE %s DETACH PARTITION %s', parent, name),
                       format('ALTER TABLE %s SET SCHEMA %I', name, {kept_schema}),
                       format('ALTER TABLE %s SET SCHEMA %I', shadow, nspname),
                       format('ALTER TABLE %s ATTACH PARTITION %s %s', parent, name, bound)] AS moves
            FROM (SELECT n.nspname, c.relname, format('%I.%I', n.nspname, c.relname) AS name,
                         (SELECT format('%I.%I', pn.nspname, p.relname) FROM pg_catalog.pg_class p
                          JOIN pg_catalog.pg_namespace pn ON pn.oid = p.relnamespace WHERE p.oid = {parent}) AS parent,
                         format('%I.%I', {work}, c.relname) AS shadow,
                         format('%I.%I', {kept_schema}, c.relname) AS kept,
                         coalesce(pg_get_expr(c.relpartbound, c.oid), '') AS bound
                  FROM pg_catalog.pg_class c
                  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                  WHERE c.oid = {live}) AS names
            WHERE parent IS NOT NULL""";

    private static final String ALWAYS = """
            SELECT attname FROM pg_catalog.pg_attribute
            WHERE attrelid = {live} AND attnum > 0 AND NOT attisdropped AND attidentity = 'a'""";
}
