package dev.neap.run;

import dev.neap.backfill.Backfill;
import dev.neap.backfill.BreakerLimits;
import dev.neap.backfill.Throttle;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which run is to be undone.
 *
 * @param run its number; 0 for the newest rebuild of the backfill
 * @param backfill the backfill's name; null where the run is named by its number
 * @param partitions which of its partitions, each as `name` or `schema.name`; empty for all
 * @param replicas URLs of hot standbys whose readers are waited for, as the file has them; null without a file
 * @param onlyFailed whether, of an undo that was begun, only units are tried that had failed
 * @param throttle the signals that it heeds, as the file has them; null without a file, where it heeds those of `prod`
 * @param endedBy what ends it; null where only the usual limits for those signals do
 */
public record UndoRequest(
        long run,
        @Nullable String backfill,
        List<String> partitions,
        @Nullable List<String> replicas,
        boolean onlyFailed,
        @Nullable Throttle throttle,
        @Nullable BreakerLimits endedBy) {
    /** Heeds the signals of `prod`. */
    public UndoRequest(
            long run,
            @Nullable String backfill,
            List<String> partitions,
            @Nullable List<String> replicas,
            boolean onlyFailed) {
        this(run, backfill, partitions, replicas, onlyFailed, null);
    }

    /** Is ended by the usual limits. */
    public UndoRequest(
            long run,
            @Nullable String backfill,
            List<String> partitions,
            @Nullable List<String> replicas,
            boolean onlyFailed,
            @Nullable Throttle throttle) {
        this(run, backfill, partitions, replicas, onlyFailed, throttle, null);
    }

    public UndoRequest {
        partitions = List.copyOf(partitions);
        replicas = replicas == null ? null : List.copyOf(replicas);
    }

    /** The same with the standbys, the signals and the limits of a file; its hours are no matter to what a person asks for now. */
    public UndoRequest declaredBy(Backfill file) {
        return new UndoRequest(
                run,
                backfill,
                partitions,
                file.replicas(),
                onlyFailed,
                file.throttle().atAnyTime(),
                file.breaker().toStop());
    }

    /** The same where a replica that is far behind is waited for, however long. */
    UndoRequest afterReplicas() {
        return new UndoRequest(
                run,
                backfill,
                partitions,
                replicas,
                onlyFailed,
                throttle,
                endedBy == null ? null : endedBy.withoutReplicaLag());
    }
}
