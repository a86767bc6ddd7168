package dev.neap.verify;

import dev.neap.backfill.Backfill;
import dev.neap.dialect.Difference;
import dev.neap.dialect.TableMender;
import dev.neap.dialect.TableMender.Mended;
import dev.neap.throttle.Pacer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * Mends what counts, as fast as the signals let it, at the pace of the backfill at most. There is no capture: an application that deletes or changes a row in the
 * target first meets nothing there while it is missing, and leaves no trace. So what was put in is looked at once more when
 * longer has passed than a second write may take and every older transaction has ended, and follows its source if nobody has
 * written it since. At most {@link #MOST_FOLLOWED} keys and the rows of one look are held.
 */
final class Mender implements SecondLook {
    private static final int MOST_FOLLOWED = 20_000;

    /** Rows that are locked together. */
    private static final int TOGETHER = 50;

    /** So often an open transaction, or a row that is locked, is waited for. */
    private static final int MOST_WAITS = 12;

    private final TableMender table;
    private final Backfill backfill;
    private final Duration grace;
    private final VerifyWatch watch;
    private final LongSupplier nanos;
    private final Pacer pacer = new Pacer();
    private final List<List<String>> put = new ArrayList<>();
    private long unfollowed;

    /**
     * @param backfill whose pauses it keeps
     * @param grace how long an application may take from its first write to its second
     * @param watch says how fast it may go
     * @param nanos a clock like {@code System.nanoTime}
     */
    Mender(TableMender table, Backfill backfill, Duration grace, VerifyWatch watch, LongSupplier nanos) {
        this.table = table;
        this.backfill = backfill;
        this.grace = grace;
        this.watch = watch;
        this.nanos = nanos;
    }

    @Override
    public Seen at(Map<List<String>, List<Difference>> suspected) {
        watch.safePoint();
        long began = nanos.getAsLong();
        Mended mended = table.mend(suspected);
        put.addAll(mended.put());
        pause(mended.left().size(), began, watch::sleep);
        if (put.size() >= MOST_FOLLOWED) {
            follow();
        }
        return new Seen(mended.looked(), mended.left());
    }

    private void pause(int rows, long began, Consumer<Duration> sleep) {
        Duration wait = pacer.after(rows, watch.speed(), began, nanos.getAsLong())
                .plus(rows > 0 ? backfill.pace().batchPause() : Duration.ZERO);
        if (!wait.isZero()) {
            sleep.accept(wait);
        }
    }

    /** Follows what was put in; to be called when nothing more will be. */
    void follow() {
        follow(watch::sleep);
    }

    /** The same when it is to stop: nobody else would follow it. */
    void followOn() {
        follow(watch::sleepOn);
    }

    /** @param sleep waits */
    private void follow(Consumer<Duration> sleep) {
        if (put.isEmpty()) {
            return;
        }
        sleep.accept(grace);
        for (int i = 0; i < MOST_WAITS && !table.stillOpen().isEmpty(); i++) {
            sleep.accept(grace);
        }
        boolean older = !table.stillOpen().isEmpty();
        List<List<String>> busy = busy(put, sleep);
        for (int i = 0; i < MOST_WAITS && !busy.isEmpty(); i++) {
            sleep.accept(grace);
            busy = busy(busy, sleep);
        }
        unfollowed += older ? put.size() : busy.size();
        put.clear();
    }

    /** Follows some rows, and yields those that could not be. */
    private List<List<String>> busy(List<List<String>> keys, Consumer<Duration> sleep) {
        List<List<String>> busy = new ArrayList<>();
        for (int i = 0; i < keys.size(); i += TOGETHER) {
            List<List<String>> some = keys.subList(i, Math.min(keys.size(), i + TOGETHER));
            long began = nanos.getAsLong();
            busy.addAll(table.follow(some));
            pause(some.size(), began, sleep);
        }
        return busy;
    }

    /** Rows that were put in and could not be followed to the end. */
    long unfollowed() {
        return unfollowed;
    }
}
