package dev.neap.postgres.query;

import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One statement of Neap's own, its parameters bound. A collection is bound as a text array. */
public final class Query {
    private final Connection connection;
    private final String sql;
    private final @Nullable Object[] args;

    private Query(Connection connection, String sql, @Nullable Object[] args) {
        this.connection = connection;
        this.sql = sql;
        this.args = args;
    }

    /** A statement with its parameters in order. */
    public static Query of(Connection connection, String sql, @Nullable Object... args) {
        return new Query(connection, sql, args);
    }

    /** Makes a value of the row that the result set stands at. */
    @FunctionalInterface
    public interface Mapper<T> {
        T map(ResultSet row) throws SQLException;
    }

    /** All rows. */
    public <T> List<T> list(Mapper<T> mapper) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < args.length; i++) {
                bind(statement, i + 1, args[i]);
            }
            try (ResultSet rows = statement.executeQuery()) {
                List<T> all = new ArrayList<>();
                while (rows.next()) {
                    all.add(mapper.map(rows));
                }
                return all;
            }
        }
    }

    /** The first row, if there is one. */
    public <T> Optional<T> first(Mapper<T> mapper) throws SQLException {
        return list(mapper).stream().findFirst();
    }

    /** The first column of every row, as text. */
    public List<String> texts() throws SQLException {
        return list(row -> row.getString(1));
    }

    /** The only value, as text; there must be a row. */
    public String text() throws SQLException {
        return list(row -> row.getString(1)).get(0);
    }

    /** The only value, as a number; there must be a row. */
    public long number() throws SQLException {
        return list(row -> row.getLong(1)).get(0);
    }

    /** The only value, as a truth; there must be a row. */
    public boolean truth() throws SQLException {
        return list(row -> row.getBoolean(1)).get(0);
    }

    private void bind(PreparedStatement statement, int index, @Nullable Object value) throws SQLException {
        if (value instanceof Collection<?> values) {
            Array array = connection.createArrayOf("text", values.toArray());
            statement.setArray(index, array);
        } else {
            statement.setObject(index, value);
        }
    }
}
