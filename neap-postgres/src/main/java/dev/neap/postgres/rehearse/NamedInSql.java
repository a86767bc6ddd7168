package dev.neap.postgres.rehearse;

import dev.neap.backfill.Rebuild;
import dev.neap.backfill.TableName;
import dev.neap.postgres.query.Query;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The functions, types and tables that the file's SQL may mean, by their names: every function or type that has the name
 * of a word in it, or in the text of such a function; every table that follows a FROM or a JOIN there.
 */
final class NamedInSql {
    private static final String NAME = "(?:[\\p{L}_][\\p{L}\\p{N}_$]*|\"(?:[^\"]|\"\")+\")";
    private static final Pattern WORD = Pattern.compile(NAME);
    private static final Pattern TABLE = Pattern.compile(
            "\\b(?:FROM|JOIN)\\s+(?:ONLY\\s+)?(" + NAME + "(?:\\." + NAME + ")?)", Pattern.CASE_INSENSITIVE);

    private final Connection connection;
    private final Map<Long, String> functions = new LinkedHashMap<>();
    private final Set<Long> tables = new LinkedHashSet<>();
    private final Set<Long> types = new LinkedHashSet<>();

    NamedInSql(Connection connection) {
        this.connection = connection;
    }

    void in(Rebuild rebuild) throws SQLException {
        StringBuilder sql = new StringBuilder(String.join("\n", rebuild.set().values()));
        if (rebuild.alreadyRight() != null) {
            sql.append('\n').append(rebuild.alreadyRight());
        }
        if (rebuild.source() != null) {
            sql.append('\n').append(rebuild.source().sql());
        }
        in(sql.toString());
    }

    private void in(String sql) throws SQLException {
        Set<String> words = new LinkedHashSet<>();
        Matcher word = WORD.matcher(sql);
        while (word.find()) {
            words.add(bare(word.group()));
        }
        Matcher table = TABLE.matcher(sql);
        while (table.find()) {
            TableName.parse(table.group(1)).ifPresent(this::table);
        }
        types.addAll(Query.of(connection, """
                        SELECT t.oid::bigint FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
                        LEFT JOIN pg_class c ON c.oid = t.typrelid
                        WHERE t.typname = ANY (?::text[]) AND t.typtype IN ('e', 'd', 'r', 'c')
                          AND coalesce(c.relkind, 'c') = 'c'
                          AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_toast'
                        """, words).list(row -> row.getLong(1)));
        List<Map.Entry<Long, String>> found =
                Query.of(connection, """
                        SELECT p.oid::bigint, p.prosrc FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
                        JOIN pg_language l ON l.oid = p.prolang
                        WHERE p.proname = ANY (?::text[]) AND n.nspname NOT IN ('pg_catalog', 'information_schema')
                          AND p.prokind = 'f' AND l.lanname IN ('sql', 'plpgsql')
                          AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass
                                          AND d.objid = p.oid AND d.deptype = 'e')
                        """, words).list(row -> Map.entry(row.getLong(1), row.getString(2)));
        for (Map.Entry<Long, String> function : found) {
            if (functions.putIfAbsent(function.getKey(), function.getValue()) == null) {
                in(function.getValue());
            }
        }
    }

    /** A name without a schema may be in any. */
    private void table(TableName name) {
        names.add(name);
    }

    private final Set<TableName> names = new LinkedHashSet<>();

    private static String bare(String written) {
        return written.startsWith("\"")
                ? written.substring(1, written.length() - 1).replace("\"\"", "\"")
                : written.toLowerCase(Locale.ROOT);
    }

    Set<Long> functions() {
        return functions.keySet();
    }

    /** Enums, domains, ranges and composite types; no tables' row types. */
    Set<Long> types() {
        return types;
    }

    /** Tables and partitioned tables; no views. */
    Set<Long> tables() throws SQLException {
        for (TableName name : names) {
            tables.addAll(Query.of(connection, """
                            SELECT c.oid::bigint FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                            WHERE c.relname = ? AND c.relkind IN ('r', 'p')
                              AND n.nspname NOT IN ('pg_catalog', 'information_schema')
                            """, name.name()).list(row -> row.getLong(1)));
        }
        return tables;
    }
}
