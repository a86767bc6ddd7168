package dev.neap.postgres.planning;

import dev.neap.backfill.Backfill;
import dev.neap.backfill.Pace;
import dev.neap.plan.Estimate;
import dev.neap.preflight.Finding;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What a merge of the same rows takes, beside the swap that was estimated. Pure. */
final class MergeCosts {
    private static final double PAGE = 8192;
    /** The log record of an updated row, besides the row. */
    private static final double UPDATE_RECORD = 90;
    /** The log record of a new index entry, besides the entry. */
    private static final double ENTRY_RECORD = 72;
    /** An index entry's header and its place in the page. */
    private static final double ENTRY = 12;
    /** What the checkpoints of the batches log, for each thousand rows looked at. */
    private static final double BATCH_RECORDS = 600;
    /** Seconds for a row that is locked and updated. */
    private static final double MERGE_ROW = 12e-6;

    private MergeCosts() {}

    /**
     * The estimate of a merge.
     *
     * @param swap what the same backfill takes with swaps
     * @param rowBytes mean bytes of a recomputed row with its header; negative when unknown
     * @param keyBytes mean bytes of the primary key's columns in a row
     * @param share of the rows, those that the recompute changes, 0 to 1
     */
    static Estimate of(
            Estimate swap,
            List<Sizes.Live> units,
            double rowBytes,
            double keyBytes,
            double share,
            Costs.Log log,
            Backfill backfill) {
        long index = 0;
        long wal = 0;
        List<Duration> durations = new ArrayList<>();
        for (Sizes.Live live : units) {
            long table = Sizes.table(live, rowBytes);
            long key = live.rows() == 0 ? 0 : primaryKey(live, keyBytes);
            Duration loading = Costs.loading(live, table, backfill.pace(), backfill.batchRows());
            index += key;
            // The shadow is not logged.
            wal += Costs.wal(live, 0, 0, log, loading) + updates(live, rowBytes, share);
            durations.add(loading.plus(Costs.finishing(live, table)).plus(merging(live.rows() * share, backfill)));
        }
        Duration run = Costs.run(durations, backfill.pace());
        return new Estimate(
                swap.rows(), swap.shadowBytes(), 0, index, wal + Costs.runWal(run, log), swap.sortBytes(), run);
    }

    private static long primaryKey(Sizes.Live live, double keyBytes) {
        return Sizes.index(new Sizes.Index("btree", keyBytes, Long.MAX_VALUE), live.rows());
    }

    /** Each page that is touched is logged whole once; then each new row, and its entry in each index. */
    private static long updates(Sizes.Live live, double rowBytes, double share) {
        if (live.rows() == 0 || share <= 0) {
            return 0;
        }
        double rows = live.rows();
        double changed = rows * share;
        double heap = Math.max(0.0, (double) live.liveBytes() - live.toastBytes());
        double row = rowBytes > 0 ? rowBytes : heap / rows;
        double bytes = touched(heap, rows, share) + changed * (row + UPDATE_RECORD);
        for (Sizes.Index each : live.indexes()) {
            double entry = ENTRY + Math.max(8, each.keyBytes());
            bytes += touched((double) each.liveBytes(), rows, share) + changed * (entry + ENTRY_RECORD);
        }
        return (long) (bytes + rows / 1000.0 * BATCH_RECORDS);
    }

    /** Bytes of the pages on which at least one of the changed rows is, when they are spread evenly. */
    private static double touched(double bytes, double rows, double share) {
        double perPage = rows / Math.max(1, bytes / PAGE);
        return bytes * (1 - Math.pow(1 - share, perPage));
    }

    private static Duration merging(double rows, Backfill backfill) {
        Pace pace = backfill.pace();
        double free = rows * MERGE_ROW;
        double ceiling = pace.rate() == null ? 0 : rows / pace.rate().rows();
        return Duration.ofMillis((long) (Math.max(free, ceiling) * 1000));
    }

    /** Which of the two is the lighter, for people. */
    static Finding compared(Estimate swap, Estimate merge, double share, boolean merges) {
        String lighter = swap.walBytes() <= merge.walBytes() ? "a swap is the lighter" : "a merge is the lighter";
        return Finding.note(
                "cutover",
                String.format(
                        Locale.ROOT,
                        "%.1f %% of the sampled rows change: a swap writes about %s of log, a merge about %s; %s",
                        share * 100,
                        megabytes(swap.walBytes()),
                        megabytes(merge.walBytes()),
                        lighter),
                merges
                        ? "a merge leaves a dead row for each that it changes, which autovacuum clears, and keeps no old"
                                + " partition"
                        : "rebuild.cutover chooses; a merge replaces no partition, but readers see rows change one batch"
                                + " after another");
    }

    private static String megabytes(long bytes) {
        return String.format(Locale.ROOT, "%,d MB", Math.max(1, Math.round(bytes / 1e6)));
    }
}
