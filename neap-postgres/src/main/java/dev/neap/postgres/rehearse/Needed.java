package dev.neap.postgres.rehearse;

import dev.neap.dialect.NeapException;
import dev.neap.postgres.query.Names;
import dev.neap.postgres.query.Query;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** What tables and functions need besides other tables, by the catalog's own record of it: types, functions, sequences. */
final class Needed {
    private static final String ALL = """
            WITH RECURSIVE need(classid, objid) AS (
                SELECT begin.* FROM (
                    SELECT 'pg_class'::regclass::oid, oid FROM pg_class WHERE oid = ANY (?::oid[])
                    UNION ALL SELECT 'pg_attrdef'::regclass, oid FROM pg_attrdef WHERE adrelid = ANY (?::oid[])
                    UNION ALL SELECT 'pg_class'::regclass, indexrelid FROM pg_index WHERE indrelid = ANY (?::oid[])
                    UNION ALL SELECT 'pg_constraint'::regclass, oid FROM pg_constraint
                              WHERE conrelid = ANY (?::oid[]) AND contype <> 'f'
                    UNION ALL SELECT 'pg_proc'::regclass, oid FROM pg_proc WHERE oid = ANY (?::oid[])
                    UNION ALL SELECT 'pg_type'::regclass, oid FROM pg_type WHERE oid = ANY (?::oid[])) AS begin
                UNION
                SELECT more.* FROM need CROSS JOIN LATERAL (
                    SELECT d.refclassid, d.refobjid FROM pg_depend d
                    WHERE d.classid = need.classid AND d.objid = need.objid AND d.deptype IN ('n', 'a', 'i')
                      AND (d.refclassid IN ('pg_type'::regclass, 'pg_proc'::regclass, 'pg_collation'::regclass,
                                            'pg_operator'::regclass, 'pg_opclass'::regclass)
                           OR d.refclassid = 'pg_class'::regclass AND EXISTS (
                                  SELECT FROM pg_class c WHERE c.oid = d.refobjid AND c.relkind IN ('S', 'c')))
                    UNION ALL
                    SELECT 'pg_class'::regclass, t.typrelid FROM pg_type t JOIN pg_class c ON c.oid = t.typrelid
                    WHERE need.classid = 'pg_type'::regclass AND t.oid = need.objid AND c.relkind = 'c'
                    UNION ALL
                    SELECT 'pg_constraint'::regclass, x.oid FROM pg_constraint x
                    WHERE need.classid = 'pg_type'::regclass AND x.contypid = need.objid AND x.contype = 'c') AS more
                WHERE NOT EXISTS (SELECT FROM pg_depend e
                                  WHERE e.classid = need.classid AND e.objid = need.objid AND e.deptype = 'e'))
            SELECT need.classid::regclass::text, need.objid::bigint, coalesce(x.extname, ''),
                   pg_describe_object(need.classid, need.objid, 0)
            FROM need
            LEFT JOIN pg_depend e ON e.classid = need.classid AND e.objid = need.objid AND e.deptype = 'e'
                 AND e.refclassid = 'pg_extension'::regclass
            LEFT JOIN pg_extension x ON x.oid = e.refobjid
            WHERE NOT (need.classid = 'pg_class'::regclass AND need.objid = ANY (?::oid[]))
            ORDER BY need.objid""";

    private static final String TYPE = """
            SELECT CASE
                WHEN t.typtype = 'e' THEN 'CREATE TYPE ' || x.name || ' AS ENUM (' || (
                    SELECT string_agg(quote_literal(e.enumlabel), ', ' ORDER BY e.enumsortorder)
                    FROM pg_enum e WHERE e.enumtypid = t.oid) || ')'
                WHEN t.typtype = 'd' THEN 'CREATE DOMAIN ' || x.name || ' AS ' || format_type(t.typbasetype, t.typtypmod)
                    || CASE WHEN t.typcollation <> b.typcollation THEN ' COLLATE ' || (
                        SELECT quote_ident(n.nspname) || '.' || quote_ident(o.collname) FROM pg_collation o
                        JOIN pg_namespace n ON n.oid = o.collnamespace WHERE o.oid = t.typcollation) ELSE '' END
                    || coalesce(' DEFAULT ' || t.typdefault, '') || CASE WHEN t.typnotnull THEN ' NOT NULL' ELSE '' END
                    || coalesce((SELECT string_agg(' CONSTRAINT ' || quote_ident(c.conname) || ' '
                                 || pg_get_constraintdef(c.oid), '' ORDER BY c.oid)
                                 FROM pg_constraint c WHERE c.contypid = t.oid AND c.contype = 'c'), '')
                WHEN t.typtype = 'r' THEN 'CREATE TYPE ' || x.name || ' AS RANGE (SUBTYPE = '
                    || (SELECT format_type(r.rngsubtype, NULL) FROM pg_range r WHERE r.rngtypid = t.oid) || ')'
                WHEN t.typtype = 'c' AND (SELECT relkind = 'c' FROM pg_class WHERE oid = t.typrelid) THEN
                    'CREATE TYPE ' || x.name || ' AS (' || (
                    SELECT string_agg(quote_ident(a.attname) || ' ' || format_type(a.atttypid, a.atttypmod), ', '
                           ORDER BY a.attnum)
                    FROM pg_attribute a WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped) || ')'
                WHEN t.typtype = 'm' OR t.typelem <> 0 AND t.typcategory = 'A' THEN ''
                END, n.nspname
            FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
            LEFT JOIN pg_type b ON b.oid = t.typbasetype
            CROSS JOIN LATERAL (SELECT quote_ident(n.nspname) || '.' || quote_ident(t.typname) AS name) AS x
            WHERE t.oid = ?::oid""";

    private static final String SEQUENCE = """
            SELECT 'CREATE SEQUENCE ' || quote_ident(n.nspname) || '.' || quote_ident(c.relname) || ' AS '
                   || format_type(s.seqtypid, NULL) || ' INCREMENT ' || s.seqincrement || ' MINVALUE ' || s.seqmin
                   || ' MAXVALUE ' || s.seqmax || ' START ' || s.seqstart || ' CACHE ' || s.seqcache
                   || CASE WHEN s.seqcycle THEN ' CYCLE' ELSE '' END, n.nspname
            FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE c.oid = ?::oid""";

    private static final String FUNCTION = """
            SELECT pg_get_functiondef(p.oid), n.nspname FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
            WHERE p.oid = ?::oid AND p.prokind IN ('f', 'p', 'w')""";

    private final Connection connection;
    private final Set<String> schemas = new LinkedHashSet<>();
    private final Set<String> extensions = new LinkedHashSet<>();
    private final List<String> statements = new ArrayList<>();

    private Needed(Connection connection) {
        this.connection = connection;
    }

    /** What is to be made before the tables. */
    record Statements(List<String> schemas, List<String> extensions, List<String> objects) {}

    /**
     * Reads it.
     *
     * @throws NeapException STOP naming the first thing that cannot be made again
     */
    static Statements of(
            Connection connection, List<CopiedTable> tables, Collection<Long> functions, Collection<Long> types)
            throws SQLException {
        List<String> oids =
                tables.stream().map(each -> String.valueOf(each.oid())).toList();
        List<String> named = functions.stream().map(String::valueOf).toList();
        List<String> typed = types.stream().map(String::valueOf).toList();
        Needed needed = new Needed(connection);
        tables.forEach(each -> needed.schemas.add(each.name().schema()));
        for (Thing thing : Query.of(connection, ALL, oids, oids, oids, oids, named, typed, oids)
                .list(row -> new Thing(row.getString(1), row.getLong(2), row.getString(3), row.getString(4)))) {
            needed.add(thing);
        }
        needed.schemas.remove("public");
        return new Statements(
                needed.schemas.stream()
                        .map(each -> "CREATE SCHEMA " + Names.quote(each))
                        .toList(),
                List.copyOf(needed.extensions),
                List.copyOf(needed.statements));
    }

    /** Something in the catalog. */
    private record Thing(String catalog, long oid, String extension, String words) {}

    private void add(Thing thing) throws SQLException {
        if (!thing.extension.isEmpty()) {
            extension(thing.extension);
            return;
        }
        switch (thing.catalog) {
            case "pg_type" -> statement(TYPE, thing);
            case "pg_proc" -> statement(FUNCTION, thing);
            case "pg_class" ->
                Query.of(connection, SEQUENCE, thing.oid)
                        .first(row -> new String[] {row.getString(1), row.getString(2)})
                        .ifPresent(found -> made(found[0], found[1]));
            case "pg_collation", "pg_operator", "pg_opclass" -> throw cannot(thing);
            default -> {
                // A default or a constraint, which comes with its table.
            }
        }
    }

    private void extension(String name) throws SQLException {
        String schema = Query.of(connection, """
                        SELECT n.nspname FROM pg_extension x JOIN pg_namespace n ON n.oid = x.extnamespace
                        WHERE x.extname = ?
                        """, name).text();
        if (!schema.equals("pg_catalog")) {
            schemas.add(schema);
        }
        extensions.add(
                "CREATE EXTENSION IF NOT EXISTS " + Names.quote(name) + " SCHEMA " + Names.quote(schema) + " CASCADE");
    }

    private void statement(String query, Thing thing) throws SQLException {
        String[] found = Query.of(connection, query, thing.oid)
                .first(row -> new String[] {row.getString(1), row.getString(2)})
                .orElse(null);
        if (found == null || found[0] == null) {
            throw cannot(thing);
        }
        made(found[0], found[1]);
    }

    private void made(String statement, String schema) {
        if (schema.equals("pg_catalog") || schema.equals("information_schema") || statement.isEmpty()) {
            return;
        }
        schemas.add(schema);
        statements.add(statement);
    }

    private static NeapException cannot(Thing thing) {
        return new NeapException(
                NeapException.Kind.STOP,
                "a rehearsal cannot copy the " + thing.words
                        + ", which the table or the file's expressions need; rehearse"
                        + " on a copy of the database instead");
    }
}
