package dev.neap.testkit;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/**
 * What PostgreSQL's catalog says of a table with its partitions, or of a whole database, as sorted lines of text without
 * OIDs: equal before and after means that nothing was lost and nothing is left. Not looked at: statistics, sizes, places
 * on disk, dropped columns, and who gave a grant.
 *
 * <p>Written apart from the code it judges, and in the server's own words where it has some.
 */
public final class CatalogDescription {
    private CatalogDescription() {}

    /** A table, all its partitions, and what hangs on them. The name is as SQL would have it, with its schema. */
    public static List<String> ofTable(Connection connection, String table) throws SQLException {
        String literal = "'" + table.replace("'", "''") + "'::regclass";
        return lines(
                connection,
                "SELECT " + literal + "::oid AS oid UNION SELECT relid FROM pg_partition_tree(" + literal + ")",
                TABLE_LINES);
    }

    /** Everything in the database that did not come with it, and the cluster's roles and replication slots. */
    public static List<String> ofDatabase(Connection connection) throws SQLException {
        return lines(connection, USER_RELATIONS, TABLE_LINES + " UNION ALL " + DATABASE_LINES);
    }

    private static List<String> lines(Connection connection, String relations, String select) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            String before = first(statement, "SELECT current_setting('search_path')");
            first(statement, "SELECT set_config('search_path', '', false)");
            List<String> lines = new ArrayList<>();
            try (ResultSet rows = statement.executeQuery("WITH rel AS (" + relations + ") SELECT line FROM (" + select
                    + ") AS all_lines(line) WHERE line IS NOT NULL ORDER BY line COLLATE \"C\"")) {
                while (rows.next()) {
                    lines.add(rows.getString(1));
                }
            }
            first(statement, "SELECT set_config('search_path', '" + before.replace("'", "''") + "', false)");
            return lines;
        }
    }

    private static String first(Statement statement, String query) throws SQLException {
        try (ResultSet row = statement.executeQuery(query)) {
            row.next();
            return row.getString(1);
        }
    }

    private static final String USER_RELATIONS = """
            SELECT c.oid FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'""";

    /** Values that differ between versions are read through to_jsonb, which finds the columns there are. */
    private static final String TABLE_LINES = """
            SELECT format('%s kind=%s persistence=%s owner=%I access=%s tablespace=%s options=%s toast=%s identity=%s'
                          || ' security=%s force=%s parent=%s bound=%s key=%s',
                          c.oid::regclass, c.relkind, c.relpersistence, pg_get_userbyid(c.relowner), am.amname,
                          ts.spcname, c.reloptions, toast.reloptions, c.relreplident, c.relrowsecurity,
                          c.relforcerowsecurity, h.inhparent::regclass, pg_get_expr(c.relpartbound, c.oid),
                          CASE c.relkind WHEN 'p' THEN pg_get_partkeydef(c.oid) END)
            FROM rel JOIN pg_catalog.pg_class c ON c.oid = rel.oid
            LEFT JOIN pg_catalog.pg_am am ON am.oid = c.relam
            LEFT JOIN pg_catalog.pg_tablespace ts ON ts.oid = c.reltablespace
            LEFT JOIN pg_catalog.pg_class toast ON toast.oid = c.reltoastrelid
            LEFT JOIN pg_catalog.pg_inherits h ON h.inhrelid = c.oid
            WHERE c.relkind NOT IN ('i', 'I')
            UNION ALL
            SELECT format('%s column %s %I type=%s collation=%s notnull=%s default=%s identity=%s generated=%s storage=%s'
                          || ' compression=%s statistics=%s options=%s local=%s inherited=%s',
                          rel.oid::regclass, (SELECT count(*) FROM pg_catalog.pg_attribute b
                                              WHERE b.attrelid = a.attrelid AND b.attnum > 0 AND NOT b.attisdropped
                                                AND b.attnum <= a.attnum),
                          a.attname, format_type(a.atttypid, a.atttypmod),
                          (SELECT l.collname FROM pg_catalog.pg_collation l WHERE l.oid = a.attcollation),
                          a.attnotnull, pg_get_expr(d.adbin, d.adrelid), a.attidentity, a.attgenerated, a.attstorage,
                          a.attcompression, coalesce(nullif(a.attstattarget, -1)::text, 'default'), a.attoptions,
                          a.attislocal, a.attinhcount)
            FROM rel JOIN pg_catalog.pg_attribute a ON a.attrelid = rel.oid
            JOIN pg_catalog.pg_class c ON c.oid = rel.oid AND c.relkind NOT IN ('i', 'I', 'S')
            LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
            WHERE a.attnum > 0 AND NOT a.attisdropped
            UNION ALL
            SELECT format('%s constraint %I type=%s %s validated=%s enforced=%s deferrable=%s deferred=%s inherited=%s'
                          || ' local=%s noinherit=%s parent=%s', co.conrelid::regclass, co.conname, co.contype,
                          pg_get_constraintdef(co.oid), co.convalidated, to_jsonb(co) ->> 'conenforced',
                          co.condeferrable, co.condeferred, co.coninhcount, co.conislocal,
                          co.contype IN ('c', 'n') AND co.connoinherit, up.conname)
            FROM rel JOIN pg_catalog.pg_constraint co ON co.conrelid = rel.oid
            LEFT JOIN pg_catalog.pg_constraint up ON up.oid = co.conparentid
            WHERE up.conrelid IS DISTINCT FROM co.conrelid
            UNION ALL
            SELECT format('%s index %s valid=%s ready=%s clustered=%s replica=%s primary=%s immediate=%s tablespace=%s'
                          || ' parent=%s statistics=%s owner=%I',
                          i.indrelid::regclass, pg_get_indexdef(x.oid), i.indisvalid, i.indisready, i.indisclustered,
                          i.indisreplident, i.indisprimary, i.indimmediate, ts.spcname, h.inhparent::regclass,
                          (SELECT string_agg(format('%s:%s', a.attnum, a.attstattarget), ',' ORDER BY a.attnum)
                           FROM pg_catalog.pg_attribute a WHERE a.attrelid = x.oid AND a.attstattarget >= 0),
                          pg_get_userbyid(x.relowner))
            FROM rel JOIN pg_catalog.pg_index i ON i.indrelid = rel.oid
            JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid
            LEFT JOIN pg_catalog.pg_tablespace ts ON ts.oid = x.reltablespace
            LEFT JOIN pg_catalog.pg_inherits h ON h.inhrelid = x.oid
            UNION ALL
            SELECT format('%s trigger %s enabled=%s cloned=%s', t.tgrelid::regclass, pg_get_triggerdef(t.oid),
                          t.tgenabled, t.tgparentid <> 0)
            FROM rel JOIN pg_catalog.pg_trigger t ON t.tgrelid = rel.oid
            WHERE NOT t.tgisinternal OR t.tgconstraint = 0
            UNION ALL
            SELECT format('%s internal trigger of %s by %s deferrable=%s,%s enabled=%s x%s', t.tgrelid::regclass,
                          nullif(t.tgconstrrelid, 0)::regclass, t.tgfoid::regproc, t.tgdeferrable, t.tginitdeferred,
                          t.tgenabled, count(*))
            FROM rel JOIN pg_catalog.pg_trigger t ON rel.oid IN (t.tgrelid, t.tgconstrrelid)
            WHERE t.tgisinternal AND t.tgconstraint <> 0
            GROUP BY t.tgrelid, t.tgconstrrelid, t.tgfoid, t.tgdeferrable, t.tginitdeferred, t.tgenabled, rel.oid
            UNION ALL
            SELECT format('%s policy %I permissive=%s command=%s roles=%s using=%s check=%s', p.polrelid::regclass,
                          p.polname, p.polpermissive, p.polcmd,
                          (SELECT string_agg(CASE r WHEN 0 THEN 'public' ELSE pg_get_userbyid(r) END, ','
                                             ORDER BY pg_get_userbyid(r)) FROM unnest(p.polroles) r),
                          pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid))
            FROM rel JOIN pg_catalog.pg_policy p ON p.polrelid = rel.oid
            UNION ALL
            SELECT format('%s rule %s enabled=%s', w.ev_class::regclass, pg_get_ruledef(w.oid), w.ev_enabled)
            FROM rel JOIN pg_catalog.pg_rewrite w ON w.ev_class = rel.oid
            UNION ALL
            SELECT format('%s grant %s to %s grantable=%s', c.oid::regclass, g.privilege_type,
                          CASE g.grantee WHEN 0 THEN 'public' ELSE pg_get_userbyid(g.grantee) END,
                          bool_or(g.is_grantable))
            FROM rel JOIN pg_catalog.pg_class c ON c.oid = rel.oid AND c.relkind NOT IN ('i', 'I', 'c')
            CROSS JOIN LATERAL aclexplode(coalesce(c.relacl, acldefault(
                CASE c.relkind WHEN 'S' THEN 's'::"char" ELSE 'r'::"char" END, c.relowner))) g
            GROUP BY c.oid, g.grantee, g.privilege_type
            UNION ALL
            SELECT format('%s column %I grant %s to %s grantable=%s', a.attrelid::regclass, a.attname, g.privilege_type,
                          CASE g.grantee WHEN 0 THEN 'public' ELSE pg_get_userbyid(g.grantee) END,
                          bool_or(g.is_grantable))
            FROM rel JOIN pg_catalog.pg_attribute a ON a.attrelid = rel.oid AND a.attnum > 0 AND NOT a.attisdropped
            CROSS JOIN LATERAL aclexplode(a.attacl) g
            GROUP BY a.attrelid, a.attname, g.grantee, g.privilege_type
            UNION ALL
            SELECT format('%s statistics %s target=%s owner=%I', s.stxrelid::regclass, pg_get_statisticsobjdef(s.oid),
                          nullif(s.stxstattarget, -1), pg_get_userbyid(s.stxowner))
            FROM rel JOIN pg_catalog.pg_statistic_ext s ON s.stxrelid = rel.oid
            UNION ALL
            SELECT format('%s publication %I %s', c.oid::regclass, t.pubname, to_jsonb(t) - 'pubname')
            FROM rel JOIN pg_catalog.pg_class c ON c.oid = rel.oid
            JOIN pg_catalog.pg_publication_tables t
                ON t.tablename = c.relname AND t.schemaname = (SELECT n.nspname FROM pg_catalog.pg_namespace n
                                                              WHERE n.oid = c.relnamespace)
            UNION ALL
            SELECT format('%s sequence %s dependency=%s', d.refobjid::regclass || '.' || a.attname, s.oid::regclass,
                          d.deptype)
            FROM rel JOIN pg_catalog.pg_depend d
                ON d.refobjid = rel.oid AND d.refclassid = 'pg_catalog.pg_class'::regclass
                AND d.classid = 'pg_catalog.pg_class'::regclass AND d.deptype IN ('a', 'i')
            JOIN pg_catalog.pg_class s ON s.oid = d.objid AND s.relkind = 'S'
            JOIN pg_catalog.pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
            UNION ALL
            SELECT format('comment on %s: %s', pg_describe_object(d.classoid, d.objoid, d.objsubid), d.description)
            FROM pg_catalog.pg_description d
            WHERE (d.classoid, d.objoid) IN (
                SELECT 'pg_catalog.pg_class'::regclass, oid FROM rel
                UNION SELECT 'pg_catalog.pg_class'::regclass, i.indexrelid
                      FROM pg_catalog.pg_index i JOIN rel ON rel.oid = i.indrelid
                UNION SELECT 'pg_catalog.pg_constraint'::regclass, co.oid
                      FROM pg_catalog.pg_constraint co JOIN rel ON rel.oid = co.conrelid
                UNION SELECT 'pg_catalog.pg_trigger'::regclass, t.oid
                      FROM pg_catalog.pg_trigger t JOIN rel ON rel.oid = t.tgrelid
                UNION SELECT 'pg_catalog.pg_policy'::regclass, p.oid
                      FROM pg_catalog.pg_policy p JOIN rel ON rel.oid = p.polrelid
                UNION SELECT 'pg_catalog.pg_rewrite'::regclass, w.oid
                      FROM pg_catalog.pg_rewrite w JOIN rel ON rel.oid = w.ev_class
                UNION SELECT 'pg_catalog.pg_statistic_ext'::regclass, s.oid
                      FROM pg_catalog.pg_statistic_ext s JOIN rel ON rel.oid = s.stxrelid)
            UNION ALL
            SELECT format('label on %s: %s %s', pg_describe_object(l.classoid, l.objoid, l.objsubid), l.provider, l.label)
            FROM pg_catalog.pg_seclabel l JOIN rel ON rel.oid = l.objoid
            WHERE l.classoid = 'pg_catalog.pg_class'::regclass""";

    private static final String DATABASE_LINES = """
            SELECT format('schema %I owner=%I acl=%s', nspname, pg_get_userbyid(nspowner), nspacl)
            FROM pg_catalog.pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
            UNION ALL
            SELECT format('%s owner=%I acl=%s %s', p.oid::regprocedure, pg_get_userbyid(p.proowner), p.proacl,
                          CASE WHEN p.prokind IN ('f', 'p') THEN pg_get_functiondef(p.oid) END)
            FROM pg_catalog.pg_proc p WHERE p.oid >= 16384
            UNION ALL
            SELECT format('type %s', format_type(t.oid, NULL)) FROM pg_catalog.pg_type t
            JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
            WHERE t.oid >= 16384 AND n.nspname !~ '^pg_'
            UNION ALL
            SELECT format('extension %I %s', extname, extversion) FROM pg_catalog.pg_extension
            UNION ALL
            SELECT format('event trigger %I on %s by %s enabled=%s', evtname, evtevent, evtfoid::regproc, evtenabled)
            FROM pg_catalog.pg_event_trigger
            UNION ALL
            SELECT format('publication %I owner=%I all=%s insert=%s update=%s delete=%s root=%s', pubname,
                          pg_get_userbyid(pubowner), puballtables, pubinsert, pubupdate, pubdelete, pubviaroot)
            FROM pg_catalog.pg_publication
            UNION ALL
            SELECT format('default privileges of %I in %s for %s: %s', pg_get_userbyid(defaclrole),
                          nullif(defaclnamespace, 0)::regnamespace, defaclobjtype, defaclacl)
            FROM pg_catalog.pg_default_acl
            UNION ALL
            SELECT format('sequence %s start=%s increment=%s max=%s min=%s cache=%s cycle=%s', s.seqrelid::regclass,
                          s.seqstart, s.seqincrement, s.seqmax, s.seqmin, s.seqcache, s.seqcycle)
            FROM pg_catalog.pg_sequence s
            UNION ALL
            SELECT pg_describe_object(o.classid, o.oid, 0) FROM (
                SELECT 'pg_catalog.pg_operator'::regclass AS classid, oid FROM pg_catalog.pg_operator
                UNION ALL SELECT 'pg_catalog.pg_cast'::regclass, oid FROM pg_catalog.pg_cast
                UNION ALL SELECT 'pg_catalog.pg_collation'::regclass, oid FROM pg_catalog.pg_collation
                UNION ALL SELECT 'pg_catalog.pg_language'::regclass, oid FROM pg_catalog.pg_language
                UNION ALL SELECT 'pg_catalog.pg_foreign_server'::regclass, oid FROM pg_catalog.pg_foreign_server
                UNION ALL SELECT 'pg_catalog.pg_largeobject'::regclass, oid FROM pg_catalog.pg_largeobject_metadata)
                AS o WHERE o.oid >= 16384
            UNION ALL
            SELECT format('role %I super=%s login=%s inherit=%s settings=%s', rolname, rolsuper, rolcanlogin, rolinherit,
                          rolconfig)
            FROM pg_catalog.pg_roles WHERE rolname !~ '^pg_'
            UNION ALL
            SELECT format('role %I is a member of %I', pg_get_userbyid(member), pg_get_userbyid(roleid))
            FROM pg_catalog.pg_auth_members
            UNION ALL
            SELECT format('replication slot %I %s %s', slot_name, slot_type, database)
            FROM pg_catalog.pg_replication_slots
            UNION ALL
            SELECT format('prepared transaction %s', gid) FROM pg_catalog.pg_prepared_xacts
            WHERE database = current_database()""";
}
