package dev.neap.run;

import dev.neap.backfill.Backfill;
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
 */
public record UndoRequest(
        long run,
        @Nullable String backfill,
        List<String> partitions,
        @Nullable List<String> replicas,
        boolean onlyFailed,
        @Nullable Throttle throttle) {
    /** Heeds the signals of `prod`. */
    public UndoRequest(
            long run,
            @Nullable String backfill,
            List<String> partitions,
            @Nullable List<String> replicas,
            boolean onlyFailed) {
        this(run, backfill, partitions, replicas, onlyFailed, null);
    }

    public UndoRequest {
        partitions = List.copyOf(partitions);
        replicas = replicas == null ? null : List.copyOf(replicas);
    }

    /** The same with the standbys and the signals of a file; its hours are no matter to what a person asks for now. */
    public UndoRequest declaredBy(Backfill file) {
        return new UndoRequest(
                run,
                backfill,
                partitions,
                file.replicas(),
                onlyFailed,
                file.throttle().atAnyTime());
    }
}
