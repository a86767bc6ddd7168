package dev.neap.postgres.fill;

import dev.neap.postgres.query.Names;
import dev.neap.postgres.query.Query;
import dev.neap.preflight.Finding;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Each key of the walked table must have a place of its own in the target. Two that are rounded, or cut, to one would be one
 * row there, and the other one missing without a word: what is there already stays.
 */
final class KeyTypesCheck implements FillCheck {
    /** What a column holds, whatever domains are above it. */
    private static final String TYPE = """
            WITH RECURSIVE base (type, modifier) AS (
                SELECT a.atttypid, a.atttypmod FROM pg_attribute a WHERE a.attrelid = ?::oid AND a.attname = ?
                UNION ALL SELECT t.typbasetype, t.typtypmod FROM base JOIN pg_type t ON t.oid = base.type
                WHERE t.typtype = 'd')
            SELECT format_type(base.type, base.modifier) FROM base JOIN pg_type t ON t.oid = base.type
            WHERE t.typtype <> 'd'
            """;

    private static final Pattern MODIFIER = Pattern.compile("\\((\\d+)(?:,(-?\\d+))?\\)");
    private static final Set<String> WHOLE = Set.of("smallint", "integer", "bigint");
    private static final Set<String> TEXTS = Set.of("text", "character varying", "character");
    /** Each value of the one type is one of its own in the other. */
    private static final Set<String> WIDER = Set.of(
            "date > timestamp without time zone",
            "date > timestamp with time zone",
            "smallint > real",
            "smallint > double precision",
            "integer > double precision",
            "real > double precision",
            "cidr > inet",
            "name > text");

    private static final int UNLIMITED = 100_000;

    @Override
    public List<Finding> look(FillSubject subject) throws SQLException {
        FillTables tables = subject.tables();
        List<Finding> findings = new ArrayList<>();
        for (int i = 0; i < tables.carried().size(); i++) {
            String column = tables.key().get(i).name();
            String carried = tables.carried().get(i);
            String walked = type(subject, tables.from().oid(), column);
            String target = type(subject, tables.into().oid(), carried);
            String objection = objection(walked, target);
            if (!objection.isEmpty()) {
                String what = "%s of %s is %s, and %s of %s is %s: %s"
                        .formatted(
                                column,
                                tables.from().name(),
                                walked,
                                carried,
                                tables.into().name(),
                                target,
                                objection);
                String why = "rows are looked for by their key; where two of them are one in the other table, one row"
                        + " would be missing";
                String alter = "ALTER TABLE %s ALTER COLUMN %s TYPE %s"
                        .formatted(tables.into().name().sql(), Names.quote(carried), walked);
                String changed = changed(walked, target, tables.key().get(i).quoted());
                findings.add(
                        changed.isEmpty()
                                ? Finding.error("key-types", what, why, alter + ", or fill by another key")
                                : Finding.warning(
                                        "key-types",
                                        what,
                                        why,
                                        "see that no key is such a one: SELECT count(*) FROM "
                                                + tables.from().name().sql() + " WHERE " + changed
                                                + "; if one is: " + alter));
            }
        }
        return findings;
    }

    private static String type(FillSubject subject, long table, String column) throws SQLException {
        return Query.of(subject.connection(), TYPE, table, column).texts().get(0);
    }

    /**
     * Which rows have a key that is another one there, in SQL; empty where the types alone tell. A number without a scale
     * most often is a whole one, and few texts end with a blank.
     */
    static String changed(String from, String into, String column) {
        if (from.equals("numeric") && number(bare(into))) {
            return column + " <> round(" + column + ", " + places(into, bare(into)) + ")";
        }
        return TEXTS.contains(bare(from)) && bare(into).equals("character") ? column + " <> rtrim(" + column + ")" : "";
    }

    /** Why keys of the one type are not told apart in the other; empty where they are. Too large a value is an error there. */
    static String objection(String from, String into) {
        String one = bare(from);
        String other = bare(into);
        if (into.equals(from) || (into.equals(other) && (one.equals(other) || WIDER.contains(one + " > " + other)))) {
            return "";
        }
        if (number(one) && number(other)) {
            return places(into, other) < places(from, one) ? "numbers would be rounded" : "";
        }
        if (TEXTS.contains(one) && TEXTS.contains(other)) {
            return other.equals("character") && !one.equals("character") ? "a character has no blanks at its end" : "";
        }
        // In Neap's sessions the time zone is UTC, which has no hour twice.
        if ((one.startsWith("time") && one.equals(other))
                || (one.startsWith("timestamp") && other.startsWith("timestamp"))) {
            return precision(into) < precision(from) ? "times would be cut" : "";
        }
        return "the server compares no keys of the two types, or two of the one may be one of the other";
    }

    private static boolean number(String type) {
        return WHOLE.contains(type) || type.equals("numeric");
    }

    private static String bare(String type) {
        return MODIFIER.matcher(type).replaceFirst("");
    }

    private static int places(String type, String bare) {
        Matcher modifier = MODIFIER.matcher(type);
        if (!modifier.find()) {
            return bare.equals("numeric") ? UNLIMITED : 0;
        }
        return modifier.group(2) == null ? 0 : Integer.parseInt(modifier.group(2));
    }

    private static int precision(String type) {
        Matcher modifier = MODIFIER.matcher(type);
        return modifier.find() ? Integer.parseInt(modifier.group(1)) : 6;
    }
}
