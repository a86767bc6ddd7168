package dev.neap.postgres.rehearse;

import dev.neap.backfill.TableName;
import dev.neap.postgres.query.Names;
import dev.neap.postgres.query.Query;
import java.sql.Array;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Constraints and indexes of the copied tables, made after the rows are there: partitions before their parents. */
final class Constraints {
    private final Connection source;
    private final List<String> keys = new ArrayList<>();
    private final List<String> references = new ArrayList<>();
    private final List<ForeignKey> foreignKeys = new ArrayList<>();

    Constraints(Connection source) {
        this.source = source;
    }

    /**
     * A foreign key between copied tables.
     *
     * @param types of the referenced columns
     */
    record ForeignKey(
            long table, long referenced, List<String> columns, List<String> referencedColumns, List<String> types) {}

    /** Every table that the table references, and that those reference. */
    Set<Long> referencedBy(Collection<CopiedTable> tables, long root) throws SQLException {
        Set<Long> all = new LinkedHashSet<>();
        List<String> begin = new ArrayList<>();
        begin.add(String.valueOf(root));
        tables.forEach(each -> begin.add(String.valueOf(each.oid())));
        all.addAll(Query.of(source, """
                        WITH RECURSIVE r(oid) AS (
                            SELECT oid FROM pg_class WHERE oid = ANY (?::oid[])
                            UNION SELECT c.confrelid FROM r JOIN pg_constraint c ON c.conrelid = r.oid
                            WHERE c.contype = 'f' AND c.conparentid = 0)
                        SELECT oid::bigint FROM r
                        """, begin).list(row -> row.getLong(1)));
        return all;
    }

    void read(List<CopiedTable> tree, Collection<CopiedTable> others, Omissions omissions, Set<String> notCopied)
            throws SQLException {
        List<CopiedTable> children = new ArrayList<>(tree);
        java.util.Collections.reverse(children);
        children.addAll(others);
        Set<Long> copied = new LinkedHashSet<>();
        children.forEach(each -> copied.add(each.oid()));
        for (CopiedTable table : children) {
            ofTable(table, omissions, notCopied);
            foreignKeysOf(table, copied, notCopied);
        }
        left(tree.get(0), tree, notCopied);
    }

    private void ofTable(CopiedTable table, Omissions omissions, Set<String> notCopied) throws SQLException {
        record Found(String name, String type, String definition, List<String> columns) {}
        List<Found> found = Query.of(source, """
                        SELECT c.conname, c.contype::text, pg_get_constraintdef(c.oid), ARRAY(
                            SELECT a.attname FROM pg_attribute a
                            WHERE a.attrelid = c.conrelid AND a.attnum = ANY (c.conkey))::text[]
                        FROM pg_constraint c WHERE c.conrelid = ?::oid AND c.contype IN ('c', 'p', 'u', 'x') ORDER BY c.conname
                        """, table.oid())
                .list(row -> new Found(row.getString(1), row.getString(2), row.getString(3), texts(row, 4)));
        for (Found each : found) {
            boolean omitted = each.columns.stream().anyMatch(column -> omissions.omits(table, column));
            if (omitted && each.type.equals("c")) {
                notCopied.add("CHECK " + each.name + ", which is about an omitted column");
            } else {
                keys.add("ALTER TABLE " + Names.quote(table.name()) + " ADD CONSTRAINT " + Names.quote(each.name) + " "
                        + each.definition);
            }
        }
        keys.addAll(
                Query.of(source, """
                        SELECT pg_get_indexdef(x.indexrelid) FROM pg_index x
                        WHERE x.indrelid = ?::oid AND x.indisvalid AND NOT EXISTS (
                            SELECT FROM pg_constraint c WHERE c.conindid = x.indexrelid AND c.contype IN ('p', 'u', 'x'))
                        ORDER BY x.indexrelid
                        """, table.oid()).list(row -> row.getString(1).replaceFirst(" ON ONLY ", " ON ")));
    }

    private void foreignKeysOf(CopiedTable table, Set<Long> copied, Set<String> notCopied) throws SQLException {
        record Found(String name, String definition, ForeignKey key) {}
        List<Found> found = Query.of(source, """
                        SELECT c.conname, pg_get_constraintdef(c.oid), c.confrelid::bigint,
                               ARRAY(SELECT a.attname FROM unnest(c.conkey) WITH ORDINALITY AS k(n, i)
                                     JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.n ORDER BY i)::text[],
                               ARRAY(SELECT a.attname FROM unnest(c.confkey) WITH ORDINALITY AS k(n, i)
                                     JOIN pg_attribute a ON a.attrelid = c.confrelid AND a.attnum = k.n ORDER BY i)::text[],
                               ARRAY(SELECT format_type(a.atttypid, a.atttypmod) FROM unnest(c.confkey) WITH ORDINALITY
                                     AS k(n, i) JOIN pg_attribute a ON a.attrelid = c.confrelid AND a.attnum = k.n
                                     ORDER BY i)::text[]
                        FROM pg_constraint c WHERE c.conrelid = ?::oid AND c.contype = 'f' AND c.conparentid = 0
                        """, table.oid())
                .list(row -> new Found(
                        row.getString(1),
                        row.getString(2),
                        new ForeignKey(table.oid(), row.getLong(3), texts(row, 4), texts(row, 5), texts(row, 6))));
        for (Found each : found) {
            if (copied.contains(each.key.referenced)) {
                foreignKeys.add(each.key);
                references.add("ALTER TABLE " + Names.quote(table.name()) + " ADD CONSTRAINT " + Names.quote(each.name)
                        + " " + each.definition);
            } else {
                notCopied.add("foreign key " + each.name);
            }
        }
    }

    /** What the table has and the copy will not have. */
    private void left(CopiedTable root, List<CopiedTable> tree, Set<String> notCopied) throws SQLException {
        List<String> oids =
                tree.stream().map(each -> String.valueOf(each.oid())).toList();
        notCopied.addAll(Query.of(source, """
                        SELECT 'trigger ' || t.tgname FROM pg_trigger t
                        JOIN pg_proc f ON f.oid = t.tgfoid JOIN pg_namespace n ON n.oid = f.pronamespace
                        WHERE t.tgrelid = ANY (?::oid[]) AND NOT t.tgisinternal AND n.nspname <> 'neap'
                        UNION SELECT 'row security policy ' || p.polname FROM pg_policy p WHERE p.polrelid = ANY (?::oid[])
                        UNION SELECT 'foreign key ' || c.conname || ' of ' || c.conrelid::regclass FROM pg_constraint c
                              WHERE c.confrelid = ANY (?::oid[]) AND c.contype = 'f' AND c.conparentid = 0
                              AND NOT c.conrelid = ANY (?::oid[])
                        UNION SELECT 'rule ' || r.rulename FROM pg_rewrite r WHERE r.ev_class = ANY (?::oid[])
                        ORDER BY 1 LIMIT 20
                        """, oids, oids, oids, oids, oids).texts());
        TableName name = root.name();
        if (Query.of(
                        source,
                        "SELECT EXISTS (SELECT FROM pg_publication_tables WHERE schemaname = ? AND tablename = ?)",
                        name.schema(),
                        name.name())
                .truth()) {
            notCopied.add("publications");
        }
    }

    private static List<String> texts(ResultSet row, int column) throws SQLException {
        Array array = row.getArray(column);
        return array == null ? List.of() : Arrays.asList((String[]) array.getArray());
    }

    List<ForeignKey> foreignKeys() {
        return foreignKeys;
    }

    /** All of them, in an order that works. */
    List<String> statements() {
        List<String> all = new ArrayList<>(keys);
        all.addAll(references);
        return all;
    }
}
