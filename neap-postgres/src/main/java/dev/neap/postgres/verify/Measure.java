package dev.neap.postgres.verify;

import java.util.Arrays;
import java.util.List;

/** What the aggregates of a type's values are taken of. */
enum Measure {
    /** An integer. */
    WHOLE,
    /** Whether it is true, as 1 or 0. */
    TRUTH,
    /** A number to the base of ten. */
    DECIMAL,
    /** A number to the base of two. */
    FLOAT,
    /** How many seconds, which says all of it. */
    SECONDS,
    /** The canonical form, and for the sum its length in bytes. */
    FORM;

    /** @param type with its schema, as the catalog has it */
    static Measure of(String type) {
        return switch (type) {
            case "pg_catalog.int2", "pg_catalog.int4", "pg_catalog.int8" -> WHOLE;
            case "pg_catalog.bool" -> TRUTH;
            case "pg_catalog.numeric" -> DECIMAL;
            case "pg_catalog.float4", "pg_catalog.float8" -> FLOAT;
            case "pg_catalog.date", "pg_catalog.time", "pg_catalog.timestamp", "pg_catalog.timestamptz" -> SECONDS;
            default -> FORM;
        };
    }

    String of(String value, Canonical form) {
        return switch (this) {
            case WHOLE, DECIMAL -> value;
            case TRUTH -> value + "::int";
            case FLOAT -> form.unsigned(value);
            case SECONDS -> "extract(epoch FROM " + value + ")";
            case FORM -> form.text(value) + " COLLATE \"C\"";
        };
    }

    List<String> aggregates(String measured) {
        String least = "min(" + measured + ")";
        String most = "max(" + measured + ")";
        String filled = "count(" + measured + ")";
        // NaN and infinity would make the sum the same whatever else is in it.
        String finite = " FILTER (WHERE " + measured + " > '-Infinity' AND " + measured + " < 'Infinity')";
        return switch (this) {
            case WHOLE, TRUTH -> texts(filled, "sum(" + measured + ")", least, most);
            case DECIMAL, SECONDS ->
                texts(
                        filled,
                        filled + finite,
                        trimmed("sum(" + measured + ")" + finite),
                        trimmed(least),
                        trimmed(most));
            // A sum of floats depends on their order; one of what is written for them does not.
            case FLOAT ->
                texts(filled, filled + finite, trimmed("sum(" + measured + "::text::numeric)" + finite), least, most);
            case FORM -> texts(filled, "sum(octet_length(" + measured + "))", least, most);
        };
    }

    /** The scale of a number does not count. */
    private static String trimmed(String number) {
        return "trim_scale(" + number + ")";
    }

    private static List<String> texts(String... aggregates) {
        return Arrays.stream(aggregates).map(one -> one + "::text").toList();
    }
}
