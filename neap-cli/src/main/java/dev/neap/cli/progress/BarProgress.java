package dev.neap.cli.progress;

import dev.neap.run.RunEvent;
import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.function.IntSupplier;
import java.util.function.Supplier;

/** Bars, one for the run and one for each unit at work, at the foot of a terminal, redrawn five times a second; what is worth keeping scrolls up above them. */
public final class BarProgress implements Progress {
    private final RunTracker tracker;
    private final Supplier<Duration> clock;
    private final Footer footer;
    private final IntSupplier width;
    private final Ticker ticker;

    /**
     * Begins to show a run.
     *
     * @param clock time since the beginning
     * @param width the terminal's columns, asked for at each drawing
     */
    public BarProgress(String backfill, PrintStream out, IntSupplier width, Supplier<Duration> clock) {
        this.tracker = new RunTracker(backfill);
        this.clock = clock;
        this.width = width;
        this.footer = new Footer(out);
        this.ticker = new Ticker(Duration.ofMillis(200), this::draw);
    }

    @Override
    public void on(RunEvent event) {
        tracker.on(event, clock.get());
        EventText.of(event).ifPresent(footer::above);
    }

    /** Prints a line that stays, above the bars. */
    public void say(String line) {
        footer.above(line);
    }

    private void draw() {
        List<String> lines = ProgressLines.bars(tracker.view(clock.get()), width.getAsInt());
        footer.draw(lines);
    }

    @Override
    public void close() {
        ticker.close();
        footer.close();
    }
}
