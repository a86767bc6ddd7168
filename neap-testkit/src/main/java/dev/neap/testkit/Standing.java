package dev.neap.testkit;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The ledger as it must stand when partitions of it were rebuilt, and some put back. What a row must be is known from two
 * things: the very table into which the application wrote it last, as the server answered then, and the table that is the
 * partition now. So no write is too close to a swap to be judged.
 */
final class Standing {
    private final Map<Integer, Long> before = new HashMap<>();
    private final List<String> differences = new ArrayList<>();
    private long asBefore;
    private long since;
    private long rebuilt;
    private long mended;

    /** Remembers which table each partition is before anything is rebuilt. */
    Standing(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet leaf = statement.executeQuery(
                        "SELECT c.relname, c.oid::bigint FROM pg_partition_tree('public.ledger') t"
                                + " JOIN pg_class c ON c.oid = t.relid WHERE t.isleaf")) {
            while (leaf.next()) {
                int partition = Ledger.numberOf(leaf.getString(1));
                if (partition >= 0) {
                    before.put(partition, leaf.getLong(2));
                }
            }
        }
    }

    /** Compares each row, while no transaction is under way. */
    StandingReport compare(Connection connection, Model model) throws SQLException {
        differences.clear();
        asBefore = 0;
        since = 0;
        rebuilt = 0;
        mended = 0;
        Set<Long> seen = new HashSet<>();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(
                        "SELECT *, tableoid::bigint AS stored_in, tableoid::regclass::text AS leaf FROM public.ledger"
                                + " ORDER BY id, day")) {
            while (row.next()) {
                long id = row.getLong("id");
                Entry entry = model.get(id);
                if (!seen.add(id)) {
                    wrong("twice: ", row, model);
                } else if (entry == null) {
                    wrong("extra: ", row, model);
                } else {
                    compare(entry, row, model);
                }
            }
        }
        model.entries().forEach((id, entry) -> {
            if (!seen.contains(id)) {
                differences.add("missing: " + entry.inForm(entry.form()) + " | " + model.journal(id));
            }
        });
        return new StandingReport(List.copyOf(differences), asBefore, since, rebuilt, mended);
    }

    private void wrong(String what, ResultSet row, Model model) throws SQLException {
        differences.add(what + Comparison.shown(row) + " in " + row.getString("leaf") + " (" + row.getLong("stored_in")
                + ") | " + model.journal(row.getLong("id")));
    }

    private void compare(Entry entry, ResultSet row, Model model) throws SQLException {
        Long first = before.get(entry.partition());
        long now = row.getLong("stored_in");
        if (first == null) {
            throw new IllegalStateException("no partition for " + entry);
        }
        boolean putBack = now == first;
        long written = entry.table() == 0 ? first : entry.table();
        int form = row.getInt("form");
        int expected;
        if (written == first) {
            // Not written since the swap, or after it was put back.
            expected = putBack ? entry.form() : 2;
        } else if (putBack || written == now) {
            // Written since the swap: as it stands there, and what came there in the old form Neap may have mended.
            boolean mendable = entry.form() == 1 && form == 2;
            expected = mendable ? 2 : entry.form();
            mended += mendable ? 1 : 0;
        } else {
            // Written into another rebuilt partition than the one that is there now.
            expected = 2;
        }
        if (!Comparison.shown(row).equals(entry.inForm(expected))) {
            wrong(
                    "should be " + entry.inForm(expected) + ", last written into " + written + " in form "
                            + entry.form() + ", was: ",
                    row,
                    model);
        }
        count(putBack, written == first);
    }

    private void count(boolean putBack, boolean writtenInFirst) {
        if (!putBack) {
            rebuilt++;
        } else if (writtenInFirst) {
            asBefore++;
        } else {
            since++;
        }
    }
}
