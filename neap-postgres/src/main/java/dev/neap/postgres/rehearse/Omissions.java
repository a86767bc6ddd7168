package dev.neap.postgres.rehearse;

import dev.neap.backfill.TableName;
import dev.neap.dialect.NeapException;
import dev.neap.postgres.query.Names;
import dev.neap.postgres.query.Query;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Which columns' values are never read, and what stands in their place. */
final class Omissions {
    static final Omissions NONE = new Omissions(Map.of());

    /** A column that is part of how rows are found or placed. */
    private static final String HELD = """
            SELECT a.attname FROM pg_attribute a WHERE a.attrelid = ?::oid AND (
                EXISTS (SELECT FROM pg_constraint c WHERE c.conrelid = a.attrelid AND c.contype IN ('p', 'f')
                        AND a.attnum = ANY (c.conkey) AND (c.contype = 'p' OR a.attnotnull))
                OR EXISTS (SELECT FROM pg_constraint c WHERE c.confrelid = a.attrelid AND c.contype = 'f'
                        AND a.attnum = ANY (c.confkey))
                OR EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = a.attrelid
                        AND d.refclassid = 'pg_class'::regclass AND d.refobjid = a.attrelid AND d.objsubid = a.attnum
                        AND d.refobjsubid = 0 AND d.deptype = 'i'))""";

    private final Map<TableName, Set<String>> columns;
    private final List<String> words = new ArrayList<>();

    private Omissions(Map<TableName, Set<String>> columns) {
        this.columns = columns;
    }

    /**
     * Finds what the names mean.
     *
     * @throws NeapException USAGE when there is no such column, or rows could not be copied without it
     */
    static Omissions of(Connection source, Set<String> wanted, List<CopiedTable> tree, Collection<CopiedTable> others)
            throws SQLException {
        Omissions omissions = new Omissions(new HashMap<>());
        for (String name : wanted) {
            omissions.add(source, name, tree, others);
        }
        return omissions;
    }

    private void add(Connection source, String name, List<CopiedTable> tree, Collection<CopiedTable> others)
            throws SQLException {
        boolean found = false;
        CopiedTable root = tree.get(0);
        if (root.columns().stream().anyMatch(each -> each.name().equals(name))) {
            for (CopiedTable table : tree) {
                add(source, table, name);
            }
            words.add(word(root, name));
            found = true;
        }
        for (CopiedTable table : others) {
            if (name.startsWith(table.name().name() + ".") || name.startsWith(table.name() + ".")) {
                String column = name.substring(name.lastIndexOf('.') + 1);
                if (table.columns().stream().anyMatch(each -> each.name().equals(column))) {
                    add(source, table, column);
                    words.add(word(table, column));
                    found = true;
                }
            }
        }
        if (!found && (name.startsWith(root.name().name() + ".") || name.startsWith(root.name() + "."))) {
            add(source, name.substring(name.lastIndexOf('.') + 1), tree, List.of());
            return;
        }
        if (!found) {
            throw new NeapException(
                    NeapException.Kind.USAGE,
                    "--omit " + name + ": there is no such column in what is copied; write a column of " + root.name()
                            + ", or table.column");
        }
    }

    private void add(Connection source, CopiedTable table, String column) throws SQLException {
        CopiedTable.Column found = column(table, column);
        if (!found.generated().isEmpty()) {
            throw refused(table, column, "it is generated and not copied anyway; omit what it is made from");
        }
        if (Query.of(source, HELD, table.oid()).texts().contains(column)) {
            throw refused(table, column, "rows are found or placed by it: it is part of a key");
        }
        if (found.notNull() && found.madeUp() == null) {
            throw refused(
                    table, column, "it refuses null, and for the type " + found.type() + " no value can be made up");
        }
        columns.computeIfAbsent(table.name(), any -> new HashSet<>()).add(column);
    }

    private static NeapException refused(CopiedTable table, String column, String why) {
        return new NeapException(
                NeapException.Kind.USAGE, "--omit " + table.name() + "." + column + " cannot be: " + why);
    }

    private static CopiedTable.Column column(CopiedTable table, String name) {
        return table.columns().stream()
                .filter(each -> each.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static String word(CopiedTable table, String name) {
        return table.name() + "." + name + (column(table, name).notNull() ? ": made-up values" : ": NULL");
    }

    /** For people. */
    List<String> words() {
        return words;
    }

    boolean omits(CopiedTable table, String column) {
        return columns.getOrDefault(table.name(), Set.of()).contains(column);
    }

    /** What is read of a column. */
    String read(CopiedTable table, CopiedTable.Column column) {
        if (!omits(table, column.name())) {
            return Names.quote(column.name());
        }
        return column.notNull() && column.madeUp() != null ? column.madeUp() : "NULL::" + column.type();
    }
}
