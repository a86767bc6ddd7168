package dev.neap.postgres.rehearse;

import dev.neap.postgres.query.Names;
import org.jspecify.annotations.Nullable;

/** Values that stand in for omitted ones where a column refuses null. They say nothing of the source but the row's count. */
final class MadeUp {
    private static final String COUNT = "row_number() OVER ()";

    private MadeUp() {}

    /**
     * An expression over a row of a SELECT.
     *
     * @param base the name of the type, below any domain
     * @param category the catalog's `typcategory` of it
     * @param label the first label of an enum
     * @param modifier the column's, -1 for none
     * @param type what it is cast to
     * @return null where no value is known that the type takes
     */
    static @Nullable String value(String base, String category, @Nullable String label, int modifier, String type) {
        String raw = switch (category) {
            case "S" -> COUNT + " || ' omitted'";
            case "N" -> number(base, modifier);
            case "D" -> base.startsWith("time") && !base.startsWith("timestamp") ? "'00:00'" : "'2000-01-01'";
            case "B" -> "false";
            case "E" -> label == null ? null : Names.literal(label);
            case "A" -> "'{}'";
            case "R" -> "'empty'";
            case "T" -> "'0'";
            case "I" -> "'0.0.0.0'";
            default -> other(base);
        };
        return raw == null ? null : "CAST(" + raw + " AS " + type + ")";
    }

    private static @Nullable String number(String base, int modifier) {
        return switch (base) {
            case "int4", "int8", "float8" -> COUNT;
            case "int2" -> COUNT + " % 32768";
            case "numeric" -> modifier < 0 ? COUNT : "0";
            case "float4", "money", "oid" -> "0";
            default -> null;
        };
    }

    private static @Nullable String other(String base) {
        return switch (base) {
            case "uuid" -> "md5((" + COUNT + ")::text)::uuid";
            case "json", "jsonb" -> "'{}'";
            case "bytea", "tsvector" -> "''";
            case "xml" -> "'<omitted/>'";
            default -> null;
        };
    }
}
