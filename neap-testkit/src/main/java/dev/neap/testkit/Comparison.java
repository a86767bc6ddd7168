package dev.neap.testkit;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The ledger against the model, row by row. */
final class Comparison {
    private Comparison() {}

    static String shown(ResultSet row) throws SQLException {
        return Entry.shown(
                row.getLong("id"),
                row.getObject("day", LocalDate.class),
                row.getInt("account_id"),
                row.getLong("debit"),
                row.getLong("credit"),
                row.getLong("version"),
                row.getInt("form"),
                row.getString("note"));
    }

    /**
     * Every difference, in words.
     *
     * @param form the form that each row must be in; 0 for either
     */
    static List<String> differences(Connection connection, Model model, int form) throws SQLException {
        List<String> all = new ArrayList<>();
        Set<Long> seen = new HashSet<>();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(
                        "SELECT *, tableoid::regclass::text AS leaf FROM public.ledger ORDER BY id, day")) {
            while (row.next()) {
                long id = row.getLong("id");
                String where = " in " + row.getString("leaf");
                if (!seen.add(id)) {
                    all.add("twice: " + shown(row) + where);
                    continue;
                }
                String difference = difference(shown(row), model.get(id), form == 0 ? row.getInt("form") : form);
                if (!difference.isEmpty()) {
                    all.add(difference + where + " | " + model.journal(id));
                }
            }
        }
        model.entries().forEach((id, entry) -> {
            if (!seen.contains(id)) {
                all.add("missing: " + entry.inForm(form) + " | " + model.journal(id));
            }
        });
        return all;
    }

    private static String difference(String shown, @Nullable Entry entry, int form) {
        if (entry == null) {
            return "extra: " + shown;
        }
        String expected = entry.inForm(form);
        return shown.equals(expected) ? "" : "wrong: " + shown + " should be " + expected;
    }
}
