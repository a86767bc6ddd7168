package dev.neap.postgres.planning;

import dev.neap.backfill.Pace;
import dev.neap.plan.Estimate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Adds up what the units take. Pure. */
final class Estimates {
    private Estimates() {}

    /** The same where the shadows of all units are there at one moment. */
    static Estimate holding(Estimate swap, List<Sizes.Live> units, double rowBytes) {
        long all = units.stream().mapToLong(live -> Sizes.table(live, rowBytes)).sum();
        return new Estimate(
                swap.rows(),
                all,
                swap.keptBytes(),
                swap.indexBytes(),
                swap.walBytes(),
                swap.sortBytes(),
                swap.duration());
    }

    /**
     * The estimate of a run.
     *
     * @param rowBytes mean bytes of a recomputed row with its header; negative when unknown
     */
    static Estimate of(
            List<Sizes.Live> units, double rowBytes, Costs.Log log, Sizes.SortMemory memory, Pace pace, int batchRows) {
        long rows = 0;
        long shadow = 0;
        long kept = 0;
        long index = 0;
        long wal = 0;
        long sort = 0;
        List<Duration> durations = new ArrayList<>();
        for (Sizes.Live live : units) {
            long table = Sizes.table(live, rowBytes);
            long indexes = Sizes.indexes(live);
            Duration loading = Costs.loading(live, table, pace, batchRows);
            rows += live.rows();
            shadow = Math.max(shadow, table);
            kept += live.liveBytes() + live.indexBytes();
            index += indexes;
            wal += Costs.wal(live, table, indexes, log, loading);
            sort = Math.max(sort, Sizes.sort(live, table, memory));
            durations.add(loading.plus(Costs.finishing(live, table)));
        }
        Duration run = Costs.run(durations, pace);
        return new Estimate(rows, shadow, kept, index, wal + Costs.runWal(run, log), sort, run);
    }
}
