package dev.neap.testkit.fill;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Compares every row of the target with the model. Nobody writes meanwhile. */
final class FillComparison {
    private final Places places;
    private final FillModel model;
    private final List<String> findings = new ArrayList<>();

    private record Row(String shown, String mark) {}

    private FillComparison(Places places, FillModel model) {
        this.places = places;
        this.model = model;
    }

    static List<String> findings(Session session, Places places, FillModel model) throws SQLException {
        FillComparison comparison = new FillComparison(places, model);
        comparison.compare(session);
        return comparison.findings;
    }

    private void compare(Session session) throws SQLException {
        Map<List<String>, List<Row>> there = new HashMap<>();
        int columns = places.keys.columns().size();
        String sql = "SELECT " + places.keys.texts() + ", " + places.shownSql() + ", coalesce(written_by, 'nobody')"
                + " FROM " + places.into();
        for (List<String> row : session.rows(sql)) {
            there.computeIfAbsent(List.copyOf(row.subList(0, columns)), unused -> new ArrayList<>())
                    .add(new Row(row.get(columns), row.get(columns + 1)));
        }
        for (Kept kept : model.rows().values()) {
            List<Row> rows = there.remove(kept.source().key().parts());
            one(kept, rows == null ? List.of() : rows);
        }
        there.forEach((parts, rows) -> {
            Key key = model.known(parts);
            findings.add("resurrected: " + String.join("/", parts) + " has no row in the source, and in the target "
                    + rows + " | " + (key == null ? "never written" : model.journal(key)));
        });
    }

    private void one(Kept kept, List<Row> rows) {
        Key key = kept.source().key();
        List<String> expected = places.shown(kept, model);
        Set<String> missing = new HashSet<>(expected);
        List<Row> extra = new ArrayList<>();
        for (Row row : rows) {
            if (!missing.remove(row.shown())) {
                extra.add(row);
            } else if (places.signs() && !kept.owner().marks().contains(row.mark())) {
                say("overwritten", key, expected + " by " + kept.owner().marks(), rows);
            }
        }
        if (!missing.isEmpty() && !extra.isEmpty()) {
            say("wrong", key, expected.toString(), rows);
        } else if (!missing.isEmpty()) {
            say("missing", key, expected.toString(), rows);
        } else if (!extra.isEmpty()) {
            say(rows.size() > 1 && expected.size() == 1 ? "doubled" : "extra", key, expected.toString(), rows);
        }
    }

    private void say(String what, Key key, String expected, List<Row> rows) {
        findings.add(
                what + ": " + key + " expected " + expected + " but there is " + rows + " | " + model.journal(key));
    }
}
