package dev.neap.mysql.fill;

import dev.neap.dialect.NeapException;
import dev.neap.mysql.query.Query;
import dev.neap.mysql.query.SqlFailures;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Looks again at keys that the application wrote, and writes, mends or deletes what the fill had made of them. */
final class Reconciling {
    private final TargetSql sql;
    private final int keyColumns;
    private final long run;
    private final long graceMs;
    /** The columns of the changes, once they are known. */
    private Set<String> recorded = Set.of();

    Reconciling(TargetSql sql, int keyColumns, long run, long graceMs) {
        this.sql = sql;
        this.keyColumns = keyColumns;
        this.run = run;
        this.graceMs = graceMs;
    }

    /**
     * Changes that are reconciled together.
     *
     * @param seqs their numbers
     * @param keys their keys, each once
     */
    record Picked(List<Long> seqs, List<List<String>> keys) {
        static final Picked NOTHING = new Picked(List.of(), List.of());

        Picked {
            seqs = List.copyOf(seqs);
            keys = List.copyOf(keys);
        }

        /** The numbers, for SQL; never empty. */
        String list() {
            return seqs.stream().map(String::valueOf).collect(Collectors.joining(", "));
        }
    }

    /** The next changes that are ripe; nothing is locked. */
    Picked pick(Connection c, int most) throws SQLException {
        List<Long> seqs = new ArrayList<>();
        LinkedHashSet<List<String>> keys = new LinkedHashSet<>();
        Query.list(c, sql.pick(most, graceMs), row -> {
            seqs.add(row.getLong(1));
            return keys.add(FillSession.texts(row, 3, keyColumns));
        });
        return new Picked(seqs, List.copyOf(keys));
    }

    /** Whether any change is recorded; false too where the table of changes is gone already. */
    boolean anything(Connection c) throws SQLException {
        return Query.truth(
                        c,
                        "SELECT EXISTS (SELECT 1 FROM information_schema.tables WHERE table_schema = 'neap' AND"
                                + " table_name = 'fill_changes_" + run + "')")
                && Query.number(c, sql.recorded()) > 0;
    }

    /**
     * A batch that began before the changes were picked may have read rows as they were, and not yet committed what it
     * makes of them. It holds its unit's row from its first statement on: whoever has had that row for a moment has waited
     * for it. Those that begin later read the rows as they are.
     */
    boolean awaitBatches(Connection c) throws SQLException {
        for (String unit : Query.texts(
                c, "SELECT id FROM neap.unit WHERE run_id = " + run + " AND state = 'running' ORDER BY id")) {
            Query.number(c, "SELECT count(*) FROM neap.unit WHERE id = " + unit + " LOCK IN SHARE MODE WAIT 10");
        }
        return true;
    }

    /**
     * Reconciles what was picked.
     *
     * @param puts whether rows may be put where none is
     * @return whether any was
     */
    boolean reconcile(Connection c, Picked picked, boolean puts) throws SQLException {
        Query.execute(c, "DELETE FROM " + TargetSql.MADE);
        Query.execute(c, "DELETE FROM " + TargetSql.WAS);
        Query.execute(c, sql.makeAgain(picked.keys(), picked.list(), graceMs));
        makeWas(c, picked);
        long changed = Query.execute(c, sql.deleteGone());
        long fresh = puts ? Query.execute(c, sql.insert()) : 0;
        String again = sql.writeAgain();
        changed += again.isEmpty() ? 0 : Query.execute(c, again);
        Query.execute(c, sql.forget(picked.list()));
        Query.execute(
                c, "UPDATE neap.fill SET reconciled = reconciled + " + (changed + fresh) + " WHERE run_id = " + run);
        return fresh > 0;
    }

    /** What fails for a row as it was, was never written: then the changes are made one by one, but for that one. */
    private void makeWas(Connection c, Picked picked) throws SQLException {
        if (recorded.isEmpty()) {
            recorded = Set.copyOf(Query.texts(
                    c,
                    "SELECT column_name FROM information_schema.columns WHERE table_schema = 'neap' AND table_name ="
                            + " 'fill_changes_" + run + "'"));
        }
        try {
            Query.execute(c, sql.makeWas(picked.list(), recorded));
        } catch (SQLException e) {
            requireData(e);
            for (long seq : picked.seqs()) {
                try {
                    Query.execute(c, sql.makeWas(String.valueOf(seq), recorded));
                } catch (SQLException one) {
                    requireData(one);
                }
            }
        }
    }

    private static void requireData(SQLException e) {
        NeapException explained = SqlFailures.explain(e);
        if (SqlFailures.bad(explained).isEmpty()) {
            throw explained;
        }
    }
}
