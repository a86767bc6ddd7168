package dev.neap.postgres.rebuild;

import dev.neap.postgres.query.Names;
import dev.neap.postgres.shadow.LockNeed;
import dev.neap.postgres.shadow.ShadowDefinition;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
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
     * No request outlasts the server's deadlock_timeout: whoever waits for this one never becomes the victim of a
     * deadlock, since this one steps out before anybody looks for one. And it holds nothing yet that a writer would have to
     * wait for: or one who has read a table, and writes it, would be ended at once.
     *
     * @param request how long locks may be waited for
     * @param polls whether writers are held off first, and exclusive locks asked for as they are free
     */
    String text(Duration request, boolean polls, long liveOid, long parentOid) throws SQLException {
        String body = """
                DECLARE
                    deadline CONSTANT timestamptz := clock_timestamp()
                        + least(%d * interval '1 millisecond', current_setting('deadlock_timeout')::interval / 2);
                    locks text[];
                    place int := %d;
                    first_place int;
                    left_ms bigint;
                    step text;
                    held timestamptz;
                    had boolean := false;
                BEGIN
                    PERFORM neap.hold(%d, %d);
                %s
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
                        request.toMillis(),
                        begin(),
                        work.unit().id(),
                        work.unit().token(),
                        polls ? heldOffAndPolled() : goneRound(),
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
        long limit = work.tuning().lockDeadline().toMillis();
        return "SET LOCAL idle_in_transaction_session_timeout = " + limit + "; SET LOCAL statement_timeout = "
                + 2 * limit + "; " + block(body) + "; COMMIT";
    }

    /**
     * All locks, waited for in the queue. Where somebody is in the way who waits for a lock that was had, all are let go,
     * and it begins with the one that he holds.
     */
    private String goneRound() throws SQLException {
        return """
                    locks := ARRAY[%s]::text[];
                    WHILE NOT had LOOP
                        first_place := place;
                        BEGIN
                            FOR i IN 0 .. cardinality(locks) - 1 LOOP
                                place := (first_place + i) %% cardinality(locks);
                                left_ms := floor(extract(epoch FROM deadline - clock_timestamp()) * 1000);
                                IF left_ms < 1 THEN
                                    RAISE EXCEPTION 'no time is left for: %%', locks[place + 1] USING ERRCODE = '55P03';
                                END IF;
                                PERFORM set_config('lock_timeout',
                                    (CASE WHEN i = 0 THEN left_ms ELSE greatest(1, left_ms / 4) END)::text, true);
                                EXECUTE locks[place + 1];
                                held := coalesce(held, clock_timestamp());
                            END LOOP;
                            had := true;
                        EXCEPTION WHEN lock_not_available THEN
                            IF clock_timestamp() + interval '2 ms' > deadline THEN
                                RAISE;
                            END IF;
                            held := NULL;
                        END;
                    END LOOP;
                """.formatted(literals(locks()));
    }

    /**
     * For an application that has, at every moment, transactions which hold a referenced table and want this one, and
     * others the other way round. Its writers are held off, then readers of referenced tables; both find their way out
     * past locks that are had. Exclusive locks on the table itself are only asked for as they are free: who has read it,
     * and now writes it, would be ended if this one waited for them.
     */
    private String heldOffAndPolled() throws SQLException {
        List<String> waited = new ArrayList<>();
        List<String> polled = new ArrayList<>();
        for (String lock : locks()) {
            (waited.size() < parentsPlace() ? waited : polled).add(lock);
        }
        List<String> all = new ArrayList<>(polled);
        all.replaceAll(lock -> lock.replace("ACCESS EXCLUSIVE", "EXCLUSIVE"));
        all.addAll(waited);
        return """
                    FOREACH step IN ARRAY ARRAY[%s]::text[] LOOP
                        left_ms := floor(extract(epoch FROM deadline - clock_timestamp()) * 1000);
                        IF left_ms < 1 THEN
                            RAISE EXCEPTION 'no time is left for: %%', step USING ERRCODE = '55P03';
                        END IF;
                        PERFORM set_config('lock_timeout', left_ms::text, true);
                        EXECUTE step;
                        IF step LIKE '%%ACCESS EXCLUSIVE MODE' THEN
                            held := coalesce(held, clock_timestamp());
                        END IF;
                    END LOOP;
                    WHILE NOT had LOOP
                        BEGIN
                            FOREACH step IN ARRAY ARRAY[%s]::text[] LOOP
                                EXECUTE step || ' NOWAIT';
                                held := coalesce(held, clock_timestamp());
                            END LOOP;
                            had := true;
                        EXCEPTION WHEN lock_not_available THEN
                            IF clock_timestamp() > deadline THEN
                                RAISE;
                            END IF;
                            PERFORM pg_sleep(0.001);
                        END;
                    END LOOP;
                """.formatted(literals(all), literals(polled));
    }

    /** Where among the locks it begins: most writers have the parent's before they look at a referenced table. */
    private int begin() throws SQLException {
        return work.sources().isPresent() ? 0 : parentsPlace();
    }

    private int parentsPlace() throws SQLException {
        String parents = "LOCK TABLE ONLY " + work.definition().parent() + " ";
        return (int)
                locks().stream().takeWhile(lock -> !lock.startsWith(parents)).count();
    }

    /** A DO block; its quotes are none that stand in it. */
    static String block(String body) {
        return "DO " + Names.body(body);
    }

    /**
     * In one fixed order, those on what a recompute reads first, then referenced tables. It is gone round from the parent,
     * and again from wherever somebody was in the way: whoever holds that one, and waits for one that was had, goes on.
     */
    List<String> locks() throws SQLException {
        List<String> exclusive = work.definition().locks().stream()
                .filter(need -> !need.sequence())
                .map(LockNeed::sql)
                .toList();
        // None is taken twice: who has read a table, and then writes it, would be ended while the second one waits.
        Set<String> tables = exclusive.stream().map(SwapScript::table).collect(Collectors.toSet());
        List<String> all =
                new ArrayList<>(work.sources().map(SourceCapture::hold).orElse(List.of()));
        all.removeIf(shared -> tables.contains(table(shared)));
        all.addAll(exclusive);
        return all;
    }

    private static String table(String lock) {
        return lock.replace("\"", "").replaceAll("^LOCK TABLE (ONLY )?| IN [A-Z ]+ MODE$", "");
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
}
