package dev.neap.postgres.fill;

import dev.neap.postgres.planning.Collations;
import dev.neap.postgres.shadow.KeyColumn;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Capture on the walked table: the keys of rows that the application writes during a fill. The triggers never make an
 * application's write fail: past the deadline or the size they do nothing, and then the last look compares every row. A row is
 * kept as `json`, which takes every text that a column of that type holds; `jsonb` refuses some (`\u0000`, `1e500000`).
 */
final class FillCapture {
    /** From here on the sequence of changes says that some are missing: far above every limit, far below its own end. */
    static final long VOID = 1_000_000_000_000_000_000L;

    /** What is not reconciled before it has waited: for a row that it references, or because something was missing. */
    static final String WAITING = "'P', 'S'";

    private static final String DEFAULT_COLLATION = " COLLATE pg_catalog.\"default\"";

    private final FillTables tables;
    private final FillNames names;

    FillCapture(FillTables tables, FillNames names) {
        this.tables = tables;
        this.names = names;
    }

    /** The table of changes and the function that fills it. */
    List<String> create(Connection connection) throws SQLException {
        List<String> create = new ArrayList<>(tables(connection));
        create.add(function());
        return create;
    }

    /** The table of changes, and its sequences. A key of another collation than the walked table's no index would find. */
    List<String> tables(Connection connection) throws SQLException {
        Map<String, String> collations = Collations.of(connection, tables.from().oid());
        String columns = each(i -> ", " + FillNames.KEY_PREFIX + i + " "
                + tables.key().get(i).type()
                + collations.getOrDefault(tables.key().get(i).name(), "").replace(DEFAULT_COLLATION, ""));
        return List.of(
                "CREATE SEQUENCE IF NOT EXISTS " + names.sequence() + " NO CYCLE",
                "CREATE SEQUENCE IF NOT EXISTS " + names.limit(),
                "CREATE TABLE IF NOT EXISTS " + names.changes() + " (seq bigint PRIMARY KEY DEFAULT nextval('"
                        + names.sequence() + "'), op \"char\" NOT NULL, at timestamptz NOT NULL DEFAULT"
                        + " clock_timestamp(), picked boolean NOT NULL DEFAULT false, was json" + columns + ")",
                index("picked", "picked"),
                // An application that inserts faster than is reconciled must not make each reconciliation slower.
                index("inserted", "op IN (" + mayPutRows(tables) + ")"),
                index("waiting", "op IN (" + WAITING + ")"),
                index("truncated", "op = 'T'"));
    }

    /** The changes after which rows may be missing that come by themselves. */
    static String mayPutRows(FillTables tables) {
        return tables.severalRows() ? "'I', 'P', 'S', 'U', 'R'" : "'I', 'P', 'S'";
    }

    private String index(String name, String which) {
        return "CREATE INDEX IF NOT EXISTS "
                + names.changes().substring(names.place().length()) + "_" + name + " ON " + names.changes() + " ("
                + keys().substring(", ".length()) + ") WHERE " + which;
    }

    private String function() {
        return """
                CREATE OR REPLACE FUNCTION %s RETURNS trigger
                    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $neap$
                DECLARE
                    n bigint;
                BEGIN
                    -- Sequences are the same for every snapshot: an old transaction sees that the switch was renewed.
                    IF (SELECT last_value FROM %s) <= extract(epoch FROM clock_timestamp()) THEN
                        RETURN NULL;
                    END IF;
                    n := nextval('%s');
                    IF n > (SELECT last_value FROM %s) THEN
                        IF n < %d THEN
                            PERFORM setval('%s', %d + n);
                        END IF;
                        RETURN NULL;
                    END IF;
                    IF TG_OP = 'TRUNCATE' THEN
                        INSERT INTO %s (seq, op) VALUES (n, 'T');
                    ELSIF TG_OP = 'INSERT' THEN
                        INSERT INTO %s (seq, op%s) VALUES (n, 'I'%s);
                    ELSIF TG_OP = 'DELETE' THEN
                        INSERT INTO %s (seq, op, was%s) VALUES (n, 'D', row_to_json(OLD)%s);
                    ELSIF %s THEN
                        INSERT INTO %s (seq, op, was%s) VALUES (n, 'U', row_to_json(OLD)%s);
                    ELSE
                        INSERT INTO %s (seq, op, was%s) VALUES (n, 'K', row_to_json(OLD)%s), (nextval('%s'), 'I', NULL%s);
                    END IF;
                    RETURN NULL;
                END
                $neap$
                """.formatted(
                        names.function(),
                        names.aliveUntil(),
                        names.sequence(),
                        names.limit(),
                        VOID,
                        names.sequence(),
                        VOID,
                        names.changes(),
                        names.changes(),
                        keys(),
                        row("NEW"),
                        names.changes(),
                        keys(),
                        row("OLD"),
                        each(i -> (i == 0 ? "" : " AND ")
                                + tables.key()
                                        .get(i)
                                        .same(
                                                "OLD." + tables.key().get(i).quoted(),
                                                "NEW." + tables.key().get(i).quoted())),
                        names.changes(),
                        keys(),
                        row("NEW"),
                        names.changes(),
                        keys(),
                        row("OLD"),
                        names.sequence(),
                        row("NEW"));
    }

    private String keys() {
        return each(i -> ", " + FillNames.KEY_PREFIX + i);
    }

    private String row(String alias) {
        return tables.key().stream()
                .map(KeyColumn::quoted)
                .map(c -> ", " + alias + "." + c)
                .collect(Collectors.joining());
    }

    private String each(java.util.function.IntFunction<String> each) {
        return IntStream.range(0, tables.key().size()).mapToObj(each).collect(Collectors.joining());
    }

    /** Those on the walked table. */
    RowTriggers triggers() {
        return new RowTriggers(tables.from(), names.rowTrigger(), names.truncateTrigger(), names.function());
    }

    /** Lets so many more changes be recorded from now on. */
    String allow(long more) {
        return "SELECT setval('" + names.limit() + "', (SELECT last_value FROM " + names.sequence() + ") + " + more
                + ")";
    }

    /**
     * Rows that the second write of an update may still put in were left alone: so that update must be reconciled itself
     * before capture ends. Empty where none are.
     */
    List<String> holdToUpdates() {
        return tables.severalRows() ? List.of("UPDATE " + names.changes() + " SET op = 'R' WHERE op = 'U'") : List.of();
    }

    /** How many changes are recorded, or somewhat more: what waits for other rows is not counted, and gaps are. */
    String recorded() {
        return "SELECT coalesce((SELECT last_value FROM " + names.sequence() + ") - (SELECT change.seq FROM "
                + names.changes() + " AS change WHERE change.op <> 'P' ORDER BY change.seq LIMIT 1) + 1, 0)";
    }

    /** Whether writes may have escaped since it was put in place. */
    String lapsed() {
        return "SELECT (SELECT last_value FROM " + names.sequence() + ") >= " + VOID + " OR (SELECT last_value FROM "
                + names.aliveUntil() + ") <= extract(epoch FROM clock_timestamp())";
    }

    /** Begins to count anew where some were missing; with writers held off. */
    String mend() {
        return "SELECT setval('" + names.sequence() + "', (SELECT last_value % " + VOID + " + 1 FROM "
                + names.sequence() + "))";
    }
}
