package dev.neap.postgres.planning;

import java.util.List;

/** How large a freshly built table and its indexes are: pages of 8 kB filled as PostgreSQL fills them. */
final class Sizes {
    private static final int PAGE = 8192;
    private static final int PAGE_HEADER = 24;
    private static final int ITEM_POINTER = 4;
    private static final int INDEX_TUPLE_HEADER = 8;
    private static final double BTREE_FILL = 0.9;
    /** Of a row that is sorted in memory, besides itself. */
    private static final int SORT_OVERHEAD = 32;
    /** What an expression is taken to yield. */
    private static final int UNKNOWN_KEY = 32;
    /** The free space and visibility maps of a table that is not empty. */
    private static final long MAPS = 4L * PAGE;

    private Sizes() {}

    /**
     * An index of a live partition.
     *
     * @param method the access method
     * @param keyBytes mean bytes of its columns in a row; negative when it indexes an expression
     * @param liveBytes what it occupies now
     */
    record Index(String method, double keyBytes, long liveBytes) {}

    /**
     * A live partition as the model needs it.
     *
     * @param rows rows
     * @param liveBytes rows, maps and large values
     * @param indexBytes all indexes
     * @param toastBytes large values out of line, of those
     * @param unvacuumedBytes pages of the rows that no VACUUM has found all-visible
     * @param fillfactor how full its pages are made, percent
     */
    record Live(
            long rows,
            long liveBytes,
            long indexBytes,
            long toastBytes,
            long unvacuumedBytes,
            int fillfactor,
            List<Index> indexes) {}

    /**
     * The table without its indexes.
     *
     * @param rowBytes mean bytes of a recomputed row with its header; negative when unknown
     */
    static long table(Live live, double rowBytes) {
        if (live.rows() == 0) {
            return 0;
        }
        if (rowBytes < 0 || live.toastBytes() > PAGE) {
            return live.liveBytes();
        }
        double tuple = align(rowBytes) + ITEM_POINTER;
        double perPage = Math.max(1, Math.floor((PAGE - PAGE_HEADER) * live.fillfactor() / 100.0 / tuple));
        long pages = (long) Math.ceil(live.rows() / perPage);
        return pages * PAGE + MAPS;
    }

    /** One index. Fresh, it is no larger than without a gap, and never larger than the live one, which may be shared. */
    static long index(Index index, long rows) {
        if (!index.method().equals("btree") || index.keyBytes() < 0) {
            return index.liveBytes();
        }
        double leaves = Math.ceil(rows * indexTuple(index) / ((PAGE - PAGE_HEADER) * BTREE_FILL));
        long pages = (long) (leaves * 1.005 + 1);
        return Math.min(Math.max(index.liveBytes(), 2L * PAGE), pages * PAGE);
    }

    static long indexes(Live live) {
        return live.indexes().stream().mapToLong(i -> index(i, live.rows())).sum();
    }

    /**
     * The server's memory for sorting.
     *
     * @param bytes for one index build
     * @param parallelBytes from this size of a table on, several processes sort, and they always share through files
     */
    record SortMemory(long bytes, long parallelBytes) {}

    /** Temporary space while the largest index is sorted; nothing when it fits in memory. */
    static long sort(Live live, long tableBytes, SortMemory memory) {
        boolean parallel = tableBytes - live.toastBytes() >= memory.parallelBytes();
        long largest = 0;
        for (Index index : live.indexes()) {
            if (index.method().equals("btree") || index.method().equals("hash")) {
                double tuple = indexTuple(index);
                boolean spills = parallel || live.rows() * (tuple + SORT_OVERHEAD) > memory.bytes();
                largest = Math.max(largest, spills ? (long) (live.rows() * tuple) : 0);
            }
        }
        return largest;
    }

    private static double indexTuple(Index index) {
        double key = index.keyBytes() < 0 ? UNKNOWN_KEY : index.keyBytes();
        return INDEX_TUPLE_HEADER + align(key) + ITEM_POINTER;
    }

    /** Rows are laid out in steps of eight bytes. */
    private static double align(double bytes) {
        return Math.ceil(bytes / 8) * 8;
    }
}
