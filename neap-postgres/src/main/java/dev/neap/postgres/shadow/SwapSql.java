package dev.neap.postgres.shadow;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * What the swap's transaction does around DETACH and ATTACH. Each statement touches only the catalog. What follows a
 * table's name moves to the new one; what would act on the old one's rows, or through them on others, is taken off it,
 * and comes back by the same statements when undo swaps the other way.
 */
final class SwapSql {
    private SwapSql() {}

    static List<String> beforeDetach(Catalog catalog) throws SQLException {
        List<String> all = new ArrayList<>();
        all.addAll(catalog.texts(RELEASE_SEQUENCES));
        all.addAll(catalog.texts(LEAVE_PUBLICATIONS));
        all.addAll(catalog.texts("SELECT format('ALTER STATISTICS %s SET SCHEMA %I', qualified, {kept_schema}) FROM "
                + EXTENDED_STATISTICS));
        all.addAll(catalog.texts(STRIP_RULES));
        all.addAll(catalog.texts(STRIP_POLICIES));
        all.addAll(catalog.texts(STRIP_TRIGGERS));
        return List.copyOf(all);
    }

    static List<String> afterAttach(Catalog catalog) throws SQLException {
        List<String> all = new ArrayList<>();
        all.add(catalog.one("SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', {name}, {bound_check})"));
        all.addAll(catalog.texts(STRIP_FOREIGN_KEYS));
        all.addAll(catalog.texts(SEQUENCE_DEFAULTS));
        all.addAll(catalog.texts(OWN_SEQUENCES));
        all.addAll(catalog.texts("SELECT format('ALTER STATISTICS %I.%I SET SCHEMA %I', {work}, stxname, nspname) FROM "
                + EXTENDED_STATISTICS));
        all.addAll(catalog.texts(TRIGGERS));
        all.addAll(catalog.texts(INHERITED_TRIGGERS));
        all.addAll(catalog.texts(POLICIES));
        all.addAll(catalog.texts(ROW_SECURITY));
        all.addAll(catalog.texts(RULES));
        all.addAll(catalog.texts(catalog.version() < 15 ? JOIN_PUBLICATIONS : JOIN_PUBLICATIONS_15));
        all.addAll(catalog.texts(OWNER_PRIVILEGES));
        return List.copyOf(all);
    }

    /** A serial's sequence: `a` is OWNED BY, `i` would be identity. */
    private static final String OWNED_SEQUENCES = """
            (SELECT format('%I.%I', n.nspname, s.relname) AS qualified, a.attname
             FROM pg_catalog.pg_depend d
             JOIN pg_catalog.pg_class s ON s.oid = d.objid AND s.relkind = 'S'
             JOIN pg_catalog.pg_namespace n ON n.oid = s.relnamespace
             JOIN pg_catalog.pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
             WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.refclassid = 'pg_catalog.pg_class'::regclass
               AND d.refobjid = {live} AND d.deptype = 'a'
             ORDER BY 1) AS sequences""";

    private static final String RELEASE_SEQUENCES =
            "SELECT format('ALTER SEQUENCE %s OWNED BY NONE', qualified) FROM " + OWNED_SEQUENCES;

    private static final String OWN_SEQUENCES =
            "SELECT format('ALTER SEQUENCE %s OWNED BY %s.%I', qualified, {name}, attname) FROM " + OWNED_SEQUENCES;

    /** A default of the kept table would be in the way of whoever drops the sequence, or the table that owns it. */
    private static final String SEQUENCE_DEFAULTS = """
            SELECT unnest(ARRAY[
                format('ALTER TABLE %s ALTER COLUMN %I DROP DEFAULT', {kept}, attname),
                format('ALTER TABLE %s ALTER COLUMN %I SET DEFAULT %s', {name}, attname, expression)])
            FROM (SELECT a.attname, pg_get_expr(ad.adbin, ad.adrelid) AS expression
                  FROM pg_catalog.pg_attrdef ad
                  JOIN pg_catalog.pg_attribute a ON a.attrelid = ad.adrelid AND a.attnum = ad.adnum
                  WHERE ad.adrelid = {live} AND a.attgenerated = '' AND EXISTS (
                      SELECT FROM pg_catalog.pg_depend d
                      JOIN pg_catalog.pg_class s ON s.oid = d.refobjid AND s.relkind = 'S'
                      WHERE d.classid = 'pg_catalog.pg_attrdef'::regclass AND d.objid = ad.oid
                        AND d.refclassid = 'pg_catalog.pg_class'::regclass)
                  ORDER BY a.attnum) AS defaults""";

    private static final String EXTENDED_STATISTICS = """
            (SELECT format('%I.%I', n.nspname, s.stxname) AS qualified, s.stxname, n.nspname
             FROM pg_catalog.pg_statistic_ext s
             JOIN pg_catalog.pg_namespace n ON n.oid = s.stxnamespace
             WHERE s.stxrelid = {live}
             ORDER BY 1) AS statistics""";

    /** A kept row must not stop the application from deleting what it references. Some versions drop the key at DETACH. */
    private static final String STRIP_FOREIGN_KEYS = """
            SELECT format('ALTER TABLE %s DROP CONSTRAINT IF EXISTS %I', {kept}, co.conname)
            FROM pg_catalog.pg_constraint co
            LEFT JOIN pg_catalog.pg_constraint up ON up.oid = co.conparentid
            WHERE co.conrelid = {live} AND co.contype = 'f' AND up.conrelid IS DISTINCT FROM co.conrelid
            ORDER BY co.conname""";

    private static final String OWN_TRIGGERS = """
            (SELECT t.*, obj_description(t.oid, 'pg_trigger') AS comment, pg_get_triggerdef(t.oid) AS def
             FROM pg_catalog.pg_trigger t
             WHERE t.tgrelid = {live} AND NOT t.tgisinternal AND t.tgparentid = 0
               AND NOT starts_with(t.tgname, 'neap_')
             ORDER BY t.tgname) AS triggers""";

    private static final String STRIP_TRIGGERS =
            "SELECT format('DROP TRIGGER %I ON %s', tgname, {name}) FROM " + OWN_TRIGGERS;

    private static final String TRIGGERS = """
            SELECT unnest(ARRAY[
                def,
                CASE tgenabled WHEN 'O' THEN NULL
                    ELSE format('ALTER TABLE %s %s TRIGGER %I', {name},
                                CASE tgenabled WHEN 'D' THEN 'DISABLE' WHEN 'R' THEN 'ENABLE REPLICA'
                                               ELSE 'ENABLE ALWAYS' END, tgname) END,
                CASE WHEN comment IS NOT NULL THEN
                    format('COMMENT ON TRIGGER %I ON %s IS %L', tgname, {name}, comment) END])
            FROM""" + " " + OWN_TRIGGERS;

    /** ATTACH makes them; whether they are enabled on this partition, and their comment, it does not know. On 14 they count as internal. */
    private static final String INHERITED_TRIGGERS = """
            SELECT unnest(ARRAY[
                CASE WHEN (t.tgenabled, up.tgenabled) IS DISTINCT FROM ('O'::"char", 'O'::"char") THEN
                    format('ALTER TABLE %s %s TRIGGER %I', {name},
                           CASE t.tgenabled WHEN 'O' THEN 'ENABLE' WHEN 'D' THEN 'DISABLE'
                                            WHEN 'R' THEN 'ENABLE REPLICA' ELSE 'ENABLE ALWAYS' END, t.tgname) END,
                CASE WHEN obj_description(t.oid, 'pg_trigger') IS NOT NULL THEN
                    format('COMMENT ON TRIGGER %I ON %s IS %L', t.tgname, {name},
                           obj_description(t.oid, 'pg_trigger')) END])
            FROM pg_catalog.pg_trigger t
            JOIN pg_catalog.pg_trigger up ON up.oid = t.tgparentid
            WHERE t.tgrelid = {live} AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint co
                                                     WHERE co.oid = t.tgconstraint AND co.contype <> 't')
            ORDER BY t.tgname""";

    private static final String STRIP_POLICIES = """
            SELECT format('DROP POLICY %I ON %s', polname, {name})
            FROM pg_catalog.pg_policy WHERE polrelid = {live} ORDER BY polname""";

    private static final String POLICIES = """
            SELECT unnest(ARRAY[
                format('CREATE POLICY %I ON %s AS %s FOR %s TO %s', polname, {name},
                       CASE WHEN polpermissive THEN 'PERMISSIVE' ELSE 'RESTRICTIVE' END,
                       CASE polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE'
                                   WHEN 'd' THEN 'DELETE' ELSE 'ALL' END,
                       (SELECT string_agg(CASE r WHEN 0 THEN 'PUBLIC' ELSE format('%I', pg_get_userbyid(r)) END, ', '
                                          ORDER BY r)
                        FROM unnest(polroles) r))
                || coalesce(' USING (' || pg_get_expr(polqual, polrelid) || ')', '')
                || coalesce(' WITH CHECK (' || pg_get_expr(polwithcheck, polrelid) || ')', ''),
                CASE WHEN obj_description(oid, 'pg_policy') IS NOT NULL THEN
                    format('COMMENT ON POLICY %I ON %s IS %L', polname, {name}, obj_description(oid, 'pg_policy')) END])
            FROM (SELECT * FROM pg_catalog.pg_policy WHERE polrelid = {live} ORDER BY polname) AS policies""";

    private static final String ROW_SECURITY = """
            SELECT unnest(ARRAY[
                CASE WHEN relrowsecurity THEN format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', {name}) END,
                CASE WHEN relforcerowsecurity THEN format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', {name}) END,
                CASE WHEN relreplident = 'n' THEN format('ALTER TABLE %s REPLICA IDENTITY NOTHING', {name}) END])
            FROM pg_catalog.pg_class WHERE oid = {live}""";

    private static final String STRIP_RULES = """
            SELECT format('DROP RULE %I ON %s', rulename, {name})
            FROM pg_catalog.pg_rewrite WHERE ev_class = {live} ORDER BY rulename""";

    private static final String RULES = """
            SELECT unnest(ARRAY[
                pg_get_ruledef(oid),
                CASE ev_enabled WHEN 'O' THEN NULL
                    ELSE format('ALTER TABLE %s %s RULE %I', {name},
                                CASE ev_enabled WHEN 'D' THEN 'DISABLE' WHEN 'R' THEN 'ENABLE REPLICA'
                                                ELSE 'ENABLE ALWAYS' END, rulename) END,
                CASE WHEN obj_description(oid, 'pg_rewrite') IS NOT NULL THEN
                    format('COMMENT ON RULE %I ON %s IS %L', rulename, {name}, obj_description(oid, 'pg_rewrite')) END])
            FROM (SELECT * FROM pg_catalog.pg_rewrite WHERE ev_class = {live} ORDER BY rulename) AS rules""";

    private static final String LEAVE_PUBLICATIONS = """
            SELECT format('ALTER PUBLICATION %I DROP TABLE ONLY %s', p.pubname, {name})
            FROM pg_catalog.pg_publication_rel r JOIN pg_catalog.pg_publication p ON p.oid = r.prpubid
            WHERE r.prrelid = {live} ORDER BY p.pubname""";

    private static final String JOIN_PUBLICATIONS = """
            SELECT format('ALTER PUBLICATION %I ADD TABLE ONLY %s', p.pubname, {name})
            FROM pg_catalog.pg_publication_rel r JOIN pg_catalog.pg_publication p ON p.oid = r.prpubid
            WHERE r.prrelid = {live} ORDER BY p.pubname""";

    /** Column lists and row filters came with 15. */
    private static final String JOIN_PUBLICATIONS_15 = """
            SELECT format('ALTER PUBLICATION %I ADD TABLE ONLY %s', p.pubname, {name})
                   || coalesce((SELECT ' (' || string_agg(format('%I', a.attname), ', ' ORDER BY a.attnum) || ')'
                                FROM pg_catalog.pg_attribute a
                                WHERE a.attrelid = {live} AND a.attnum = ANY (r.prattrs)), '')
                   || coalesce(' WHERE (' || pg_get_expr(r.prqual, r.prrelid) || ')', '')
            FROM pg_catalog.pg_publication_rel r JOIN pg_catalog.pg_publication p ON p.oid = r.prpubid
            WHERE r.prrelid = {live} ORDER BY p.pubname""";

    /** An owner may have revoked its own privileges; the shadow's loader still needed them. */
    private static final String OWNER_PRIVILEGES = """
            SELECT format('REVOKE %s ON TABLE %s FROM %I', string_agg(d.privilege_type, ', ' ORDER BY d.privilege_type),
                          {name}, pg_get_userbyid(c.relowner))
            FROM pg_catalog.pg_class c
            CROSS JOIN LATERAL aclexplode(acldefault('r', c.relowner)) d
            WHERE c.oid = {live} AND c.relacl IS NOT NULL AND NOT EXISTS (
                SELECT FROM aclexplode(c.relacl) g
                WHERE g.grantee = c.relowner AND g.privilege_type = d.privilege_type)
            GROUP BY c.relowner""";
}
