package dev.neap.bench;

import dev.neap.run.RunEvent;
import dev.neap.run.RunListener;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Where a run's time goes: from one event to the next, by the step that it was in. */
final class StepTimes implements RunListener {
    private final Map<String, Duration> steps = new LinkedHashMap<>();
    private final List<Duration> locks = new ArrayList<>();
    private Duration verified = Duration.ZERO;
    private String current = "start";
    private long since = System.nanoTime();

    synchronized void begin() {
        enter("start");
        steps.clear();
    }

    synchronized void end() {
        enter("");
    }

    @Override
    public synchronized void on(RunEvent event) {
        if (event instanceof RunEvent.StepStarted started) {
            enter(started.step().label());
        } else if (event instanceof RunEvent.UnitDone done) {
            verified = verified.plus(done.verifyTook());
            locks.add(done.lockHeld());
            enter("after the swap");
        }
    }

    private void enter(String step) {
        long now = System.nanoTime();
        steps.merge(current, Duration.ofNanos(now - since), Duration::plus);
        current = step;
        since = now;
    }

    synchronized Map<String, Duration> steps() {
        return new LinkedHashMap<>(steps);
    }

    synchronized List<Duration> locks() {
        return List.copyOf(locks);
    }

    synchronized Duration verified() {
        return verified;
    }
}
