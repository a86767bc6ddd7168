package dev.neap.postgres.fill;

import dev.neap.backfill.Conflict;
import dev.neap.backfill.Fill;
import dev.neap.postgres.planning.Clocks;
import dev.neap.postgres.planning.MaskedSql;
import dev.neap.postgres.planning.PlainSql;
import dev.neap.postgres.query.Names;
import dev.neap.postgres.query.Query;
import dev.neap.preflight.Finding;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Expressions that make something else of the same row each time. */
final class SteadyCheck implements FillCheck {
    private static final Pattern CALL = Pattern.compile("(\\w+)\\s*\\(");
    private static final String ALIAS = "neap_one";

    @Override
    public List<Finding> look(FillSubject subject) throws SQLException {
        List<Finding> findings = new ArrayList<>();
        for (Map.Entry<String, String> set : subject.fill().set().entrySet()) {
            String reads = volatileIn(subject, set.getValue())
                    ? "is volatile, it may yield another value each time"
                    : Clocks.in(MaskedSql.of(set.getValue())) ? "reads the clock" : "";
            if (!reads.isEmpty()) {
                findings.add(finding(
                        subject.fill(),
                        "fill.set." + set.getKey() + ": \"" + set.getValue().strip() + "\" " + reads));
            }
        }
        return findings;
    }

    /** Where a value is compared with what the expression makes now, such a row is never right. */
    private static Finding finding(Fill fill, String what) {
        boolean compared =
                fill.inPlace() && fill.conflict().rule() != Conflict.Rule.KEEP && fill.alreadyRight() == null;
        String fix = "use an expression that depends on the row alone; write a time as a literal";
        return compared
                ? Finding.error(
                        "volatile-expression",
                        what,
                        "each look would find every row wrong again, and the fill would not end",
                        fix + "; or write conflict: keep, or already_right")
                : Finding.warning(
                        "volatile-expression",
                        what,
                        "a batch that is tried again, and a row that changes meanwhile, get another value",
                        fix);
    }

    /** The server itself knows what is volatile: it does not merge such a subquery into the one around it. */
    private static boolean volatileIn(FillSubject subject, String expression) throws SQLException {
        String plan = String.join(
                "",
                PlainSql.list(
                        subject.connection(),
                        "EXPLAIN (FORMAT JSON, COSTS OFF) SELECT FROM (SELECT (" + expression
                                + "\n)::text AS neap_value FROM "
                                + Names.quote(subject.tables().from().name()) + ") AS " + ALIAS
                                + " WHERE neap_value = 'neap'",
                        row -> row.getString(1)));
        // Nor one that makes many rows of one: then the names that it calls must do.
        return plan.contains("\"ProjectSet\"")
                ? callsVolatile(subject, expression)
                : plan.contains("\"Alias\": \"" + ALIAS + "\"");
    }

    private static boolean callsVolatile(FillSubject subject, String expression) throws SQLException {
        Set<String> called = new LinkedHashSet<>();
        Matcher call = CALL.matcher(MaskedSql.of(expression));
        while (call.find()) {
            called.add(call.group(1).toLowerCase(java.util.Locale.ROOT));
        }
        return Query.of(subject.connection(), """
                        SELECT EXISTS (SELECT FROM pg_catalog.pg_proc WHERE proname = ANY (?::text[]) AND prokind = 'f'
                                       GROUP BY proname HAVING bool_and(provolatile = 'v'))
                        """, called).truth();
    }
}
