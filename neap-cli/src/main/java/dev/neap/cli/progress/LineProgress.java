package dev.neap.cli.progress;

import dev.neap.run.RunEvent;
import java.io.PrintStream;
import java.time.Duration;
import java.util.function.Supplier;

/** Plain lines for a log: one for each unit, and at most one in five seconds between, where something changed. */
public final class LineProgress implements Progress {
    private static final Duration BETWEEN = Duration.ofSeconds(5);

    private final RunTracker tracker;
    private final PrintStream out;
    private final Supplier<Duration> clock;
    private final Ticker ticker;
    private String last = "";

    /**
     * Begins to show a run.
     *
     * @param clock time since the beginning
     */
    public LineProgress(String backfill, PrintStream out, Supplier<Duration> clock) {
        this.tracker = new RunTracker(backfill);
        this.out = out;
        this.clock = clock;
        this.ticker = new Ticker(BETWEEN, this::tick);
    }

    @Override
    public synchronized void on(RunEvent event) {
        tracker.on(event, clock.get());
        EventText.of(event).ifPresent(line -> {
            out.println(line);
            out.flush();
        });
    }

    synchronized void tick() {
        String line = ProgressLines.plain(tracker.view(clock.get()));
        if (!line.equals(last)) {
            last = line;
            out.println(line);
            out.flush();
        }
    }

    @Override
    public synchronized void close() {
        ticker.close();
        out.flush();
    }
}
