package dev.neap.postgres.shadow;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads the catalog with the settings that make its words the same in every session. In a query `{name}` stands for a
 * literal: OIDs and quoted strings, never text from outside.
 */
final class Catalog implements AutoCloseable {
    /** What the spelling of an expression, a bound or a name depends on. */
    private static final String SETTINGS = """
            (VALUES ('search_path', ''), ('TimeZone', 'UTC'), ('DateStyle', 'ISO, MDY'), ('IntervalStyle', 'postgres'),
                    ('extra_float_digits', '1'), ('bytea_output', 'hex'), ('quote_all_identifiers', 'off'))
            AS s(name, value)""";

    private static final Pattern PLACE = Pattern.compile("\\{([a-z_]+)}");

    private final Connection connection;
    private final Map<String, String> literals;
    private final String restore;

    Catalog(Connection connection, Map<String, String> literals) throws SQLException {
        this.connection = connection;
        this.literals = literals;
        this.restore = one("SELECT 'SELECT ' || string_agg(format('set_config(%L, %L, false)', name,"
                + " current_setting(name)), ', ') FROM " + SETTINGS);
        one("SELECT count(set_config(name, value, false)) FROM " + SETTINGS);
    }

    /** The server's major version. */
    int version() throws SQLException {
        return connection.getMetaData().getDatabaseMajorVersion();
    }

    /** A row of a query. */
    interface Row<T> {
        T read(ResultSet row) throws SQLException;
    }

    <T> List<T> list(String query, Row<T> reader) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(filled(query))) {
            List<T> all = new ArrayList<>();
            while (rows.next()) {
                all.add(reader.read(rows));
            }
            return List.copyOf(all);
        }
    }

    /** The first column of each row that has one. */
    List<String> texts(String query) throws SQLException {
        return list("SELECT * FROM (" + query + ") AS t(statement) WHERE statement IS NOT NULL", r -> r.getString(1));
    }

    String one(String query) throws SQLException {
        List<String> found = list(query, r -> r.getString(1));
        if (found.size() != 1) {
            throw new SQLException("expected one row, found " + found.size(), "02000");
        }
        return found.get(0);
    }

    /** An array of text as a list. */
    static List<String> array(ResultSet row, String column) throws SQLException {
        return List.of((String[]) row.getArray(column).getArray());
    }

    private String filled(String query) {
        return PLACE.matcher(query)
                .replaceAll(place -> Matcher.quoteReplacement(literals.getOrDefault(place.group(1), place.group())));
    }

    @Override
    public void close() throws SQLException {
        one(restore);
    }
}
