package dev.neap.postgres.verify;

import dev.neap.postgres.query.Query;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The canonical form of a column's values: one text for each value, the same for values that count as the same. Of a row it
 * is these texts as the server writes a row: in parentheses, with commas between, in double quotes where need be, nothing
 * for null; so no two different rows have the same. docs/verify.md says what counts as the same, type by type.
 */
public final class Canonical {
    /** The type of a column's values behind domains, and of their elements, behind domains too, where they are arrays. */
    private static final String TYPES = """
            WITH RECURSIVE behind AS (
                SELECT a.attname, a.atttypid AS oid, false AS is_array
                FROM pg_catalog.pg_attribute a
                WHERE a.attrelid = ?::oid AND a.attnum > 0 AND NOT a.attisdropped
                UNION ALL
                SELECT b.attname, CASE t.typtype WHEN 'd' THEN t.typbasetype ELSE t.typelem END,
                       b.is_array OR t.typtype <> 'd'
                FROM behind b JOIN pg_catalog.pg_type t ON t.oid = b.oid
                WHERE t.typtype = 'd' OR t.typcategory = 'A' AND NOT b.is_array
            )
            SELECT b.attname, b.is_array, n.nspname || '.' || t.typname
            FROM behind b JOIN pg_catalog.pg_type t ON t.oid = b.oid
            JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
            WHERE t.typtype <> 'd' AND (t.typcategory <> 'A' OR b.is_array)
            """;

    /** What jsonb cannot hold of a json: a zero character, and half of a pair. */
    private static final String NO_JSONB = "'\\\\u(0000|d[89a-f])'";

    private static final Set<String> PLAIN = Set.of(
            "pg_catalog.int2",
            "pg_catalog.int4",
            "pg_catalog.int8",
            "pg_catalog.text",
            "pg_catalog.varchar",
            "pg_catalog.bool",
            "pg_catalog.uuid",
            "pg_catalog.date",
            "pg_catalog.timestamp",
            "pg_catalog.timestamptz");

    private final boolean array;
    private final String type;
    private final Measure measure;

    /** @param type of the values, or of the elements of an array; with its schema, as the catalog has it */
    Canonical(boolean array, String type) {
        this.array = array;
        this.type = type;
        this.measure = array ? Measure.FORM : Measure.of(type);
    }

    /** The forms of a table's columns, by name. */
    public static Map<String, Canonical> of(Connection connection, long table) throws SQLException {
        Map<String, Canonical> forms = new LinkedHashMap<>();
        Query.of(connection, TYPES, table)
                .list(row -> forms.put(row.getString(1), new Canonical(row.getBoolean(2), row.getString(3))));
        return forms;
    }

    /** SQL for the form of a value: a text, null for null. */
    public String text(String value) {
        if (!array) {
            return scalar(value);
        }
        // The dimensions are part of the value: {{1,2}} is not {1,2}.
        return "CASE WHEN " + value + " IS NOT NULL THEN (SELECT coalesce(array_dims(" + value
                + "), '') || coalesce(array_agg(" + scalar("neap_item.v")
                + " ORDER BY neap_item.place)::text, '') FROM unnest(" + value
                + ") WITH ORDINALITY AS neap_item (v, place)) END";
    }

    /** SQL for what the aggregates of a value are taken of; null for null. */
    public String measured(String value) {
        return measure.of(value, this);
    }

    /**
     * SQL for the aggregates of many values, each a text: how many are not null, and finite, the exact sum of these, the
     * smallest and the largest. They are the same for the same forms, in whatever order these come.
     *
     * @param measured a column of what {@link #measured} yields
     */
    public List<String> aggregates(String measured) {
        return measure.aggregates(measured);
    }

    /** A float's: -0 equals 0, and is told from it by nothing but its text. */
    String unsigned(String value) {
        return "(CASE WHEN " + value + " = 0 THEN 0::" + type + " ELSE " + value + " END)";
    }

    private String scalar(String value) {
        return switch (type) {
            case "pg_catalog.bytea" -> "encode(" + value + ", 'hex')";
            case "pg_catalog.numeric" -> "trim_scale(" + value + ")::text";
            case "pg_catalog.float4", "pg_catalog.float8" -> unsigned(value) + "::text";
            case "pg_catalog.json" ->
                "(CASE WHEN " + value + "::text ~* " + NO_JSONB + " THEN " + value + "::text ELSE " + value
                        + "::jsonb::text END)";
            default -> value + "::text";
        };
    }

    /** In a row the server writes these by themselves. */
    private String inRow(String value) {
        return !array && PLAIN.contains(type) ? value : text(value);
    }

    /** SQL for the form of a row: a text that begins with a parenthesis, and says by itself where it ends. */
    public static String row(List<String> values, List<Canonical> forms) {
        return IntStream.range(0, values.size())
                .mapToObj(i -> forms.get(i).inRow(values.get(i)))
                .collect(Collectors.joining(", ", "ROW(", ")::text"));
    }

    /** SQL for the checksum of a row: SHA-256 over the forms of its values, as UTF-8. */
    public static String checksum(List<String> values, List<Canonical> forms) {
        return sha256(row(values, forms));
    }

    /** SQL for the SHA-256 of a text, as UTF-8. */
    public static String sha256(String text) {
        return "sha256(convert_to(" + text + ", 'UTF8'))";
    }
}
