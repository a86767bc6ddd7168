package dev.neap.cli.verify;

import dev.neap.cli.progress.ProgressLines;
import dev.neap.cli.text.Text;
import dev.neap.run.RunEvent;
import dev.neap.run.RunListener;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Says how far a verification is, at most once in ten seconds, and what it waits for. Safe for many threads. */
public final class VerifyProgress implements RunListener {
    private static final Duration BETWEEN = Duration.ofSeconds(10);

    private final Consumer<String> say;
    private final LongSupplier nanos;
    private RunEvent.@Nullable ComparisonStarted table;
    private long beganNanos;
    private long saidNanos;
    private String waits = "";

    /**
     * Nothing yet.
     *
     * @param say takes a line for people
     * @param nanos a clock like {@link System#nanoTime}
     */
    public VerifyProgress(Consumer<String> say, LongSupplier nanos) {
        this.say = say;
        this.nanos = nanos;
    }

    @Override
    public synchronized void on(RunEvent event) {
        if (event instanceof RunEvent.Note note) {
            say.accept(Text.visible(note.text()));
        } else if (event instanceof RunEvent.SpeedChanged changed) {
            say.accept(Text.visible(changed.decision().words()));
        } else if (event instanceof RunEvent.Waiting waiting) {
            waits(waiting.why());
        } else if (event instanceof RunEvent.ComparisonStarted started) {
            table = started;
            beganNanos = nanos.getAsLong();
            saidNanos = beganNanos;
        } else if (event instanceof RunEvent.RowsCompared compared) {
            compared(compared.rows());
        }
    }

    private void compared(long rows) {
        RunEvent.ComparisonStarted now = table;
        if (now != null && due()) {
            waits = "";
            say.accept(line(now, rows, Math.max(1, nanos.getAsLong() - beganNanos) / 1e9));
        }
    }

    private static String line(RunEvent.ComparisonStarted table, long rows, double seconds) {
        long all = table.rowsBefore() + rows;
        long about = Math.max(all, table.rowsAbout());
        double speed = rows / seconds;
        String left = rows == 0
                ? ""
                : ", " + ProgressLines.remaining(Duration.ofMillis(Math.round((about - all) / speed * 1_000)), false);
        return table.table() + ": " + Math.min(99, 100 * all / Math.max(1, about)) + " %, " + Text.count(all)
                + " of about " + Text.count(about, "row") + " compared, " + Text.count(Math.round(speed)) + " rows/s"
                + left;
    }

    private boolean due() {
        long now = nanos.getAsLong();
        boolean due = now - saidNanos >= BETWEEN.toNanos();
        saidNanos = due ? now : saidNanos;
        return due;
    }

    /** Who is in the way is said at once, and then now and again. */
    private void waits(String why) {
        String who = why.replaceAll("\\d+", "");
        if (due() || !who.equals(waits)) {
            waits = who;
            say.accept("waits: " + Text.visible(why));
        }
    }
}
