package dev.neap.backfill;

import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A table's schema and name, as the catalog spells them (no quotes).
 *
 * @param schema the schema, never empty
 * @param name the table, never empty
 */
public record TableName(String schema, String name) {
    private static final String IDENTIFIER = "([\\p{L}_][\\p{L}\\p{N}_$]*|\"(?:[^\"]|\"\")+\")";
    private static final Pattern QUALIFIED = Pattern.compile(IDENTIFIER + "(?:\\." + IDENTIFIER + ")?");
    /** What a name without a schema gets. It is PostgreSQL's own; another dialect knows what stands there in its place. */
    public static final String DEFAULT_SCHEMA = "public";

    private static final Pattern PLAIN = Pattern.compile("[a-z_][a-z0-9_]*");

    public TableName {
        Objects.requireNonNull(schema);
        Objects.requireNonNull(name);
        if (schema.isEmpty() || name.isEmpty()) {
            throw new IllegalArgumentException("a table name needs a schema and a name");
        }
    }

    /**
     * A name as it is written in SQL: `events`, `public.events`, `"My Schema"."Events"`. What is not in double quotes is
     * folded to lower case; without a schema it is `public`.
     *
     * @return empty when the text is no such name
     */
    public static Optional<TableName> parse(String text) {
        Matcher matcher = QUALIFIED.matcher(text.strip());
        if (!matcher.matches()) {
            return Optional.empty();
        }
        String first = bare(matcher.group(1));
        String second = matcher.group(2);
        return Optional.of(second == null ? new TableName(DEFAULT_SCHEMA, first) : new TableName(first, bare(second)));
    }

    private static String bare(String written) {
        return written.startsWith("\"")
                ? written.substring(1, written.length() - 1).replace("\"\"", "\"")
                : written.toLowerCase(Locale.ROOT);
    }

    /** As it is written in SQL, quoted where it must be. {@link #parse} reads it back as the same. */
    public String sql() {
        return quoted(schema) + "." + quoted(name);
    }

    private static String quoted(String identifier) {
        return PLAIN.matcher(identifier).matches() ? identifier : "\"" + identifier.replace("\"", "\"\"") + "\"";
    }

    /** Whether a person who names a table so, as the catalog spells it and with its schema or without, may mean this one. */
    public boolean isCalled(String named) {
        return named.equals(name) || named.equals(toString());
    }

    @Override
    public String toString() {
        return schema + "." + name;
    }
}
