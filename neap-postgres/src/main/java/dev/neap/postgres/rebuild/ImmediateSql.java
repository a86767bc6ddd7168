package dev.neap.postgres.rebuild;

import dev.neap.postgres.query.Names;
import dev.neap.postgres.query.OwnSettings;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What the trigger function of a unit whose last drain has committed does besides recording: it puts each change into the
 * shadow within the writer's own transaction, by the SQL of a drain. So whoever sees the change in the live partition sees
 * it in the shadow, however old his snapshot is, and nothing is left to drain before the swap. A change that cannot be
 * applied is recorded, as before; no write of the application fails for it.
 */
final class ImmediateSql {
    /** In the function's text: the last transactions that wrote the shadow, until the last drain and before it. */
    static final String DRAINED = "{neap drained}";

    static final String BEFORE = "{neap before}";

    /** Each change applied is a subtransaction of the writer's: a transaction that makes more than this would burden others. */
    private static final int MOST_OF_ONE_TRANSACTION = 10_000;

    private final RebuildSql sql;
    private final String keyChanged;
    private final String counter;
    private final List<String> deferrable;

    /**
     * @param keyChanged the condition that an UPDATE changed the key
     * @param unit whose capture it is
     * @param deferrable the shadow's constraints that could else fail at the application's COMMIT, where nothing catches it
     */
    ImmediateSql(RebuildSql sql, String keyChanged, long unit, List<String> deferrable) {
        this.sql = sql;
        this.keyChanged = keyChanged;
        this.counter = "neap.applied_" + unit;
        this.deferrable = deferrable;
    }

    /**
     * A transaction whose snapshot is older than the last drain does not see the rows that this put into the shadow, and a
     * DELETE would miss them in silence; their keys it still sees recorded. Before the drain before that one it sees too
     * little altogether. Past the dead-man's deadline nothing is applied.
     */
    String apply(String aliveUntil) {
        return """
                    IF TG_OP <> 'TRUNCATE' THEN
                        BEGIN
                            IF (SELECT last_value FROM %7$s) > extract(epoch FROM clock_timestamp())
                               AND coalesce(nullif(current_setting('%1$s', true), ''), '0')::int < %2$d
                               AND (pg_visible_in_snapshot('%3$s'::xid8, pg_current_snapshot())
                                    OR pg_visible_in_snapshot('%4$s'::xid8, pg_current_snapshot())
                                       AND NOT (TG_OP <> 'INSERT' AND %5$s)
                                       AND NOT (TG_OP <> 'DELETE' AND %6$s)) THEN
                                PERFORM set_config('%1$s', (coalesce(nullif(current_setting('%1$s', true), ''), '0')::int + 1)::text, true);
                """.formatted(
                                counter,
                                MOST_OF_ONE_TRANSACTION,
                                DRAINED,
                                BEFORE,
                                sql.recorded("OLD"),
                                sql.recorded("NEW"),
                                aliveUntil)
                + steps()
                + """
                                RETURN NULL;
                            END IF;
                        EXCEPTION WHEN OTHERS THEN
                            NULL;
                        END;
                    END IF;
                """;
    }

    /** State by state and not change by change, so that one statement may exchange keys. The text of expressions stays as it is. */
    private String steps() {
        String isNew = "IF TG_OP = 'INSERT' OR TG_OP = 'UPDATE' AND (" + keyChanged + ") THEN ";
        String isOld = "IF TG_OP <> 'INSERT' THEN ";
        return Stream.of(
                        deferrable.isEmpty()
                                ? ""
                                : "SET CONSTRAINTS " + String.join(", ", deferrable) + " IMMEDIATE;\n",
                        isOld + sql.deleteSame("OLD") + "; END IF;\n",
                        isNew + sql.deleteSame("NEW") + "; END IF;\n",
                        isOld + sql.insertSame("OLD") + "; END IF;\n",
                        isNew + sql.insertSame("NEW") + "; END IF;\n")
                .collect(Collectors.joining());
    }

    /** The same, and nothing that goes wrong with it reaches the application. */
    static String guarded(String statements) {
        return "    BEGIN\n" + statements + "    EXCEPTION WHEN OTHERS THEN\n        NULL;\n    END;\n";
    }

    /**
     * What makes the function, in a block that knows the two transactions as {@code drained} and {@code before}. No
     * temporary table of the application's is meant by any name.
     */
    static String make(String function) {
        return "PERFORM " + OwnSettings.temporaryLast() + ";\nEXECUTE replace(replace(" + Names.literal(function)
                + ", '" + DRAINED + "', drained::text), '" + BEFORE + "', before::text);\n";
    }
}
