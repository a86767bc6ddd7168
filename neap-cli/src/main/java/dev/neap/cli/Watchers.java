package dev.neap.cli;

import dev.neap.cli.progress.BarProgress;
import dev.neap.cli.progress.JsonProgress;
import dev.neap.cli.progress.LineProgress;
import dev.neap.cli.progress.Progress;
import dev.neap.run.RunEvent;
import dev.neap.run.RunListener;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Those who hear what a run does: a file or a log, a person at a terminal, or both. */
record Watchers(
        World world, @Nullable Progress lines, @Nullable BarProgress bars) implements RunListener, AutoCloseable {
    /** @param name the backfill's */
    static Watchers of(World world, String name, Report report) {
        Instant begin = world.clock().instant();
        Supplier<Duration> clock =
                () -> Duration.between(begin, world.clock().instant().truncatedTo(ChronoUnit.MILLIS));
        boolean bars = world.terminal() && !(report.json() && report.toTerminal());
        boolean lines = !bars || !report.toTerminal();
        return new Watchers(
                world,
                lines ? lines(world, name, report, clock) : null,
                bars ? new BarProgress(name, world.out(), world.width(), clock) : null);
    }

    private static Progress lines(World world, String name, Report report, Supplier<Duration> clock) {
        return report.json()
                ? new JsonProgress(report.place(), world.clock())
                : new LineProgress(name, report.place(), clock);
    }

    @Override
    public void on(RunEvent event) {
        if (lines != null) {
            lines.on(event);
        }
        if (bars != null) {
            bars.on(event);
        }
    }

    void say(String text) {
        if (bars == null) {
            world.err().println("neap: " + text);
        } else {
            bars.say("neap: " + text);
        }
    }

    @Override
    public void close() {
        if (lines != null) {
            lines.close();
        }
        if (bars != null) {
            bars.close();
        }
    }
}
