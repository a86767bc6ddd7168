package dev.neap.mysql.fill;

import dev.neap.mysql.query.Names;
import dev.neap.preflight.Finding;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Each key of the walked table must have a place of its own in the target, and be found there by an index. Two that become
 * one there, by a collation that tells less apart or by rounding, would be one row, and the other one missing.
 */
final class KeyTypes {
    private static final Pattern PLACES = Pattern.compile("\\(\\d+,(\\d+)\\)");
    private static final Pattern FRACTION = Pattern.compile("\\((\\d+)\\)");
    /** In Neap's sessions the time zone is UTC: each moment is one of its own in each of these, and found by an index. */
    private static final Set<String> MOMENTS = Set.of("date", "datetime", "timestamp");

    private KeyTypes() {}

    static List<Finding> look(FillTables tables) {
        List<Finding> findings = new ArrayList<>();
        for (int i = 0; i < tables.carried().size(); i++) {
            LiveColumn from = tables.key().get(i);
            LiveColumn into = tables.into().column(tables.carried().get(i)).orElseThrow();
            String objection = objection(from, into);
            if (!objection.isEmpty()) {
                findings.add(Finding.error(
                        from.textual() && into.textual() ? "collations" : "key-types",
                        "%s of %s is %s, and %s of %s is %s: %s"
                                .formatted(
                                        from.name(),
                                        tables.from().name(),
                                        words(from),
                                        into.name(),
                                        tables.into().name(),
                                        words(into),
                                        objection),
                        "rows are looked for by their key; where two of them are one in the other table, one row would be"
                                + " missing",
                        "ALTER TABLE " + Names.quote(tables.into().name()) + " MODIFY " + into.quoted() + " "
                                + words(from) + " NOT NULL, or fill by another key"));
            }
        }
        return findings;
    }

    private static String words(LiveColumn column) {
        return column.type()
                + (column.textual() ? " CHARACTER SET " + column.charset() + " COLLATE " + column.collation() : "");
    }

    /** Why keys of the one are not told apart, or not found, in the other; empty where they are. */
    static String objection(LiveColumn from, LiveColumn into) {
        // A text that is none of an enum is an error.
        if (from.textual() && (into.textual() || into.kind().equals("enum"))) {
            if (!from.collation().equals(into.collation())) {
                return "texts that differ in the one may be the same in the other";
            }
            return into.kind().equals("char")
                            && !from.kind().equals("char")
                            && from.collation().contains("nopad")
                    ? "a char keeps no blanks at its end"
                    : "";
        }
        if (from.number() && into.number()) {
            return digits(PLACES, into) < digits(PLACES, from) ? "numbers would be rounded" : "";
        }
        if (from.bytes() && into.bytes()) {
            boolean padded = from.kind().equals("binary") || into.kind().equals("binary");
            return padded && !from.type().equals(into.type()) ? "a binary is filled up with zeros" : "";
        }
        boolean moments = MOMENTS.contains(from.kind()) && MOMENTS.contains(into.kind());
        if (moments && into.kind().equals("date")) {
            return from.kind().equals("date") ? "" : "times would be cut";
        }
        if (!moments && !from.kind().equals(into.kind())) {
            return "values of two types are not found by an index";
        }
        return digits(FRACTION, into) < digits(FRACTION, from) ? "times would be cut" : "";
    }

    private static int digits(Pattern pattern, LiveColumn column) {
        Matcher matcher = pattern.matcher(column.type());
        return matcher.find() ? Integer.parseInt(matcher.group(1)) : 0;
    }
}
