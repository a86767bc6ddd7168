package dev.neap.verify;

import dev.neap.backfill.Backfill;
import dev.neap.backfill.RowsPerSecond;
import dev.neap.backfill.TableName;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Lets a verification go at its ceiling, and keeps what it says. */
final class FakeWatch implements VerifyWatch {
    final List<String> waits = new ArrayList<>();
    private final @Nullable RowsPerSecond rate;
    private final Consumer<Duration> sleep;
    /** Said at each safe point. */
    Runnable atSafePoint = () -> {};

    FakeWatch(Backfill backfill, Consumer<Duration> sleep) {
        this.rate = backfill.pace().rate();
        this.sleep = sleep;
    }

    @Override
    public void safePoint() {
        atSafePoint.run();
    }

    @Override
    public void sleep(Duration howLong) {
        sleep.accept(howLong);
    }

    @Override
    public void sleepOn(Duration howLong) {
        sleep.accept(howLong);
    }

    @Override
    public void waiting(String why) {
        waits.add(why);
    }

    @Override
    public void begins(TableName table, long about, long before) {}

    @Override
    public void read(long rows) {}

    @Override
    public @Nullable Long speed() {
        return rate == null ? null : (Long) rate.rows();
    }
}
