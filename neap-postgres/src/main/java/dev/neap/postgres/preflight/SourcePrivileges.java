package dev.neap.postgres.preflight;

import dev.neap.backfill.SourceRecompute;
import dev.neap.postgres.query.Names;
import dev.neap.postgres.query.Query;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/** What a role needs on the tables that a recompute reads. */
final class SourcePrivileges {
    private static final String OWNERS = """
            WITH RECURSIVE named AS (
                SELECT to_regclass(name)::oid AS oid FROM unnest(?::text[]) AS name
                UNION SELECT i.inhrelid FROM named JOIN pg_inherits i ON i.inhparent = named.oid),
            tree AS (
                SELECT oid FROM named
                UNION SELECT i.inhparent FROM tree JOIN pg_inherits i ON i.inhrelid = tree.oid)
            SELECT pg_has_role(current_user, r.oid, 'USAGE') AND pg_has_role(current_user, r.oid, 'MEMBER'),
                   format('%I is not a member of %I, which owns %s', current_user, r.rolname,
                          string_agg(c.oid::regclass::text, ', ' ORDER BY c.oid::regclass::text)),
                   format('GRANT %I TO ', r.rolname),
                   CASE WHEN current_setting('server_version_num')::int >= 160000
                        THEN ' WITH INHERIT TRUE, SET TRUE' ELSE '' END
            FROM tree JOIN pg_class c ON c.oid = tree.oid JOIN pg_roles r ON r.oid = c.relowner
            GROUP BY r.oid, r.rolname ORDER BY r.rolname
            """;

    private SourcePrivileges() {}

    static List<Privilege> of(Connection connection, SourceRecompute source) throws SQLException {
        return Query.of(
                        connection,
                        OWNERS,
                        source.reads().stream().map(Names::quote).toList())
                .list(r -> new Privilege(
                        r.getBoolean(1),
                        r.getString(2),
                        "the recompute reads it, or a partition of it, and only an owner may take the triggers off again that watch it",
                        r.getString(3),
                        r.getString(4)));
    }
}
