package dev.neap.transform;

import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A row of the walked table: the columns that the schema reads. Each method wants a column of just that type there, and
 * yields null where the database has null. Immutable.
 */
public final class Row {
    private final List<Schema.Column> columns;
    private final @Nullable Object[] values;

    /**
     * A row, as Neap reads it, or a test makes it.
     *
     * @param columns its columns
     * @param values one for each of them, of its type, or null; not copied
     */
    public Row(List<Schema.Column> columns, @Nullable Object... values) {
        if (values.length != columns.size()) {
            throw new IllegalArgumentException(values.length + " values for " + columns.size() + " columns");
        }
        this.columns = columns;
        this.values = values;
    }

    public @Nullable Boolean bool(String column) {
        return (Boolean) value(column, Type.BOOLEAN);
    }

    public @Nullable Integer integer(String column) {
        return (Integer) value(column, Type.INT);
    }

    public @Nullable Long number(String column) {
        return (Long) value(column, Type.LONG);
    }

    public @Nullable Double real(String column) {
        return (Double) value(column, Type.DOUBLE);
    }

    public @Nullable BigDecimal decimal(String column) {
        return (BigDecimal) value(column, Type.DECIMAL);
    }

    public @Nullable String text(String column) {
        return (String) value(column, Type.TEXT);
    }

    public @Nullable LocalDate date(String column) {
        return (LocalDate) value(column, Type.DATE);
    }

    public @Nullable LocalDateTime timestamp(String column) {
        return (LocalDateTime) value(column, Type.TIMESTAMP);
    }

    public @Nullable Instant instant(String column) {
        return (Instant) value(column, Type.INSTANT);
    }

    public @Nullable UUID uuid(String column) {
        return (UUID) value(column, Type.UUID);
    }

    public byte @Nullable [] bytes(String column) {
        return (byte[]) value(column, Type.BYTES);
    }

    private @Nullable Object value(String column, Type type) {
        for (int i = 0; i < values.length; i++) {
            if (columns.get(i).name().equals(column)) {
                if (columns.get(i).type() != type) {
                    throw new IllegalArgumentException("the schema reads " + column + " as "
                            + columns.get(i).type() + ", not as " + type);
                }
                return values[i];
            }
        }
        throw new IllegalArgumentException("the schema does not read the column " + column);
    }
}
