package dev.neap.postgres;

import dev.neap.dialect.Keeping;
import dev.neap.postgres.query.Query;
import java.sql.Connection;
import java.sql.SQLException;

/** What a role may do with the control tables: by the catalog, since who may not use a schema may not ask by name either. */
final class ControlRights {
    private ControlRights() {}

    static Keeping keeping(Connection c) throws SQLException {
        if (!Query.of(c, "SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = 'neap')")
                .truth()) {
            return Keeping.NO_TABLES;
        }
        boolean keeps = Query.of(c, """
                        SELECT NOT current_setting('transaction_read_only')::boolean AND count(*) = 3
                               AND coalesce(bool_and(has_schema_privilege(n.oid, 'USAGE')
                                   AND has_table_privilege(k.oid, 'SELECT')
                                   AND (k.relname <> 'verification'
                                        OR has_table_privilege(k.oid, 'INSERT') AND has_table_privilege(k.oid, 'UPDATE')
                                           AND has_table_privilege(k.oid, 'DELETE'))), false)
                        FROM pg_class k JOIN pg_namespace n ON n.oid = k.relnamespace
                        WHERE n.nspname = 'neap' AND k.relname IN ('run', 'event', 'verification')
                        """).truth();
        return keeps ? Keeping.KEEPS : Keeping.REFUSED;
    }
}
