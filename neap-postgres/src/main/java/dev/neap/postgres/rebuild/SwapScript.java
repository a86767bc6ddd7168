package dev.neap.postgres.rebuild;

import dev.neap.postgres.query.Names;
import dev.neap.postgres.shadow.LockNeed;
import dev.neap.postgres.shadow.ShadowDefinition;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The swap as one script that goes to the server in one message: all locks under one deadline, the last looks, the swap,
 * and the unit's record, which commit together.
 */
final class SwapScript {
    private final UnitWork work;

    SwapScript(UnitWork work) {
        this.work = work;
    }

    /**
     * @param request how long locks may be waited for from now on, if that is less than what is left to the deadline
     */
    String text(Duration request, long liveOid, long parentOid) throws SQLException {
        String body = """
                DECLARE
                    deadline CONSTANT timestamptz := least(%s, clock_timestamp() + %d * interval '1 millisecond');
                    step text;
                    left_ms bigint;
                    held timestamptz;
                BEGIN
                    PERFORM neap.hold(%d, %d);
                    FOREACH step IN ARRAY ARRAY[%s]::text[] LOOP
                        left_ms := floor(extract(epoch FROM deadline - clock_timestamp()) * 1000);
                        IF left_ms < 1 THEN
                            RAISE EXCEPTION 'no time is left for: %%', step USING ERRCODE = '55P03';
                        END IF;
                        PERFORM set_config('lock_timeout', left_ms::text, true);
                        EXECUTE step;
                        held := coalesce(held, clock_timestamp());
                    END LOOP;
                    IF NOT EXISTS (SELECT FROM neap.unit WHERE id = %d AND live_oid = %d
                                   AND fingerprint = neap.fingerprint(%d, %d) AND shadow_oid = to_regclass(%s)) THEN
                        RAISE EXCEPTION 'somebody changed the table since the shadow was made' USING ERRCODE = 'NP002';
                    END IF;
                    IF EXISTS (SELECT FROM %s) THEN
                        RAISE EXCEPTION 'changes came in after the last drain' USING ERRCODE = 'NP003';
                    END IF;
                    IF (SELECT last_value FROM %s) > %d
                       OR (SELECT last_value FROM %s) <= extract(epoch FROM clock_timestamp())
                       OR (SELECT count(*) FROM pg_trigger WHERE tgrelid = %d AND tgname IN (%s, %s) AND tgenabled = 'A') <> 2 THEN
                        RAISE EXCEPTION 'capture lapsed' USING ERRCODE = 'NP004';
                    END IF;
                    %s
                    FOREACH step IN ARRAY ARRAY[%s]::text[] LOOP
                        EXECUTE step;
                    END LOOP;
                    PERFORM neap.unit_done(%d, %d, extract(epoch FROM clock_timestamp() - held)::numeric * 1000);
                END
                """.formatted(
                        Locks.DEADLINE,
                        request.toMillis(),
                        work.unit().id(),
                        work.unit().token(),
                        literals(locks()),
                        work.unit().id(),
                        liveOid,
                        liveOid,
                        parentOid,
                        Names.literal(work.names().shadow()),
                        work.names().changes(),
                        work.names().changesSequence(),
                        work.tuning().captureLimit(),
                        work.names().aliveUntil(),
                        liveOid,
                        Names.literal(work.names().rowTrigger()),
                        Names.literal(work.names().truncateTrigger()),
                        lastLookAtSources(),
                        literals(steps()),
                        work.unit().id(),
                        work.unit().token());
        return block(body) + "; COMMIT";
    }

    /** A DO block; its quotes are none that stand in it. */
    static String block(String body) {
        String tag = tagFor(body);
        return "DO " + tag + "\n" + body + tag;
    }

    /** In one fixed order, referenced tables first. */
    List<String> locks() throws SQLException {
        return work.definition().locks().stream()
                .filter(need -> !need.sequence())
                .map(LockNeed::sql)
                .toList();
    }

    /** Everything between the locks and the record. None of it takes longer for a larger partition. */
    List<String> steps() throws SQLException {
        ShadowDefinition definition = work.definition();
        List<String> steps = new ArrayList<>(
                CaptureSql.dropTriggers(work.names(), work.names().liveTable()));
        steps.addAll(work.beforeSwap());
        steps.addAll(definition.swap());
        definition.defaultCheck().ifPresent(check -> steps.add(check.dropSql()));
        steps.addAll(work.afterSwap());
        return steps;
    }

    private String lastLookAtSources() {
        return work.sources()
                .map(sources -> sources.lastLook(work.unit().id(), work.tuning().captureLimit()))
                .orElse("");
    }

    private static String literals(List<String> statements) {
        return statements.stream().map(Names::literal).collect(Collectors.joining(",\n        "));
    }

    private static String tagFor(String body) {
        String tag = "$neap_swap$";
        for (int i = 0; body.contains(tag); i++) {
            tag = "$neap_swap_" + i + "$";
        }
        return tag;
    }
}
