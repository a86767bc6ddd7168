package dev.neap.dialect;

import dev.neap.rehearse.Compared;
import java.util.Map;

/** The copied table while a rehearsal is under way: it keeps account of what the table must hold in the end. */
public interface Practice {
    /** Notes every row, before the run begins. */
    void begin();

    /**
     * An application that writes, on a session of its own; what it commits is noted in the same transaction. Where the
     * rows come from other tables, one with an even seed writes those: let there be one such at a time.
     */
    Traffic writer(long seed);

    /** An application that reads rows which nobody writes, on a session of its own. */
    Traffic reader(long seed);

    /**
     * Recomputes the noted rows and compares the table with them, all columns. Nobody may write meanwhile.
     *
     * @throws NeapException UNIT when the recompute fails on a row
     */
    Compared compare();

    /** Wrong reads, by kind, that only what the table holds now shows to be wrong. Nobody may write meanwhile. */
    Map<String, Long> wrongReads();

    /** One session. Not for use by several threads at once. */
    interface Traffic extends AutoCloseable {
        /** Does one thing; what the database refuses is counted, not thrown. */
        Did once();

        @Override
        void close();
    }

    /**
     * What was done.
     *
     * @param kind `insert`, `update`, `move`, `delete`, `delete and insert`, `exchange in a source` and so
     *     on, `read`; or, for what did not happen, why not
     * @param happened whether it was committed
     * @param wrong what no application may see; empty when all was as it should be
     */
    record Did(String kind, boolean happened, String wrong) {}
}
