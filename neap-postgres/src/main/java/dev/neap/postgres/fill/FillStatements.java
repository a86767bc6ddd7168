package dev.neap.postgres.fill;

import dev.neap.plan.PlannedUnit.Segment;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** The statements of a fill as a run sends them, for a part of the key, with what it sets for them. */
final class FillStatements {
    /** Of a few keys each row is found by an index, whatever the planner guesses of a table that was never analyzed. */
    static final String FEW_KEYS =
            "SET LOCAL enable_seqscan = off; SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off";

    /** An index wherever there is one, whatever the planner holds for cheaper and whatever the role is set to. */
    static final String BY_INDEX = "SET LOCAL enable_seqscan = off; SET LOCAL enable_indexscan = on;"
            + " SET LOCAL enable_indexonlyscan = on; SET LOCAL enable_bitmapscan = on";

    /** Keys that are reconciled at once, at most. */
    private static final int KEYS = 500;
    /** Rows that are looked at at once, at most. */
    private static final int LOOK_ROWS = 20_000;

    private final FillTables tables;
    private final FillNames names;
    private final long graceMs;

    /** @param graceMs how long an application may take from one of its writes to the other, in milliseconds */
    FillStatements(FillTables tables, FillNames names, long graceMs) {
        this.tables = tables;
        this.names = names;
        this.graceMs = graceMs;
    }

    /**
     * One of them.
     *
     * @param settings what is set before it, for its transaction; empty for nothing
     * @param meant how many rows it is about at most
     */
    record Named(String name, String settings, String sql, long meant) {}

    /**
     * All of them.
     *
     * @param segment what is walked
     * @param upTo the last key of the first batch
     * @param rows the most rows of a batch
     */
    List<Named> all(Segment segment, List<String> upTo, int rows) {
        List<Named> all = new ArrayList<>(batch(segment.after(), segment.upTo(), upTo, rows, false));
        all.addAll(reconcile());
        all.addAll(look(segment.after(), segment.upTo(), upTo, Math.min(LOOK_ROWS, rows * 20), false, false));
        return all;
    }

    /**
     * Those of a batch.
     *
     * @param dense whether most rows are likely to be wanted
     */
    List<Named> batch(@Nullable List<String> after, List<String> end, List<String> upTo, int rows, boolean dense) {
        WalkSql walk = new WalkSql(tables, names);
        List<Named> batch = new ArrayList<>();
        batch.add(new Named("walk", "", walk.upper(after, end, rows, dense), rows));
        if (tables.fill().transform() != null) {
            batch.add(new Named("read", "", stage().batch(after, upTo, false), rows));
        }
        if (tables.fill().inPlace() && !tables.fill().reads().isEmpty()) {
            batch.add(new Named("lock", "", walk.lock(after, upTo), rows));
        }
        batch.add(new Named("write", "", walk.batch(after, upTo), rows));
        return batch;
    }

    /** Those that follow the application's changes; none where columns of the walked table are filled. */
    List<Named> reconcile() {
        if (tables.fill().inPlace()) {
            return List.of();
        }
        ReconcileSql reconcile = new ReconcileSql(tables, names);
        List<Named> all = new ArrayList<>();
        if (tables.fill().transform() != null) {
            all.add(new Named("reconcile: read", FEW_KEYS, reconcile.toTransform(stage()), KEYS));
            all.add(new Named("reconcile: compare", FEW_KEYS, reconcile.changedKeys(), KEYS));
        }
        all.add(new Named("reconcile: delete", FEW_KEYS, reconcile.deleteGone(), KEYS));
        all.add(new Named("reconcile: insert", FEW_KEYS, reconcile.writeMissing(graceMs), KEYS));
        String again = reconcile.writeAgain(graceMs);
        if (!again.isEmpty()) {
            all.add(new Named("reconcile: update", FEW_KEYS, again, KEYS));
        }
        return all;
    }

    /**
     * Those of a part of the last look.
     *
     * @param whole whether every row is written again
     * @param aside whether rows were set aside, which are not asked
     */
    List<Named> look(
            @Nullable List<String> after, List<String> end, List<String> upTo, int rows, boolean whole, boolean aside) {
        LookSql look = new LookSql(tables, names);
        boolean inPlace = tables.fill().inPlace();
        boolean made = tables.fill().transform() != null && (inPlace || !whole);
        List<Named> all = new ArrayList<>();
        all.add(new Named("look: walk", "", look.lookUpper(after, end, rows, aside), rows));
        if (made) {
            all.add(new Named("look: read", look.settings(), look.toTransform(stage(), after, upTo, aside), rows));
        }
        all.add(new Named(
                "look",
                look.settings(),
                inPlace
                        ? look.updateMissed(after, upTo, aside)
                        : made ? look.missedOfMade(after, upTo) : look.missed(after, upTo, whole, aside),
                rows));
        return all;
    }

    private StageSql stage() {
        return new StageSql(tables, names);
    }

    /**
     * A statement whose names are stand-ins, with queries in the place of what a run makes first, where it asks for it.
     *
     * @param rows the most rows of a batch
     */
    String standing(String sql, int rows) {
        List<String> queries = new ArrayList<>();
        String plain = sql;
        if (sql.contains(names.changes())) {
            queries.addAll(changes());
        }
        if (tables.fill().transform() != null) {
            plain = Staged.standing(sql);
            if (!plain.equals(sql)) {
                queries.addAll(stage().standing(rows));
            }
        }
        return queries.isEmpty() ? plain : "WITH " + String.join(", ", queries) + " " + plain;
    }

    private List<String> changes() {
        String columns = IntStream.range(0, tables.key().size())
                .mapToObj(i -> ", " + FillNames.KEY_PREFIX + i)
                .collect(Collectors.joining());
        String nulls = tables.key().stream().map(k -> ", NULL::" + k.type()).collect(Collectors.joining());
        return List.of(
                names.changes() + " (seq, op, at, picked, was" + columns
                        + ") AS MATERIALIZED (SELECT n, 'U'::\"char\", clock_timestamp(), true, NULL::json" + nulls
                        + " FROM generate_series(1, " + KEYS + ") AS n)",
                names.wrote() + " (run_id, part, xid, at) AS MATERIALIZED (SELECT 0::bigint, 1, NULL::xid,"
                        + " clock_timestamp() FROM generate_series(1, 1000))");
    }
}
