package dev.neap.transform;

import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.UUID;

/** What a column is in Java. Any of them may be null. */
public enum Type {
    BOOLEAN(Boolean.class),
    INT(Integer.class),
    LONG(Long.class),
    DOUBLE(Double.class),
    DECIMAL(BigDecimal.class),
    /** Text; and, as the server writes and reads it, whatever has no type of its own here, such as JSON. */
    TEXT(String.class),
    DATE(LocalDate.class),
    /** A date and a time of day without a time zone. */
    TIMESTAMP(LocalDateTime.class),
    /** A moment: a timestamp with time zone. */
    INSTANT(Instant.class),
    UUID(UUID.class),
    /** Bytes, not copied. */
    BYTES(byte[].class);

    private final Class<?> java;

    Type(Class<?> java) {
        this.java = java;
    }

    /** The class of its values. */
    public Class<?> java() {
        return java;
    }
}
