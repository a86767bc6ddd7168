package dev.neap.postgres.fill;

import dev.neap.backfill.TableName;
import dev.neap.postgres.preflight.Privilege;
import dev.neap.postgres.query.Names;
import dev.neap.postgres.query.Query;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** What a role needs for a fill. */
final class FillPrivileges {
    private static final String OWNERS = """
            WITH RECURSIVE tree AS (
                SELECT ?::oid AS oid
                UNION ALL SELECT i.inhrelid FROM tree JOIN pg_catalog.pg_inherits i ON i.inhparent = tree.oid)
            SELECT pg_has_role(current_user, r.oid, 'USAGE'),
                   format('%I is not a member of %I, which owns %s', current_user, r.rolname,
                          string_agg(c.oid::regclass::text, ', ' ORDER BY c.oid)),
                   format('GRANT %I TO ', r.rolname),
                   CASE WHEN current_setting('server_version_num')::int >= 160000 THEN ' WITH INHERIT TRUE' ELSE '' END
            FROM tree JOIN pg_catalog.pg_class c ON c.oid = tree.oid JOIN pg_catalog.pg_roles r ON r.oid = c.relowner
            GROUP BY r.oid, r.rolname ORDER BY r.rolname
            """;

    private final Connection connection;
    private final long walked;
    private final boolean member;
    private final String role;
    private final List<Privilege> all = new ArrayList<>();

    private FillPrivileges(Connection connection, FillTables tables) throws SQLException {
        this.connection = connection;
        this.walked = tables.from().oid();
        this.member = !tables.fill().inPlace();
        this.role = Query.of(connection, "SELECT quote_ident(current_user)").text();
    }

    /** All of them, in an order in which they can be granted. */
    static List<Privilege> of(Connection connection, FillTables tables) throws SQLException {
        FillPrivileges needed = new FillPrivileges(connection, tables);
        needed.schemas(tables);
        TableName from = tables.from().name();
        if (tables.fill().inPlace()) {
            needed.table(from, List.of("SELECT", "UPDATE"), "its rows are read, and filled");
        } else {
            needed.owners();
            needed.table(
                    tables.into().name(),
                    List.of("SELECT", "INSERT", "UPDATE", "DELETE"),
                    "rows are put in, and follow what the application writes meanwhile");
            needed.sequences(tables);
        }
        for (TableName read : tables.fill().reads()) {
            needed.table(read, List.of("SELECT"), "the expressions of the fill read it");
        }
        if (tables.fill().transform() != null) {
            needed.temporary();
        }
        needed.all.addAll(Privilege.ofEveryRun(connection));
        return needed.all;
    }

    private void schemas(FillTables tables) throws SQLException {
        Set<String> schemas = new TreeSet<>(
                List.of(tables.from().name().schema(), tables.into().name().schema()));
        tables.fill().reads().forEach(read -> schemas.add(read.schema()));
        for (String schema : schemas) {
            String quoted =
                    Query.of(connection, "SELECT quote_ident(?)", schema).text();
            add(
                    Query.of(connection, "SELECT has_schema_privilege(current_user, ?, 'USAGE')", schema)
                            .truth(),
                    "not use schema " + quoted,
                    "tables of the fill are in it",
                    "GRANT USAGE ON SCHEMA " + quoted + " TO ");
        }
    }

    private void table(TableName table, List<String> wanted, String why) throws SQLException {
        if (implied(Names.quote(table))) {
            return;
        }
        for (String one : wanted) {
            add(
                    Query.of(connection, "SELECT has_table_privilege(current_user, ?, ?)", Names.quote(table), one)
                            .truth(),
                    "not " + one + " on " + table,
                    why,
                    "GRANT " + one + " ON " + table.sql() + " TO ");
        }
    }

    /** Whoever may make a trigger may not say that it fires always: replication would write past it. */
    private void owners() throws SQLException {
        all.addAll(Query.of(connection, OWNERS, walked)
                .list(r -> new Privilege(
                        r.getBoolean(1),
                        r.getString(2),
                        "only an owner may let capture's triggers fire for replicated writes too (ENABLE ALWAYS)",
                        r.getString(3),
                        r.getString(4))));
    }

    private void sequences(FillTables tables) throws SQLException {
        for (Sequences.Use use : Sequences.used(connection, tables)) {
            if (implied(use.sequence())) {
                continue;
            }
            for (String one : use.privileges()) {
                add(
                        Query.of(connection, "SELECT has_sequence_privilege(current_user, ?, ?)", use.sequence(), one)
                                .truth(),
                        "not " + one + " on sequence " + use.sequence(),
                        "the target's sequence is moved past the copied ids before anyone collides",
                        "GRANT " + one + " ON SEQUENCE " + use.sequence() + " TO ");
            }
        }
    }

    /** What belongs to the walked table's owner comes with being a member of it. */
    private boolean implied(String name) throws SQLException {
        return member
                && Query.of(
                                connection,
                                "SELECT c.relowner = w.relowner FROM pg_catalog.pg_class c, pg_catalog.pg_class w"
                                        + " WHERE c.oid = to_regclass(?) AND w.oid = ?",
                                name,
                                walked)
                        .truth();
    }

    private void temporary() throws SQLException {
        add(
                Query.of(connection, "SELECT has_database_privilege(current_user, current_database(), 'TEMPORARY')")
                        .truth(),
                "not make temporary tables",
                "what a transform in Java makes is staged in one",
                "GRANT TEMPORARY ON DATABASE "
                        + Query.of(connection, "SELECT quote_ident(current_database())")
                                .text() + " TO ");
    }

    private void add(boolean held, String mayNot, String why, String grant) {
        all.add(new Privilege(held, role + " may " + mayNot, why, grant, ""));
    }
}
