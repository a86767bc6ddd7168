package dev.neap.postgres.preflight;

import dev.neap.postgres.query.Query;
import dev.neap.preflight.Finding;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;

/**
 * One privilege that a run needs.
 *
 * @param held whether this session's role has it
 * @param what what is lacking without it, with names
 * @param why what it is for
 * @param grant the statement that grants it, without its role: `GRANT … TO `
 * @param suffix what follows the role
 */
public record Privilege(boolean held, String what, String why, String grant, String suffix) {
    /** The statement that grants it to this role. */
    public String grantTo(String quotedRole) {
        return grant + quotedRole + suffix;
    }

    /** All of them for a rebuild of one table, in an order in which they can be granted. */
    static List<Privilege> of(Connection connection, long table) throws SQLException {
        return Query.of(connection, NEEDED, table).list(Privilege::read);
    }

    /** What every run needs, whatever its tables are. */
    public static List<Privilege> ofEveryRun(Connection connection) throws SQLException {
        return Query.of(connection, DATABASE + "UNION ALL\n" + SEES + "ORDER BY 1, 2")
                .list(Privilege::read);
    }

    /** Whoever waits for others must see them. */
    static Privilege toSeeOthers(Connection connection) throws SQLException {
        return Query.of(connection, SEES).list(Privilege::read).get(0);
    }

    /** The finding of one that is lacking. */
    public Finding finding(String check, String quotedRole) {
        return Finding.error(check, what, why, grantTo(quotedRole));
    }

    private static Privilege read(ResultSet row) throws SQLException {
        return new Privilege(row.getBoolean(3), row.getString(4), row.getString(5), row.getString(6), row.getString(7));
    }

    private static final String OWN = """
            WITH RECURSIVE tree AS (
                SELECT ?::oid AS oid
                UNION ALL
                SELECT i.inhrelid FROM tree JOIN pg_inherits i ON i.inhparent = tree.oid
            ),
            own AS (
                SELECT c.oid, c.relowner, c.relnamespace, c.reltablespace
                FROM tree JOIN pg_class c ON c.oid = tree.oid
            ),
            """;

    /** Another owner's tables that foreign keys point to; of one's own, membership gives everything. */
    private static final String REFERENCED = """
            key AS (
                SELECT DISTINCT k.confrelid AS oid FROM pg_constraint k JOIN own ON own.oid = k.conrelid
                WHERE k.contype = 'f'
            ),
            referenced AS (
                SELECT c.oid, c.relnamespace FROM key CROSS JOIN LATERAL (
                    SELECT key.oid UNION SELECT relid::oid FROM pg_partition_tree(key.oid)) AS t(oid)
                JOIN pg_class c ON c.oid = t.oid
                WHERE c.relowner NOT IN (SELECT relowner FROM own)
            ),
            server AS (SELECT current_setting('server_version_num')::int AS version)
            """;

    /** From 16 on a member may be one without SET: then it can give its owner no table. */
    private static final String OWNERS = """
            SELECT 1 AS place, quote_ident(r.rolname) AS item,
                   pg_has_role(current_user, r.oid, 'USAGE')
                       AND pg_has_role(current_user, r.oid, CASE WHEN server.version >= 160000 THEN 'SET' ELSE 'MEMBER' END)
                       AS held,
                   format('%I is not a member of %I%s, which owns %s of the tables', current_user, r.rolname,
                          CASE WHEN pg_has_role(current_user, r.oid, 'MEMBER') THEN ' with INHERIT and SET' END, o.tables)
                       AS what,
                   'only an owner may detach, attach and make a shadow alike' AS why,
                   format('GRANT %I TO ', r.rolname) AS grant_sql,
                   CASE WHEN server.version >= 160000 THEN ' WITH INHERIT TRUE, SET TRUE' ELSE '' END AS suffix
            FROM (SELECT relowner, count(*) AS tables FROM own GROUP BY relowner) AS o
            JOIN pg_roles r ON r.oid = o.relowner CROSS JOIN server
            """;

    private static final String DATABASE = """
            SELECT 2, '', has_database_privilege(current_user, d.oid, 'CREATE, CONNECT')
                          AND has_database_privilege(current_user, d.oid, 'CREATE'),
                   format('%I may not create schemas in database %I', current_user, d.datname),
                   'what Neap makes for itself has schemas of its own',
                   format('GRANT CONNECT, CREATE ON DATABASE %I TO ', d.datname), ''
            FROM pg_database d WHERE d.datname = current_database()
            UNION ALL
            SELECT 3, '', pg_has_role(current_user, n.nspowner, 'USAGE'),
                   format('%I is not a member of %I, which owns the schema neap', current_user, r.rolname),
                   'the control tables are there already',
                   format('GRANT %I TO ', r.rolname), ''
            FROM pg_namespace n JOIN pg_roles r ON r.oid = n.nspowner
            WHERE n.nspname = 'neap' AND NOT pg_has_role(current_user, n.nspowner, 'USAGE')
            """;

    private static final String PLACES = """
            SELECT 4, n.nspname, has_schema_privilege(current_user, n.oid, 'CREATE')
                                 AND has_schema_privilege(current_user, n.oid, 'USAGE'),
                   format('%I may not create tables in schema %I', current_user, n.nspname),
                   'the swap puts the shadow there',
                   format('GRANT USAGE, CREATE ON SCHEMA %I TO ', n.nspname), ''
            FROM pg_namespace n WHERE n.oid IN (SELECT relnamespace FROM own)
            UNION ALL
            SELECT 5, t.spcname, has_tablespace_privilege(current_user, t.oid, 'CREATE'),
                   format('%I may not create tables in tablespace %I', current_user, t.spcname),
                   'the shadow goes where the partition is',
                   format('GRANT CREATE ON TABLESPACE %I TO ', t.spcname), ''
            FROM pg_tablespace t
            WHERE t.oid IN (SELECT reltablespace FROM own
                            UNION SELECT i.reltablespace FROM pg_index x JOIN own ON own.oid = x.indrelid
                                  JOIN pg_class i ON i.oid = x.indexrelid AND i.reltablespace <> 0)
            """;

    /** LOCK TABLE … IN ACCESS EXCLUSIVE MODE asks for a right to change rows, or for MAINTAIN where there is one: any will do. */
    private static final String KEYS = """
            SELECT 6, n.nspname, has_schema_privilege(current_user, n.oid, 'USAGE'),
                   format('%I may not use schema %I', current_user, n.nspname),
                   'foreign keys point to tables in it',
                   format('GRANT USAGE ON SCHEMA %I TO ', n.nspname), ''
            FROM pg_namespace n WHERE n.oid IN (SELECT relnamespace FROM referenced)
                                  AND n.oid NOT IN (SELECT relnamespace FROM own)
            UNION ALL
            SELECT 7, f.oid::regclass::text,
                   has_table_privilege(current_user, f.oid, 'REFERENCES')
                   AND has_table_privilege(current_user, f.oid, 'SELECT')
                   AND has_table_privilege(current_user, f.oid, 'DELETE, TRUNCATE, UPDATE, ' || lock_by),
                   format('%I may not reference, check and lock %s', current_user, f.oid::regclass),
                   'foreign keys point to it: they are added to the shadow, checked, and the swap locks the table',
                   format('GRANT SELECT, REFERENCES, %s ON TABLE %s TO ', lock_by, f.oid::regclass), ''
            FROM referenced f CROSS JOIN server
            CROSS JOIN LATERAL (SELECT CASE WHEN server.version >= 170000 THEN 'MAINTAIN' ELSE 'UPDATE' END) AS l(lock_by)
            """;

    private static final String SEES = """
            SELECT 8, '', pg_has_role(current_user, 'pg_read_all_stats', 'USAGE'),
                   format('%I may not see what other sessions do', current_user),
                   'whoever has an older transaction, or a lock in the way, is waited for and named',
                   'GRANT pg_read_all_stats TO ', ''
            """;

    private static final String NEEDED = OWN + REFERENCED + OWNERS + "UNION ALL\n" + DATABASE + "UNION ALL\n" + PLACES
            + "UNION ALL\n" + KEYS + "UNION ALL\n" + SEES + "ORDER BY 1, 2";
}
