package dev.neap.postgres.rebuild;

import dev.neap.postgres.query.Names;
import dev.neap.postgres.query.OwnSettings;
import dev.neap.postgres.shadow.KeyColumn;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The statements of change capture. The triggers never make an application's write fail: past the deadline or the size
 * they do nothing, and the shadow is void.
 */
final class CaptureSql {
    /** From here on a sequence of changes says that some are missing: far above every limit, far below its own end. */
    static final long VOID = 1_000_000_000_000_000_000L;

    /**
     * The setting by which a merge tells capture that its updates are no writes of an application. It holds the unit and
     * the very transaction, so it is worth nothing in any other: nobody sets it by accident.
     */
    static final String MERGES = "neap.merges";

    private static final String K = UnitNames.KEY_PREFIX;

    private final UnitNames names;
    private final List<KeyColumn> key;
    private final long limit;
    private final boolean merges;

    /**
     * @param limit the most changes that are kept
     * @param merges whether Neap itself will update the rows of the live partition
     */
    CaptureSql(UnitNames names, List<KeyColumn> key, long limit, boolean merges) {
        this.names = names;
        this.key = key;
        this.limit = limit;
        this.merges = merges;
    }

    /** The value of the setting in a transaction that merges, as SQL. */
    static String mergeMark(long unit) {
        return "'" + unit + " ' || pg_current_xact_id()::text";
    }

    /** The append-only table of changed keys; without a key, of changes. It has a key of its own, or deletes from it would fail where it is published. */
    List<String> createChanges() {
        String columns = IntStream.range(0, key.size())
                .mapToObj(i -> ", " + key.get(i).definition(K + i))
                .collect(Collectors.joining());
        return List.of(
                "CREATE SEQUENCE IF NOT EXISTS " + names.changesSequence() + " NO CYCLE",
                "CREATE TABLE IF NOT EXISTS " + names.changes() + " (seq bigint PRIMARY KEY, op \"char\" NOT NULL"
                        + columns + ")");
    }

    /**
     * A lock that stalls nobody and makes an autovacuum of the changes give way: before writers are held off for
     * {@link #forget}.
     */
    String courtesy() {
        return "LOCK TABLE " + names.changes() + " IN SHARE UPDATE EXCLUSIVE MODE";
    }

    /**
     * Forgets what was recorded, however much that is, and counts from the beginning. Only while writers are held off: then
     * none has a number that it has not written yet. Both come with the transaction or not at all.
     */
    List<String> forget() {
        return List.of("TRUNCATE " + names.changes(), "ALTER SEQUENCE " + names.changesSequence() + " RESTART");
    }

    /**
     * The trigger function.
     *
     * @param eager whether it also takes the changed row out of the shadow: needed as soon as the shadow has foreign
     *     keys, or an application that deletes a row and then the row it referenced would be refused on the shadow's
     *     account
     */
    String function(boolean eager) {
        return header("SET search_path = pg_catalog, pg_temp") + "$neap$\n" + body(eager ? eagerDelete() : "")
                + "$neap$\n";
    }

    /**
     * The trigger function that applies each change to the shadow itself, see {@link ImmediateSql}, and records only what
     * it cannot apply.
     */
    String immediate(ImmediateSql immediate, boolean eager) {
        return header(OwnSettings.fixed())
                + Names.body("#variable_conflict use_column\n"
                        + body(immediate.apply(names.aliveUntil())
                                + (eager ? ImmediateSql.guarded(eagerDelete()) : "")));
    }

    private String header(String settings) {
        return """
                CREATE OR REPLACE FUNCTION %s RETURNS trigger
                    LANGUAGE plpgsql SECURITY DEFINER %s AS\s""".formatted(names.captureFunction(), settings);
    }

    private String body(String before) {
        return """
                DECLARE
                    n bigint;
                BEGIN
                %s    IF TG_OP = 'TRUNCATE' THEN
                        INSERT INTO %s (seq, op) VALUES (n, 'T');
                        RETURN NULL;
                    END IF;
                    IF TG_OP = 'INSERT' THEN
                        INSERT INTO %s VALUES (n, 'I'%s);
                        RETURN NULL;
                    END IF;
                    INSERT INTO %s VALUES (n, 'D'%s);
                    IF TG_OP = 'UPDATE' AND (%s) THEN
                        INSERT INTO %s VALUES (nextval('%s'), 'I'%s);
                    END IF;
                    RETURN NULL;
                END
                """.formatted(
                        (merges ? notOurs() : "") + before + (names.forUndo() ? markVoid() : fallSilent()),
                        names.changes(),
                        names.changes(),
                        columns("NEW"),
                        names.changes(),
                        columns("OLD"),
                        key.isEmpty() ? "false" : keyChanged(),
                        names.changes(),
                        names.changesSequence(),
                        columns("NEW"));
    }

    private String notOurs() {
        return "    IF current_setting('" + MERGES + "', true) = " + mergeMark(names.unit())
                + " THEN\n        RETURN NULL;\n    END IF;\n";
    }

    /** Also past the deadline, and only while the table is there: whatever happens, no write of the application fails. */
    private String eagerDelete() {
        return """
                IF TG_OP IN ('UPDATE', 'DELETE') AND to_regclass(%s) IS NOT NULL THEN
                    DELETE FROM %s WHERE %s;
                END IF;
                """.formatted(
                        Names.literal(names.shadow()),
                        names.shadow(),
                        key.stream()
                                .map(k -> k.same(k.quoted(), "OLD." + k.quoted()))
                                .collect(Collectors.joining(" AND ")))
                .indent(4);
    }

    /** Whoever reads the changes looks at the same two sequences. */
    private String fallSilent() {
        return """
                -- Sequences are the same for every snapshot: an old transaction sees that the switch was renewed.
                IF (SELECT last_value FROM %s) <= extract(epoch FROM clock_timestamp()) THEN
                    RETURN NULL;
                END IF;
                n := nextval('%s');
                IF n > %d THEN
                    RETURN NULL;
                END IF;
                """.formatted(names.aliveUntil(), names.changesSequence(), limit).indent(4);
    }

    /**
     * What is recorded for an undo must last for days without a process that watches: the first write that is not recorded
     * says so for ever, in the sequence, which no rollback takes back.
     */
    private String markVoid() {
        return """
                IF (SELECT last_value FROM %1$s) <= extract(epoch FROM clock_timestamp())
                   OR (SELECT last_value FROM %2$s) >= %3$d THEN
                    IF (SELECT last_value FROM %2$s) < %4$d THEN
                        PERFORM setval('%2$s', %4$d + (SELECT last_value FROM %2$s));
                    END IF;
                    RETURN NULL;
                END IF;
                n := nextval('%2$s');
                """.formatted(names.aliveUntil(), names.changesSequence(), limit, VOID)
                .indent(4);
    }

    private String columns(String row) {
        return key.stream().map(k -> ", " + row + "." + k.quoted()).collect(Collectors.joining());
    }

    /** The condition, in a trigger, that an UPDATE changed the key. */
    String keyChanged() {
        return key.stream().map(CaptureSql::changed).collect(Collectors.joining(" OR "));
    }

    /** A key is never null, or no row could be found by it. */
    private static String changed(KeyColumn k) {
        String before = "OLD." + k.quoted();
        String after = "NEW." + k.quoted();
        return k.plain() ? before + " IS DISTINCT FROM " + after : "NOT (" + k.same(before, after) + ")";
    }

    /** The triggers, on the live table or, after the swap, on the new one. They fire for replicated changes too. */
    List<String> createTriggers(String table) {
        List<String> sql = new ArrayList<>();
        sql.add("CREATE TRIGGER " + names.rowTrigger() + " AFTER INSERT OR UPDATE OR DELETE ON " + table
                + " FOR EACH ROW EXECUTE FUNCTION " + names.captureFunction());
        sql.add("CREATE TRIGGER " + names.truncateTrigger() + " AFTER TRUNCATE ON " + table
                + " FOR EACH STATEMENT EXECUTE FUNCTION " + names.captureFunction());
        sql.add("ALTER TABLE " + table + " ENABLE ALWAYS TRIGGER " + names.rowTrigger() + ", ENABLE ALWAYS TRIGGER "
                + names.truncateTrigger());
        return sql;
    }

    /** Takes the triggers off a table. */
    static List<String> dropTriggers(UnitNames names, String table) {
        return List.of(
                "DROP TRIGGER IF EXISTS " + names.rowTrigger() + " ON " + table,
                "DROP TRIGGER IF EXISTS " + names.truncateTrigger() + " ON " + table);
    }

    /** Drops what is left of capture once the triggers are gone. */
    static List<String> dropRest(UnitNames names) {
        return List.of(
                "DROP FUNCTION IF EXISTS " + names.captureFunction(),
                "DROP TABLE IF EXISTS " + names.changes(),
                "DROP SEQUENCE IF EXISTS " + names.changesSequence());
    }
}
