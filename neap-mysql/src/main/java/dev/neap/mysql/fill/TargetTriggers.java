package dev.neap.mysql.fill;

import dev.neap.mysql.query.Names;
import dev.neap.mysql.query.Query;
import dev.neap.preflight.Finding;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Triggers of the application's that would fire for the rows that a fill writes, and those that would change what it writes. */
final class TargetTriggers {
    private final FillTables tables;
    private final Connection connection;

    TargetTriggers(Connection connection, FillTables tables) {
        this.connection = connection;
        this.tables = tables;
    }

    private record Trigger(String name, String timing, String event, String body) {
        String words() {
            return name + " (" + timing + " " + event + ")";
        }
    }

    List<Finding> look() throws SQLException {
        String name = tables.into().name().toString();
        List<Finding> findings = new ArrayList<>();
        if (!visible()) {
            findings.add(Finding.warning(
                    "triggers",
                    "the user may lack TRIGGER on " + name + ", and then does not see which triggers it has",
                    "a trigger that changes what the fill writes makes rows of the fill's pass for the application's",
                    "GRANT TRIGGER ON " + Names.quote(tables.into().name()) + " TO the user"));
        }
        List<Trigger> triggers = triggers();
        for (Trigger trigger : triggers) {
            List<String> changed = tables.fill().inPlace() ? List.of() : changes(trigger);
            if (!changed.isEmpty()) {
                findings.add(Finding.error(
                        "triggers",
                        "the trigger " + trigger.words() + " of " + name + " changes what the fill writes to "
                                + String.join(", ", changed),
                        "on MariaDB a row is known as the fill's own by what the fill makes of its source; one that a"
                                + " trigger has changed would stay when its source is changed or deleted",
                        "let fill.set compute what the trigger makes of a row, and drop the trigger for the time of the"
                                + " fill"));
            }
        }
        if (!triggers.isEmpty()) {
            findings.add(Finding.warning(
                    "triggers",
                    "triggers would fire for the rows that the fill writes: "
                            + triggers.stream().map(Trigger::words).collect(Collectors.joining(", ")),
                    "they do for each old row what they do for a new one, such as a mail or a line of an audit, and take"
                            + " their time",
                    "let them do nothing where user() is Neap's, if that is not meant"));
        }
        return findings;
    }

    private List<Trigger> triggers() throws SQLException {
        return Query.list(
                connection,
                "SELECT trigger_name, action_timing, event_manipulation, action_statement FROM information_schema.triggers"
                        + " WHERE event_object_schema = "
                        + Names.literal(tables.into().name().schema())
                        + " AND event_object_table = "
                        + Names.literal(tables.into().name().name())
                        + (tables.fill().inPlace() ? " AND event_manipulation = 'UPDATE'" : "")
                        + " AND trigger_name NOT REGEXP '^neap_fill_[0-9]+_[iud]$' ORDER BY action_timing DESC,"
                        + " event_manipulation, action_order",
                row -> new Trigger(row.getString(1), row.getString(2), row.getString(3), row.getString(4)));
    }

    /** The server shows the triggers of a table to those alone who have this privilege on it; a role of a role is not seen. */
    private boolean visible() throws SQLException {
        String me = "grantee IN (concat('''', replace(current_user(), '@', '''@'''), ''''), current_role(),"
                + " concat('''', current_role(), '''@'''''), '''PUBLIC''@''''', 'PUBLIC')"
                + " AND privilege_type = 'TRIGGER'";
        String schema = Names.literal(tables.into().name().schema());
        return Query.truth(
                connection,
                "SELECT EXISTS (SELECT 1 FROM information_schema.user_privileges WHERE " + me
                        + ") OR EXISTS (SELECT 1 FROM information_schema.schema_privileges WHERE " + me + " AND "
                        + schema
                        + " LIKE table_schema) OR EXISTS (SELECT 1 FROM information_schema.table_privileges WHERE " + me
                        + " AND table_schema = " + schema + " AND table_name = "
                        + Names.literal(tables.into().name().name()) + ")");
    }

    /** The set columns that a trigger assigns, by its text: `SET NEW.v = …`, `… INTO NEW.v`, `CALL p(NEW.v)`. */
    private List<String> changes(Trigger trigger) {
        return trigger.timing().equals("BEFORE") && !trigger.event().equals("DELETE")
                ? tables.fill().set().keySet().stream()
                        .filter(column -> assigns(trigger.body(), column))
                        .toList()
                : List.of();
    }

    static boolean assigns(String body, String column) {
        String one = "NEW\\s*\\.\\s*(`" + Pattern.quote(column) + "`|" + Pattern.quote(column) + "\\b)";
        return Pattern.compile(
                        "(\\bSET|,)\\s*" + one + "\\s*:?=|\\b(INTO|CALL)\\b[^;]*" + one,
                        Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE)
                .matcher(body)
                .find();
    }
}
