package dev.neap.cli.progress;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.neap.cli.text.Json;
import dev.neap.run.RunEvent;
import java.io.PrintStream;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** One JSON object in one line for each event, with its run and its unit; of loaded rows at most one a second, of a wait one. */
public final class JsonProgress implements Progress {
    private static final Duration BETWEEN = Duration.ofSeconds(1);

    private final PrintStream out;
    private final Clock clock;
    private Instant lastLoaded = Instant.EPOCH;
    private @Nullable RunEvent lastWaiting;
    private long run;

    public JsonProgress(PrintStream out, Clock clock) {
        this.out = out;
        this.clock = clock;
    }

    @Override
    public synchronized void on(RunEvent event) {
        if (event instanceof RunEvent.SignalRead || event instanceof RunEvent.SpeedLimit) {
            // Too many to read; what follows from them is a change of speed, and metrics have them all.
            return;
        }
        Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
        if (event instanceof RunEvent.RowsLoaded) {
            if (Duration.between(lastLoaded, now).compareTo(BETWEEN) < 0) {
                return;
            }
            lastLoaded = now;
        }
        if (event instanceof RunEvent.Waiting && event.equals(lastWaiting)) {
            return;
        }
        if (event instanceof RunEvent.Waiting || event instanceof RunEvent.Going) {
            lastWaiting = event;
        }
        if (event instanceof RunEvent.Started started) {
            run = started.runId();
        }
        out.println(Json.line(line(event, now)));
        out.flush();
    }

    private ObjectNode line(RunEvent event, Instant now) {
        ObjectNode line = Json.object();
        line.put("event", snake(event.getClass().getSimpleName())).put("at", now.toString());
        if (run != 0) {
            line.put("run_id", run);
        }
        line.setAll(Json.object(event));
        return line;
    }

    private static String snake(String name) {
        return name.replaceAll("(?<=[a-z])(?=[A-Z])", "_").toLowerCase(Locale.ROOT);
    }

    @Override
    public void close() {
        out.flush();
    }
}
