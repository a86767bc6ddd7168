package dev.neap.postgres.preflight;

import dev.neap.postgres.query.Names;
import dev.neap.postgres.query.Query;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** The statements that make a role with just the privileges that a run needs: comments, then grants. */
public final class Grants {
    private Grants() {}

    /** Those of a rebuild, for a superuser to execute, in order. */
    public static List<String> statements(Connection connection, long table, String role) throws SQLException {
        return statements(connection, table, Privilege.of(connection, table), role);
    }

    /**
     * Those of some privileges.
     *
     * @param owned the table that the role is to own by membership
     */
    public static List<String> statements(Connection connection, long owned, List<Privilege> needed, String role)
            throws SQLException {
        List<String> statements = new ArrayList<>();
        String quoted = Names.quote(role);
        boolean exists = Query.of(connection, "SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = ?)", role)
                .truth();
        if (!exists) {
            statements.add("-- CREATE ROLE " + quoted + " LOGIN PASSWORD '…'");
        }
        for (String owner : superuserOwners(connection, owned)) {
            statements.add("-- " + owner + " is a superuser: a member of it may become one by SET ROLE. Better give the"
                    + " table and its partitions an owner of their own first, by ALTER TABLE … OWNER TO");
        }
        needed.forEach(privilege -> statements.add(privilege.grantTo(quoted)));
        return statements;
    }

    private static List<String> superuserOwners(Connection connection, long table) throws SQLException {
        return Query.of(connection, """
                        WITH RECURSIVE tree AS (
                            SELECT ?::oid AS oid
                            UNION ALL
                            SELECT i.inhrelid FROM tree JOIN pg_inherits i ON i.inhparent = tree.oid)
                        SELECT DISTINCT r.rolname FROM tree JOIN pg_class c ON c.oid = tree.oid
                        JOIN pg_roles r ON r.oid = c.relowner WHERE r.rolsuper ORDER BY 1
                        """, table).texts();
    }
}
