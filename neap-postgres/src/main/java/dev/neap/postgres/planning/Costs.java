package dev.neap.postgres.planning;

import dev.neap.backfill.Pace;
import java.time.Duration;
import java.util.List;

/** What a rebuild writes to the log and how long it takes, by a model that was fitted to real runs. */
final class Costs {
    // Bytes as seen on PostgreSQL 14 and 18 with rows of 44 to 450 bytes; large values out of line alike.
    /** A row's log record besides what the row takes in the table. */
    private static final double ROW_RECORD = 28;
    /** Marking one page all-visible. */
    private static final double PAGE_RECORD = 75;
    /** An index build logs its pages without their gaps. */
    private static final double INDEX_RECORDS = 0.91;
    /** How much of the pages that were never vacuumed is taken to be logged when the load reads it. */
    private static final double FIRST_READ = 0.6;
    /** Catalog changes and control tables, of one unit. */
    private static final long UNIT_RECORDS = 150_000;
    /** The pages of the catalog, each whole at its first change after a checkpoint. */
    private static final long CATALOG_IMAGES = 1_000_000;

    // Seconds on two cores that others used too, and so on the slow side.
    private static final double LOAD_ROW = 1.5e-6;
    private static final double LOAD_BYTE = 7e-9;
    /** Large values are compressed again. */
    private static final double LOAD_TOAST_BYTE = 25e-9;

    private static final double INDEX_ROW = 0.8e-6;
    private static final double VACUUM_BYTE = 4e-9;
    private static final double VERIFY_ROW = 2.0e-6;
    private static final double VERIFY_BYTE = 5e-9;
    /** Definitions, triggers, waits for others, the swap, settling. */
    private static final double UNIT = 0.6;

    private Costs() {}

    /**
     * How the server writes its log.
     *
     * @param hintsLogged whether page checksums (or `wal_log_hints`) make a first touch after a checkpoint log the page
     * @param indexesLogged whether an index build is logged: `wal_level` above minimal
     * @param checkpointSeconds the time between checkpoints
     */
    record Log(boolean hintsLogged, boolean indexesLogged, double checkpointSeconds) {}

    /** Log bytes of one unit. */
    static long wal(Sizes.Live live, long tableBytes, long indexBytes, Log log, Duration loading) {
        if (live.rows() == 0) {
            return UNIT_RECORDS;
        }
        double rows = live.rows() * ROW_RECORD + tableBytes;
        double visible = tableBytes / 8192.0 * PAGE_RECORD;
        double indexes = log.indexesLogged ? indexBytes * INDEX_RECORDS : 0;
        // The first read of a page that was never vacuumed marks its rows, unless a reader did so before.
        double first = live.unvacuumedBytes() * FIRST_READ;
        // Pages loaded before the last checkpoint are logged whole when a scan or VACUUM first marks them.
        double overtaken = Math.max(0, 1 - log.checkpointSeconds / Math.max(1e-3, loading.toMillis() / 1000.0));
        double images = log.hintsLogged ? first + tableBytes * overtaken : 0;
        return (long) (rows + visible + indexes + images) + UNIT_RECORDS;
    }

    /** Log bytes of a run besides its units. */
    static long runWal(Duration run, Log log) {
        return CATALOG_IMAGES * (1 + (long) (run.toMillis() / 1000.0 / Math.max(1, log.checkpointSeconds)));
    }

    /** The time to load one unit at this pace. */
    static Duration loading(Sizes.Live live, long tableBytes, Pace pace, int batchRows) {
        double plain = (double) tableBytes - live.toastBytes();
        double free = live.rows() * LOAD_ROW + Math.max(0, plain) * LOAD_BYTE + live.toastBytes() * LOAD_TOAST_BYTE;
        // A run waits between batches, and no batch is longer than a second at its rate.
        long rate = pace.rate() == null ? Long.MAX_VALUE : pace.rate().rows();
        long batch = Math.min(batchRows, rate);
        long waits = Math.max(0, (live.rows() + batch - 1) / batch - 1);
        double ceiling = (double) waits * batch / rate;
        return ofSeconds(Math.max(free, ceiling) + waits * seconds(pace.batchPause()));
    }

    /** The time that one unit takes besides loading. */
    static Duration finishing(Sizes.Live live, long tableBytes) {
        double indexes = live.indexes().size() * INDEX_ROW * live.rows();
        double verify = live.rows() * VERIFY_ROW + tableBytes * VERIFY_BYTE;
        return ofSeconds(UNIT + indexes + tableBytes * VACUUM_BYTE + verify);
    }

    /** The whole run: its units one after another, with the pauses between. */
    static Duration run(List<Duration> units, Pace pace) {
        Duration all = units.stream().reduce(Duration.ZERO, Duration::plus);
        return units.isEmpty() ? all : all.plus(pace.pause().multipliedBy(units.size() - 1L));
    }

    private static double seconds(Duration duration) {
        return duration.toNanos() / 1e9;
    }

    private static Duration ofSeconds(double seconds) {
        return Duration.ofMillis((long) Math.min(seconds * 1000, Long.MAX_VALUE / 4.0));
    }
}
