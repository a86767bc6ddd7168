package dev.neap.postgres;

import dev.neap.backfill.Rebuild;
import dev.neap.postgres.query.Names;
import dev.neap.postgres.query.Query;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/**
 * Whether the expressions of a rebuild depend on nothing but their row. Then a unit's session sees no other partition, and
 * need not be waited for when another unit is swapped. The server itself says what an expression depends on, once it is a
 * view's: tables, and functions that are not immutable and so may read some.
 */
final class OneAtATime {
    private OneAtATime() {}

    static String why(Connection session, Rebuild rebuild) throws SQLException {
        if (rebuild.source() != null) {
            return "rebuild.recompute reads other tables";
        }
        session.setAutoCommit(false);
        try (Statement s = session.createStatement()) {
            s.execute("CREATE TABLE neap.depends_row (LIKE " + Names.quote(rebuild.table()) + ")");
            s.execute(view(rebuild));
            return dependsOn(session);
        } finally {
            // Both were there for nobody else.
            session.rollback();
            session.setAutoCommit(true);
        }
    }

    private static String view(Rebuild rebuild) {
        List<String> expressions = new ArrayList<>(rebuild.set().values());
        if (rebuild.alreadyRight() != null) {
            expressions.add(rebuild.alreadyRight());
        }
        // A view's column cannot be of every type that an expression can.
        List<String> columns = new ArrayList<>();
        for (String expression : expressions) {
            columns.add("(" + expression + "\n) IS NULL AS neap_" + columns.size());
        }
        return "CREATE VIEW neap.depends AS SELECT " + String.join(", ", columns) + " FROM neap.depends_row AS live";
    }

    private static String dependsOn(Connection session) throws SQLException {
        List<String> others = Query.of(session, """
                        SELECT CASE WHEN p.oid IS NULL THEN c.oid::regclass::text
                                    ELSE p.oid::regprocedure::text || ', which is not immutable,' END
                        FROM pg_rewrite r JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid
                        LEFT JOIN pg_operator o ON d.refclassid = 'pg_operator'::regclass AND o.oid = d.refobjid
                        LEFT JOIN pg_proc p ON p.oid = CASE d.refclassid WHEN 'pg_proc'::regclass THEN d.refobjid
                                                                           WHEN 'pg_operator'::regclass THEN o.oprcode END
                        LEFT JOIN pg_class c ON d.refclassid = 'pg_class'::regclass AND c.oid = d.refobjid
                        WHERE r.ev_class = 'neap.depends'::regclass
                          AND (p.provolatile <> 'i' OR c.oid NOT IN (r.ev_class, 'neap.depends_row'::regclass))
                        ORDER BY 1
                        """).texts();
        return others.isEmpty() ? "" : "an expression of rebuild.set reads " + others.get(0);
    }
}
