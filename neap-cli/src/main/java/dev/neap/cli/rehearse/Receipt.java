package dev.neap.cli.rehearse;

import dev.neap.backfill.TableName;
import dev.neap.rehearse.Compared;
import dev.neap.rehearse.Copied;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a rehearsal was and found. It holds no row's values.
 *
 * @param planHash the hash of the plan against the source, which a run can be held to
 * @param source the source's product and version
 * @param server the rehearsal's
 * @param unitsPlanned units of the plan against the source
 * @param unitsDone units that were rebuilt in the rehearsal
 * @param outcome as a run's
 * @param killedAt moments at which the process was killed, besides `randomKills` others
 * @param notKilledAt moments that came when there was no time for kills any more
 * @param didNotCome moments that did not come
 * @param sentBack how often a unit went back to its beginning
 * @param writes committed writes by kind
 * @param refused what writers tried and the database refused, by cause
 * @param wrongReads by kind, of readers and writers
 * @param locks how many swaps were measured; zero for a merge
 * @param compared null when the run did not end well
 */
record Receipt(
        String backfill,
        String planHash,
        Instant at,
        TableName table,
        String source,
        String server,
        boolean sameMajor,
        Copied copied,
        int unitsPlanned,
        int unitsDone,
        String outcome,
        List<String> causes,
        List<String> killedAt,
        List<String> notKilledAt,
        List<String> didNotCome,
        int randomKills,
        int sentBack,
        Map<String, Long> writes,
        Map<String, Long> refused,
        long reads,
        Map<String, Long> wrongReads,
        int locks,
        Duration lockP50,
        Duration lockMax,
        Duration longestRead,
        Duration longestWrite,
        Duration took,
        @Nullable Compared compared) {
    Verdict verdict() {
        boolean wrong = !wrongReads.isEmpty() || (compared != null && !compared.same()) || outcome.equals("mismatch");
        if (wrong) {
            return Verdict.MISMATCH;
        }
        if (!outcome.equals("done") || compared == null) {
            return Verdict.FAILED;
        }
        return notKilledAt.isEmpty() && !writesInVain() ? Verdict.GOOD : Verdict.INCOMPLETE;
    }

    /** Whether writers tried, and none of their writes was done: then the run was rehearsed beside nobody. */
    boolean writesInVain() {
        return allWrites() == 0 && !refused.isEmpty();
    }

    int kills() {
        return killedAt.size() + randomKills;
    }

    long allWrites() {
        return writes.values().stream().mapToLong(Long::longValue).sum();
    }
}
