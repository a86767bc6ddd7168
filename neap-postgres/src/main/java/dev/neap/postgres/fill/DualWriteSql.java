package dev.neap.postgres.fill;

import dev.neap.postgres.query.Names;
import dev.neap.postgres.query.OwnSettings;
import java.util.List;

/**
 * The function of the trigger that stands in for the application: what is written to the walked table it carries over to the
 * target, in the same transaction, by the fill's own expressions. It is the newest there is, whatever the conflict rule
 * says of older rows. No write of the application's fails for it: what cannot be carried over is set aside.
 */
final class DualWriteSql extends FillSql {
    /** Of more rows that could not be carried over it is only known that there are some. */
    private static final int MOST_SET_ASIDE = 10_000;

    private static final int LONGEST_CAUSE = 2_000;

    private static final String OLD = "neap_old";
    private static final String NEW = "neap_new";
    /** The row under whose key the target's rows are by now. */
    private static final String AT = "neap_at";

    private final List<String> deferrable;

    /** @param deferrable the constraints that could else fail at the application's COMMIT, where nothing catches it */
    DualWriteSql(FillTables tables, FillNames names, List<String> deferrable) {
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
                    neap_at %1$s;
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
                    EXCEPTION WHEN OTHERS THEN
                        BEGIN
                """
                + setAside()
                + """
                        EXCEPTION WHEN OTHERS THEN
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
                IF TG_OP <> 'INSERT' THEN
                    neap_old := OLD::%2$s;
                    neap_at := neap_old;
                    neap_meant := EXISTS (SELECT FROM %3$s WHERE %4$s);
                END IF;
                IF TG_OP <> 'DELETE' THEN
                    neap_new := NEW::%2$s;
                END IF;
                PERFORM set_config('%5$s', concat_ws(' ', neap_outer, %6$s), true);
                """.formatted(
                                Names.literal(tables.into().name().toString()),
                                from,
                                walked(OLD),
                                meant(bare()),
                                CarriedFrom.SETTING,
                                CarriedFrom.token(tables.from()))
                + (deferrable.isEmpty() ? "" : "SET CONSTRAINTS " + String.join(", ", deferrable) + " IMMEDIATE;\n")
                + "IF neap_meant AND TG_OP = 'UPDATE' AND NOT (" + sameKey() + ") THEN\n" + move()
                + ";\nIF FOUND THEN neap_at := neap_new; END IF;\nEND IF;\n"
                + "IF neap_meant THEN\n" + deleteGone() + ";\nEND IF;\n"
                + "IF TG_OP <> 'DELETE' THEN\n" + upsert() + ";\nEND IF;\n"
                + "DELETE FROM neap.quarantine AS aside WHERE " + names.mine("aside") + " AND aside.key IN ("
                + keyOf(OLD) + ", " + keyOf(NEW) + ");\n"
                + "PERFORM set_config('" + CarriedFrom.SETTING + "', neap_outer, true);\n";
    }

    /** A row that changed its key keeps what is in the target's other columns. */
    private String move() {
        return "UPDATE " + into + " AS target SET "
                + eachKey(
                        i -> Names.quote(tables.carried().get(i)) + " = "
                                + column(NEW, key.get(i).name()),
                        ", ")
                + " WHERE " + carriedIs("target", OLD) + " AND NOT EXISTS (SELECT FROM " + into + " AS there WHERE "
                + carriedIs("there", NEW) + ")";
    }

    private String deleteGone() {
        return "DELETE FROM " + into + " AS target WHERE " + carriedIs("target", AT)
                + " AND (TG_OP = 'DELETE' OR NOT EXISTS (SELECT FROM (" + made() + ") AS yielded WHERE "
                + hasItsKey("yielded") + "))";
    }

    private String upsert() {
        return insertHead() + "yielded.* FROM (" + made() + ") AS yielded\nON CONFLICT (" + Names.list(tables.target())
                + ") " + replaceWhatDiffers();
    }

    /** What the fill makes of the row as it is now. */
    private String made() {
        return "SELECT " + typedValues(bare()) + " FROM " + walked(NEW) + " WHERE " + meant(bare());
    }

    /** The expressions see the row under its table's name, and with its type. */
    private String walked(String row) {
        return "unnest(ARRAY[" + row + "]) AS " + bare();
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
