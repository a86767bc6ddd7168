package dev.neap.postgres.rehearse;

import dev.neap.backfill.ApplicationWrites;
import dev.neap.backfill.LiveWrites;
import dev.neap.backfill.Rebuild;
import dev.neap.postgres.planning.LiveTable;
import dev.neap.postgres.planning.Recompute;
import dev.neap.postgres.planning.TableFinder;
import dev.neap.postgres.query.Names;
import dev.neap.postgres.query.Query;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The copied table and the account of it: a plain table that holds each row as it was copied, or as a writer last
 * committed it. Neap knows nothing of it. What the table must hold in the end is the recompute of the account's rows; or,
 * where the rows come from other tables, the account itself, which follows each swap.
 */
final class Account {
    static final String SCHEMA = "neap_rehearsal";
    static final String ROWS = SCHEMA + ".account";
    static final String EXPECTED = SCHEMA + ".expected";
    static final String ANCHORS = SCHEMA + ".anchor";
    /** A row's number in the account. */
    static final String NUMBER = "neap rehearsal row";
    /** The partition for which readers watch the row; no writer touches it. */
    static final String WATCHED = "neap rehearsal watched";

    private static final Set<String> INEXACT = Set.of("real", "double precision");
    private static final Pattern WORD = Pattern.compile("[\\p{L}_][\\p{L}\\p{N}_$]*");

    private final LiveTable table;
    private final Rebuild rebuild;
    private final Recompute recompute;
    private final List<String> key;
    private final Set<String> placing;
    private final Set<String> unique;
    private final Set<String> inputs;
    private final @Nullable SourceAccount sources;
    private final @Nullable WatchedStates states;

    private Account(
            LiveTable table,
            Rebuild rebuild,
            List<String> key,
            Set<String> placing,
            Set<String> unique,
            @Nullable SourceAccount sources) {
        this.table = table;
        this.rebuild = rebuild;
        this.recompute = new Recompute(table, rebuild);
        this.key = List.copyOf(key);
        this.placing = placing;
        this.unique = unique;
        this.inputs = inputs(table, rebuild);
        this.sources = sources;
        this.states = sources == null ? null : new WatchedStates(this);
    }

    static Account read(Connection connection, Rebuild rebuild) throws SQLException {
        LiveTable table = new TableFinder(connection).find(rebuild.table());
        List<String> key = Query.of(connection, """
                        SELECT a.attname FROM (
                            SELECT DISTINCT ON (x.indrelid) x.* FROM pg_index x
                            WHERE x.indrelid = ?::oid AND x.indisunique AND x.indisvalid AND x.indpred IS NULL
                              AND x.indexprs IS NULL AND NOT EXISTS (
                                SELECT FROM unnest(x.indkey::smallint[]) WITH ORDINALITY AS k(n, place)
                                JOIN pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = k.n
                                WHERE k.place <= x.indnkeyatts AND NOT a.attnotnull)
                            ORDER BY x.indrelid, x.indisprimary DESC, x.indnkeyatts, x.indexrelid) AS best
                        CROSS JOIN LATERAL unnest(best.indkey::smallint[]) WITH ORDINALITY AS k(n, place)
                        JOIN pg_attribute a ON a.attrelid = best.indrelid AND a.attnum = k.n
                        WHERE k.place <= best.indnkeyatts ORDER BY k.place
                        """, table.oid()).texts();
        Set<String> unique =
                new LinkedHashSet<>(Query.of(connection, """
                        SELECT DISTINCT a.attname FROM pg_partition_tree(?::oid::regclass) t
                        JOIN pg_index x ON x.indrelid = t.relid AND (x.indisunique OR x.indisexclusion)
                        JOIN pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = ANY (x.indkey)
                        """, table.oid()).texts());
        Set<String> placing =
                new LinkedHashSet<>(Query.of(connection, """
                        SELECT DISTINCT a.attname FROM pg_partition_tree(?::oid::regclass) t
                        JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass
                             AND d.objid = t.relid AND d.refobjid = t.relid AND d.objsubid > 0 AND d.refobjsubid = 0
                             AND d.deptype = 'i'
                        JOIN pg_attribute a ON a.attrelid = d.objid AND a.attnum = d.objsubid
                        """, table.oid()).texts());
        SourceAccount sources =
                rebuild.source() == null ? null : SourceAccount.read(connection, table, rebuild.source(), key);
        return new Account(table, rebuild, key, placing, unique, sources);
    }

    /** Columns that the expressions mention, or may. */
    private static Set<String> inputs(LiveTable table, Rebuild rebuild) {
        String sql = String.join(" ", rebuild.set().values()) + " "
                + (rebuild.alreadyRight() == null ? "" : rebuild.alreadyRight());
        Set<String> words = new LinkedHashSet<>();
        Matcher word = WORD.matcher(sql);
        while (word.find()) {
            words.add(word.group());
            words.add(word.group().toLowerCase(Locale.ROOT));
        }
        Set<String> inputs = new LinkedHashSet<>();
        for (LiveTable.Column column : table.columns()) {
            String name = column.name();
            // A generated column stands for what it is made from, and a quoted name may hold anything.
            boolean plain = WORD.matcher(name).matches();
            if (words.contains(name) || (!plain && sql.contains(name.replace("\"", "\"\"")))) {
                inputs.add(name);
                if (column.generation() != null) {
                    table.columns().stream()
                            .map(LiveTable.Column::name)
                            .filter(each -> column.generation().contains(each))
                            .forEach(inputs::add);
                }
            }
        }
        return inputs;
    }

    /** Columns that are compared: sums of floating-point numbers from other tables depend on the order. */
    List<LiveTable.Column> compared() {
        return table.columns().stream()
                .filter(each -> sources == null || !INEXACT.contains(each.type()))
                .toList();
    }

    LiveTable table() {
        return table;
    }

    String name() {
        return Names.quote(table.name());
    }

    /** By which rows are found again; empty when the table has no such columns. */
    List<String> key() {
        return key;
    }

    /** What other tables do to the account; null where the rows are recomputed from themselves. */
    @Nullable
    SourceAccount sources() {
        return sources;
    }

    /** What readers saw of rows that come from other tables; null where they do not. */
    @Nullable
    WatchedStates states() {
        return states;
    }

    /** In the transaction of a write, before it. */
    void beforeWrite(Connection connection) throws SQLException {
        if (sources != null) {
            sources.beforeLiveWrite(connection);
        }
    }

    /** Whether anybody may write. */
    boolean written() {
        return rebuild.writes() == LiveWrites.CAPTURE;
    }

    /** Whether rows can be written and found again. */
    boolean writable() {
        return !key.isEmpty() && written();
    }

    /** Whether the application writes rows in the new form by now. */
    boolean writesNewForm() {
        return rebuild.applicationWrites() == ApplicationWrites.NEW;
    }

    boolean merges() {
        return rebuild.merges();
    }

    Set<String> placing() {
        return placing;
    }

    Set<String> inputs() {
        return inputs;
    }

    Collection<String> set() {
        return rebuild.set().keySet();
    }

    /** The columns that are stored as they are given. */
    List<String> stored() {
        return table.columns().stream()
                .filter(each -> each.generation() == null)
                .map(LiveTable.Column::name)
                .toList();
    }

    /** Columns that a writer may change to another row's value without touching what the recompute reads or writes. */
    List<String> besides() {
        return stored().stream()
                .filter(each -> !inputs.contains(each)
                        && !set().contains(each)
                        && !key.contains(each)
                        && !unique.contains(each)
                        && !placing.contains(each))
                .toList();
    }

    /** Columns that the recompute reads or writes, as far as a writer may change them all at once. */
    List<String> recomputed() {
        return stored().stream()
                .filter(each -> inputs.contains(each) || set().contains(each))
                .filter(each -> !key.contains(each) && !unique.contains(each) && !placing.contains(each))
                .toList();
    }

    /** Whether every recomputed column may be written by a writer. */
    boolean recomputedAreFree() {
        return !set().isEmpty() && recomputed().containsAll(set());
    }

    /** A column's value after the recompute of the row that is called `live`. */
    String after(String column) {
        if (!set().contains(column)) {
            return "live." + Names.quote(column);
        }
        return table.column(column).orElseThrow().assigned(recompute.value(column));
    }

    /** A column's value as the application writes it by now, of the row that is called `live`. */
    String written(String column) {
        return writesNewForm() ? after(column) : "live." + Names.quote(column);
    }

    /** A condition that two rows have the same key. */
    String sameKey(String one, String other) {
        return key.stream()
                .map(each -> one + "." + Names.quote(each) + " = " + other + "." + Names.quote(each))
                .collect(Collectors.joining(" AND "));
    }

    /** The recomputed columns of a row as text: all of them where the row comes from other tables. */
    String form(String row) {
        return (sources == null ? set() : stored())
                .stream()
                        .map(each -> row + "." + Names.quote(each))
                        .collect(Collectors.joining(", ", "ROW(", ")::text"));
    }

    /** What makes the bookkeeping. */
    List<String> begin() {
        String columns = Names.list(stored());
        String number = Names.quote(NUMBER);
        String watched = Names.quote(WATCHED);
        List<String> sql = new ArrayList<>(List.of(
                "CREATE SCHEMA " + SCHEMA,
                "CREATE SEQUENCE " + SCHEMA + ".fresh START 1000000",
                "CREATE TABLE " + ROWS + " (LIKE " + name() + " INCLUDING GENERATED, " + number
                        + " bigint GENERATED BY DEFAULT AS IDENTITY, " + watched + " oid)",
                "INSERT INTO " + ROWS + " (" + columns + ", " + watched + ") SELECT " + columns
                        + ", CASE WHEN row_number() OVER (PARTITION BY tableoid ORDER BY random()) <= 25 THEN tableoid END"
                        + " FROM " + name(),
                "CREATE UNIQUE INDEX ON " + ROWS + " (" + number + ")"));
        if (!key.isEmpty()) {
            sql.add("CREATE UNIQUE INDEX ON " + ROWS + " (" + Names.list(key) + ")");
            sql.add("CREATE TABLE " + ANCHORS + " AS SELECT live." + watched + " AS partition, "
                    + key.stream().map(each -> "live." + Names.quote(each)).collect(Collectors.joining(", ")) + ", "
                    + form("live") + " AS old, ROW("
                    + set().stream().map(this::after).collect(Collectors.joining(", "))
                    + ")::text AS new FROM " + ROWS + " AS live WHERE " + watched + " IS NOT NULL");
        }
        if (sources != null) {
            sql.addAll(sources.begin());
        }
        sql.add("ANALYZE");
        return sql;
    }

    /** What makes the expected rows of the account. */
    List<String> expect() {
        return List.of(
                "DROP TABLE IF EXISTS " + EXPECTED,
                "CREATE TABLE " + EXPECTED + " (LIKE " + name() + " INCLUDING GENERATED)",
                "INSERT INTO " + EXPECTED + " (" + Names.list(stored()) + ") SELECT "
                        + stored().stream().map(this::after).collect(Collectors.joining(", ")) + " FROM " + ROWS
                        + " AS live",
                "ANALYZE " + EXPECTED);
    }
}
