package dev.neap.postgres.fill;

import dev.neap.postgres.query.Names;
import dev.neap.postgres.query.OwnSettings;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The function of the trigger that stands in for the application: what is written to the walked table it carries over to the
 * target, in the same transaction, by the fill's own expressions. It is the newest there is, whatever the conflict rule
 * says of older rows. No write of the application's fails for it: what cannot be carried over is set aside.
 *
 * <p>Where another trigger, or a cascade, writes the same row again, this one is told of the later write first. So what it
 * is told of says only which keys are concerned: what is carried over are the rows that have them now.
 */
final class DualWriteSql extends FillSql {
    /** Of more rows that could not be carried over it is only known that there are some. */
    private static final int MOST_SET_ASIDE = 10_000;

    private static final int LONGEST_CAUSE = 2_000;

    private static final String OLD = "neap_old";
    private static final String NEW = "neap_new";
    /**
     * The row that has the old key now; none, where none has. Nor is it one to which the same statement has given the key,
     * each row taking that of the one before: this trigger is told of that row next.
     */
    private static final String THERE = "neap_there";
    /** The row that has the new key now; none, where none has. */
    private static final String NOW = "neap_now";

    private final List<Deferrable> deferrable;

    /** @param deferrable the constraints that could else fail at the application's COMMIT, where nothing catches it */
    DualWriteSql(FillTables tables, FillNames names, List<Deferrable> deferrable) {
        super(tables, names);
        this.deferrable = List.copyOf(deferrable);
    }

    /** Makes the function. */
    String function() {
        String body = "\n#variable_conflict use_column\n"
                + """
                DECLARE
                    neap_old %1$s;
                    neap_new %1$s;
                    neap_there %1$s[];
                    neap_now %1$s[];
                    neap_meant boolean := false;
                    neap_outer text := coalesce(current_setting('%2$s', true), '');
                BEGIN
                    IF %3$s = ANY (string_to_array(neap_outer, ' ')) THEN
                        RETURN NULL;
                    END IF;
                    BEGIN
                """.formatted(from, CarriedFrom.SETTING, CarriedFrom.token(tables.into()))
                + carry()
                + """
                    EXCEPTION WHEN OTHERS OR ASSERT_FAILURE THEN
                        BEGIN
                """
                + setAside()
                + """
                        EXCEPTION WHEN OTHERS OR ASSERT_FAILURE THEN
                            -- The application's write comes first, and there is nobody else to be told.
                            NULL;
                        END;
                    END;
                    RETURN NULL;
                END
                """;
        return "CREATE OR REPLACE FUNCTION " + names.dualFunction() + " RETURNS trigger\n"
                + "    LANGUAGE plpgsql SECURITY DEFINER " + OwnSettings.fixed() + " AS " + Names.body(body);
    }

    private String carry() {
        return """
                IF TG_OP = 'TRUNCATE' THEN
                    RAISE EXCEPTION 'TRUNCATE is not carried over to %%', %1$s;
                END IF;
                IF TG_OP <> 'DELETE' THEN
                    neap_new := NEW::%2$s;
                    neap_now := %3$s;
                END IF;
                IF TG_OP <> 'INSERT' THEN
                    neap_old := OLD::%2$s;
                    neap_meant := EXISTS (SELECT FROM %4$s WHERE %5$s);
                    IF TG_OP = 'UPDATE' AND %6$s THEN
                        neap_there := neap_now;
                    ELSE
                        neap_there := %7$s;
                    END IF;
                END IF;
                PERFORM set_config('%8$s', concat_ws(' ', neap_outer, %9$s), true);
                """.formatted(
                                Names.literal(tables.into().name().toString()),
                                from,
                                "ARRAY(" + withKeyOf(NEW, "neap_row") + ")",
                                walked("ARRAY[" + OLD + "]"),
                                meant(bare()),
                                sameKey(),
                                "ARRAY(" + withKeyOf(OLD, "neap_row") + " AND neap_row.cmin IS DISTINCT FROM ("
                                        + withKeyOf(NEW, "neap_row.cmin") + "))",
                                CarriedFrom.SETTING,
                                CarriedFrom.token(tables.from()))
                + checkedAtOnce()
                + "IF neap_meant AND TG_OP = 'UPDATE' AND NOT (" + sameKey() + ") AND cardinality(" + NOW
                + ") > 0 THEN\n" + move() + ";\nIF FOUND THEN\n" + deleteGone(NEW, NOW) + ";\nEND IF;\nEND IF;\n"
                + "IF neap_meant THEN\n" + deleteGone(OLD, THERE) + ";\nEND IF;\n"
                + "IF cardinality(" + NOW + ") > 0 THEN\n" + upsert() + ";\nEND IF;\n"
                + "DELETE FROM neap.quarantine AS aside WHERE " + names.mine("aside")
                + " AND aside.key IN (CASE WHEN cardinality(" + THERE + ") = 0 THEN " + keyOf(OLD)
                + " END, CASE WHEN cardinality(" + NOW + ") > 0 THEN " + keyOf(NEW) + " END);\n"
                + set(deferrable.stream(), "IMMEDIATE")
                + set(deferrable.stream().filter(Deferrable::waits), "DEFERRED")
                + "PERFORM set_config('" + CarriedFrom.SETTING + "', neap_outer, true);\n";
    }

    /**
     * What is checked only after the writes is looked through again for each row of a large transaction. But where a row of
     * the application's waits for the one that is carried over, it must be.
     */
    private String checkedAtOnce() {
        return deferrable.isEmpty()
                ? ""
                : "BEGIN\n" + set(deferrable.stream(), "IMMEDIATE")
                        + "EXCEPTION WHEN OTHERS OR ASSERT_FAILURE THEN\nNULL;\nEND;\n";
    }

    /** The application goes on in the same transaction, and relies on those that wait. */
    private static String set(Stream<Deferrable> constraints, String when) {
        String names = constraints.map(Deferrable::name).collect(Collectors.joining(", "));
        return names.isEmpty() ? "" : "SET CONSTRAINTS " + names + " " + when + ";\n";
    }

    /** What the walked table has now: a volatile function sees what its own transaction has written last. */
    private String withKeyOf(String row, String what) {
        return "SELECT " + what + " FROM " + from + " AS neap_row WHERE "
                + eachKey(
                        i -> key.get(i)
                                .same(
                                        column("neap_row", key.get(i).name()),
                                        column(row, key.get(i).name())),
                        " AND ");
    }

    /**
     * A row that changed its key keeps what is in the target's other columns. What the target has of a row that was given
     * the old key since stays where it is.
     */
    private String move() {
        return "UPDATE " + into + " AS target SET "
                + eachKey(
                        i -> Names.quote(tables.carried().get(i)) + " = "
                                + column(NEW, key.get(i).name()),
                        ", ")
                + " WHERE " + carriedIs("target", OLD) + " AND NOT EXISTS (SELECT FROM " + into + " AS there WHERE "
                + carriedIs("there", NEW) + ") AND NOT EXISTS (SELECT FROM (" + made(THERE) + ") AS yielded WHERE "
                + hasItsKey("yielded") + (others().isEmpty() ? "" : " AND NOT (" + differs("yielded") + ")") + ")";
    }

    /** Takes out what the row that has the key now does not become. */
    private String deleteGone(String row, String now) {
        return "DELETE FROM " + into + " AS target WHERE " + carriedIs("target", row) + " AND NOT EXISTS (SELECT FROM ("
                + made(now) + ") AS yielded WHERE " + hasItsKey("yielded") + ")";
    }

    private String upsert() {
        return insertHead() + "yielded.* FROM (" + made(NOW) + ") AS yielded\nON CONFLICT ("
                + Names.list(tables.target()) + ") " + replaceWhatDiffers();
    }

    /** What the fill makes of them. */
    private String made(String rows) {
        return "SELECT " + typedValues(bare()) + " FROM " + walked(rows) + " WHERE " + meant(bare());
    }

    /** The expressions see the rows under their table's name, and with its type. */
    private String walked(String rows) {
        return "unnest(" + rows + ") AS " + bare();
    }

    private String bare() {
        return Names.quote(tables.from().name().name());
    }

    private String sameKey() {
        return eachKey(
                i -> key.get(i)
                        .same(
                                column(OLD, key.get(i).name()),
                                column(NEW, key.get(i).name())),
                " AND ");
    }

    private String carriedIs(String alias, String row) {
        return eachKey(
                i -> alias + "." + Names.quote(tables.carried().get(i)) + " = "
                        + column(row, key.get(i).name()),
                " AND ");
    }

    private String keyOf(String row) {
        return "ARRAY[" + eachKey(i -> column(row, key.get(i).name()) + "::text", ", ") + "]";
    }

    private String setAside() {
        return """
                INSERT INTO neap.quarantine (run_id, part, key, cause, missed)
                SELECT DISTINCT %1$d, %2$d, made.key, left('the trigger %3$s: ' || SQLERRM, %4$d), true
                FROM (VALUES (TG_OP = 'TRUNCATE', ARRAY[]::text[]), (TG_OP IN ('UPDATE', 'DELETE'), %5$s),
                             (TG_OP IN ('INSERT', 'UPDATE'), %6$s)) AS made (holds, key)
                WHERE made.holds AND (SELECT count(*) FROM (SELECT FROM neap.quarantine AS aside WHERE %7$s LIMIT %8$d)
                                      AS few) < %8$d
                ON CONFLICT (run_id, part, key) DO UPDATE SET cause = EXCLUDED.cause, at = clock_timestamp(), missed = true;
                """.formatted(
                        names.run(),
                        names.part(),
                        names.dualTrigger(),
                        LONGEST_CAUSE,
                        keyOf(OLD),
                        keyOf(NEW),
                        names.mine("aside"),
                        MOST_SET_ASIDE);
    }
}
