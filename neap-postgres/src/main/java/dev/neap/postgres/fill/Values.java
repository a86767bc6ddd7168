package dev.neap.postgres.fill;

import dev.neap.transform.Schema;
import dev.neap.transform.Type;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Values of PostgreSQL in Java, and back as text. The two infinities of dates are the farthest dates of Java. */
final class Values {
    private static final Instant LATEST = OffsetDateTime.MAX.toInstant();
    private static final Instant EARLIEST = OffsetDateTime.MIN.toInstant();

    private Values() {}

    /**
     * Values of the row that the result stands at.
     *
     * @param skipped columns before them
     */
    static @Nullable Object[] read(ResultSet rs, int skipped, List<Schema.Column> columns) throws SQLException {
        @Nullable Object[] values = new Object[columns.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = value(rs, skipped + i + 1, columns.get(i).type());
        }
        return values;
    }

    /** About how many bytes they take. */
    static long size(@Nullable Object[] values) {
        long size = 0;
        for (Object value : values) {
            size += value instanceof String text ? text.length() : value instanceof byte[] bytes ? bytes.length : 16;
        }
        return size;
    }

    private static @Nullable Object value(ResultSet rs, int at, Type type) throws SQLException {
        Object value = switch (type) {
            case BOOLEAN -> rs.getBoolean(at);
            case INT -> rs.getInt(at);
            case LONG -> rs.getLong(at);
            case DOUBLE -> rs.getDouble(at);
            case DECIMAL -> rs.getBigDecimal(at);
            case TEXT -> rs.getString(at);
            case DATE -> rs.getObject(at, LocalDate.class);
            case TIMESTAMP -> rs.getObject(at, LocalDateTime.class);
            case INSTANT -> instant(rs.getObject(at, OffsetDateTime.class));
            case UUID -> rs.getObject(at, UUID.class);
            case BYTES -> rs.getBytes(at);
        };
        return rs.wasNull() ? null : value;
    }

    private static @Nullable Instant instant(@Nullable OffsetDateTime moment) {
        return moment == null ? null : moment.toInstant();
    }

    /** As the server reads it. */
    static @Nullable String text(@Nullable Object value) {
        if (value instanceof byte[] bytes) {
            return "\\x" + HexFormat.of().formatHex(bytes);
        }
        if (value instanceof LocalDate date) {
            return date.equals(LocalDate.MAX) || date.equals(LocalDate.MIN)
                    ? infinity(date.equals(LocalDate.MAX))
                    : dated(date, "");
        }
        if (value instanceof LocalDateTime at) {
            return at.equals(LocalDateTime.MAX) || at.equals(LocalDateTime.MIN)
                    ? infinity(at.equals(LocalDateTime.MAX))
                    : dated(at.toLocalDate(), " " + at.toLocalTime());
        }
        if (value instanceof Instant moment) {
            if (moment.equals(LATEST) || moment.equals(EARLIEST)) {
                return infinity(moment.equals(LATEST));
            }
            LocalDateTime at = LocalDateTime.ofInstant(moment, ZoneOffset.UTC);
            LocalTime time = at.toLocalTime();
            return dated(at.toLocalDate(), " " + time + "+00");
        }
        return value == null ? null : value.toString();
    }

    private static String infinity(boolean late) {
        return late ? "infinity" : "-infinity";
    }

    private static String dated(LocalDate date, String time) {
        int year = date.getYear();
        // There is a year 0 in Java, and none in PostgreSQL.
        return String.format(
                        Locale.ROOT,
                        "%04d-%02d-%02d",
                        year > 0 ? year : 1 - year,
                        date.getMonthValue(),
                        date.getDayOfMonth())
                + time
                + (year > 0 ? "" : " BC");
    }
}
