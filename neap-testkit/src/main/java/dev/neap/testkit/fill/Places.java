package dev.neap.testkit.fill;

import dev.neap.transform.Transform;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The two places of one shape: their tables, how the application writes them, and how a fill is told of them. */
abstract class Places {
    /** How the application signs. */
    static final String APPLICATION = "app";

    /** How a row from another time is signed. */
    static final String OLD = "old";

    /** How the fill signs. */
    private static final String FILL = "'neap'";

    final FillSetup setup;
    final Keys keys;
    final Words words;

    Places(FillSetup setup) {
        this.setup = setup;
        this.keys = setup.keys();
        this.words = keys.words();
    }

    static Places of(FillSetup setup) {
        return switch (setup.shape()) {
            case COLUMN -> new SameTable(setup);
            case COLUMN_ONCE -> new OnceTable(setup);
            case COLUMN_FROM_OTHER -> new FilmTables(setup);
            case TABLE, TABLE_WHERE -> new OtherTable(setup);
            case TABLE_MANY -> new ManyRows(setup);
            case TABLE_TWO -> new TwoTables(setup);
        };
    }

    abstract List<String> ddl();

    /** The table that the application writes first of all. */
    abstract String from();

    abstract String into();

    /** The fill's expressions, in order; without its signature. */
    abstract Map<String, String> set();

    /** The lines of the fill that only this shape has, such as `where`. */
    List<String> more() {
        return List.of();
    }

    /** The columns of the target's key. */
    List<String> targetKey() {
        return keys.columns();
    }

    /** True of the target's rows that a correct statement may fill, in one table. */
    String unfilled() {
        return "written_by IS NULL";
    }

    /** Whether the fill signs what it writes. */
    boolean signs() {
        return true;
    }

    /** True of the target's rows that the fill has written last. */
    String filled() {
        return "written_by = " + FILL;
    }

    abstract void source(Session session, Move move) throws SQLException;

    /**
     * Writes the target.
     *
     * @param sourceDone the source has the move already
     * @param mark who signs
     * @return how many rows were written
     */
    abstract int target(Session session, Move move, boolean sourceDone, String mark) throws SQLException;

    /** SQL for the columns of a target row as one text, without who signed it. */
    abstract String shownSql();

    /** What {@link #shownSql} must yield for this key: one for each row of the target. */
    abstract List<String> shown(Kept kept, FillModel model);

    /** A column of the source that nothing is made from. */
    int otherColumn(Session session, Key key, int value) throws SQLException {
        return session.write("UPDATE " + from() + " SET other = ? WHERE " + keys.matches(), value, key.parts());
    }

    /** How many rows of this key are signed by the fill. */
    int signedByFill(Session session, Key key) throws SQLException {
        return session.number(
                "SELECT count(*) FROM " + into() + " WHERE " + filled() + " AND " + keys.matches(), key.parts());
    }

    /** The keys of the rows that the fill has signed last, as far as the heap tells. */
    String frontierSql() {
        return "SELECT " + keys.texts() + " FROM " + into() + " WHERE " + filled() + " ORDER BY "
                + words.newestFirst(keys.columns()) + " LIMIT 1";
    }

    /** The same in Java; null where no transform can, since other tables are read. */
    abstract @Nullable Class<? extends Transform> transform();

    /**
     * The fill as a backfill file says it.
     *
     * @param jar a jar with the transforms; null where the fill is in SQL
     */
    final String yaml(String connection, @Nullable Path jar) {
        StringBuilder text = new StringBuilder("backfill: history\nprofile: dev\nconnection: " + connection + "\n");
        text.append("batch_rows: ").append(setup.batchRows()).append('\n');
        // Writers that are this many to a row may well deadlock with the fill.
        text.append("breaker: { error_budget: 100% }\n");
        if (setup.rate() > 0) {
            text.append("pace: { rate: ").append(setup.rate()).append(" rows/s }\n");
        }
        text.append("fill:\n");
        List<List<String>> entries = new ArrayList<>(others());
        entries.add(entry(into(), expressions(), jar));
        for (List<String> entry : entries) {
            String begin = entries.size() == 1 ? "  " : "  - ";
            for (String line : entry) {
                text.append(begin).append(line).append('\n');
                begin = " ".repeat(begin.length());
            }
        }
        return text.toString();
    }

    /** Other tables that are filled by the same backfill, each as the lines of its entry. */
    List<List<String>> others() {
        return List.of();
    }

    /** The lines that say how a table is filled. */
    final List<String> entry(String into, Map<String, String> set, @Nullable Path jar) {
        List<String> lines = new ArrayList<>();
        if (setup.shape().otherTable()) {
            lines.add("from: " + from());
        }
        lines.add("into: " + into);
        lines.add("key: [" + keys.list() + "]");
        if (setup.bounded()) {
            lines.add("keys: { from: " + keys.parts(FillSetup.FROM).get(0) + ", to: "
                    + keys.parts(FillSetup.TO).get(0) + " }");
        }
        lines.addAll(more());
        lines.add("conflict: " + setup.conflict().written());
        if (setup.trigger()) {
            lines.add("dual_write: trigger");
        }
        Class<? extends Transform> transform = jar == null ? null : transform();
        if (transform != null) {
            lines.add("transform: { class: " + transform.getName() + ", jar: " + jar + " }");
            return lines;
        }
        lines.add("set:");
        set.forEach((column, sql) -> lines.add("  " + column + ": \"" + sql + "\""));
        return lines;
    }

    private Map<String, String> expressions() {
        Map<String, String> all = new LinkedHashMap<>(set());
        if (signs()) {
            all.put("written_by", FILL);
        }
        return all;
    }

    /**
     * The fill as one statement that is right while nobody writes: what is done today.
     *
     * @param which a condition on the source's rows, beginning with AND; or nothing
     */
    final String plain(String which) {
        Map<String, String> all = expressions();
        if (!setup.shape().otherTable()) {
            return "UPDATE " + into() + " SET "
                    + all.entrySet().stream()
                            .map(one -> one.getKey() + " = " + one.getValue())
                            .collect(Collectors.joining(", "))
                    + " WHERE " + (setup.conflict() == Conflict.OVERWRITE ? "true" : unfilled()) + which;
        }
        String updates = all.keySet().stream()
                .map(column -> column + " = excluded." + column)
                .collect(Collectors.joining(", "));
        String conflict = switch (setup.conflict()) {
            case KEEP -> "NOTHING";
            case OVERWRITE -> "UPDATE SET " + updates;
            case NEWER -> "UPDATE SET " + updates + " WHERE t.updated_at < excluded.updated_at";
        };
        return "INSERT INTO " + into() + " AS t (" + String.join(", ", all.keySet()) + ") SELECT "
                + String.join(", ", all.values()) + " FROM " + from() + " WHERE " + plainWhere() + bounds() + which
                + " ON CONFLICT (" + String.join(", ", targetKey()) + ") DO " + conflict;
    }

    String plainWhere() {
        return "true";
    }

    private String bounds() {
        return setup.bounded()
                ? " AND k >= " + keys.parts(FillSetup.FROM).get(0) + " AND k < "
                        + keys.parts(FillSetup.TO).get(0)
                : "";
    }
}
