package dev.neap.mysql.fill;

import dev.neap.mysql.query.Names;
import java.util.Set;

/**
 * A column as the catalog has it.
 *
 * @param type as it is declared, such as `varchar(20)`
 * @param kind the type's bare name, in lower case
 * @param charset empty where it has none
 * @param collation likewise
 * @param extra `auto_increment`, `virtual generated` and the like, in lower case
 */
record LiveColumn(
        String name,
        String type,
        String kind,
        String charset,
        String collation,
        boolean nullable,
        boolean hasDefault,
        String extra) {
    private static final Set<String> NUMBERS =
            Set.of("tinyint", "smallint", "mediumint", "int", "bigint", "decimal", "year");
    private static final Set<String> WHOLE = Set.of("tinyint", "smallint", "mediumint", "int", "bigint");
    private static final Set<String> BINARY =
            Set.of("binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob");
    private static final Set<String> TEXTS = Set.of("char", "varchar", "tinytext", "text", "mediumtext", "longtext");
    /** Kinds whose every value has one text, that reads back as the same value in the same order. */
    private static final Set<String> WALKED = Set.of("date", "time", "datetime", "timestamp", "uuid", "inet4", "inet6");

    String quoted() {
        return Names.quote(name);
    }

    boolean generated() {
        return extra.contains("generated");
    }

    boolean whole() {
        return WHOLE.contains(kind);
    }

    boolean number() {
        return NUMBERS.contains(kind);
    }

    boolean textual() {
        return TEXTS.contains(kind);
    }

    boolean bytes() {
        return BINARY.contains(kind);
    }

    boolean uuid() {
        return kind.equals("uuid");
    }

    /** Whether an UPDATE that does not name it changes it all the same. */
    boolean stamped() {
        return extra.contains("on update");
    }

    boolean counted() {
        return extra.contains("auto_increment");
    }

    /** Whether a table can be walked by it. A float has no exact text, an enum another order than its text. */
    boolean walkable() {
        return NUMBERS.contains(kind) || BINARY.contains(kind) || TEXTS.contains(kind) || WALKED.contains(kind);
    }

    /** Its value as text, in hex where it is bytes. */
    String text(String sql) {
        return BINARY.contains(kind) ? "hex(" + sql + ")" : "CAST(" + sql + " AS CHAR)";
    }

    /** A value that {@link #text} has shown, or that a file has. */
    String literal(String text) {
        if (NUMBERS.contains(kind) && text.matches("-?\\d+(\\.\\d+)?")) {
            return text;
        }
        if (BINARY.contains(kind) && text.matches("([0-9a-fA-F]{2})*")) {
            return "x'" + text + "'";
        }
        return Names.literal(text);
    }

    /** The same type in a table of Neap's own, where it may be null. */
    String copy(String as) {
        return Names.quote(as) + " " + type.replaceAll("(?i) zerofill", "")
                + (charset.isEmpty() ? "" : " CHARACTER SET " + charset + " COLLATE " + collation) + " NULL"
                + (kind.equals("timestamp") ? " DEFAULT NULL" : "");
    }

    /** Whether two values of the column are the very same, to the byte and null with null; never null itself. */
    String same(String one, String other) {
        return TEXTS.contains(kind) || kind.equals("enum") || kind.equals("set")
                ? "(BINARY " + one + " <=> BINARY " + other + ")"
                : "(" + one + " <=> " + other + ")";
    }

    /** An expression as the column would hold it, to compare with. */
    String assigned(String sql) {
        if (whole()) {
            return "CAST(" + sql + " AS " + (type.contains("unsigned") ? "UNSIGNED" : "SIGNED") + ")";
        }
        return switch (kind) {
            case "decimal" ->
                "CAST(" + sql + " AS "
                        + type.replaceAll("(?i) (unsigned|zerofill)", "").toUpperCase(java.util.Locale.ROOT) + ")";
            case "datetime", "timestamp" -> "CAST(" + sql + " AS DATETIME" + type.replaceAll("[^()0-9]", "") + ")";
            case "date" -> "CAST(" + sql + " AS DATE)";
            case "time" -> "CAST(" + sql + " AS TIME" + type.replaceAll("[^()0-9]", "") + ")";
            case "char", "varchar", "tinytext", "text", "mediumtext", "longtext" ->
                "CONVERT(" + sql + " USING " + charset + ")";
            default -> sql;
        };
    }
}
