package dev.neap.run;

import dev.neap.control.RunRow;
import dev.neap.control.Wish;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What people want of the run right now, as the heartbeat last read it. Safe for many threads. */
final class Wishes {
    private volatile RunRow row;
    private volatile @Nullable Runnable hook;

    Wishes(RunRow row) {
        this.row = row;
    }

    void read(RunRow newest) {
        row = newest;
        Runnable now = hook;
        if (now != null) {
            now.run();
        }
    }

    void onChange(Runnable hook) {
        this.hook = hook;
    }

    Wish wish() {
        return row.wish();
    }

    /** The ceiling in rows per second; null for none. */
    @Nullable
    Long rate() {
        return row.rate();
    }

    Duration pause() {
        return row.pause();
    }

    Duration batchPause() {
        return row.batchPause();
    }
}
