package dev.neap.cli.demo;

import dev.neap.run.RunEvent;
import dev.neap.run.RunListener;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Keeps what a run tells, for the report. */
final class RunWatch implements RunListener {
    private record Wait(String why, long since) {}

    private final RunListener next;
    private final Map<Long, Wait> waits = new HashMap<>();
    private final Map<String, Duration> waited = new TreeMap<>();
    private final List<Duration> locks = new ArrayList<>();
    private Duration verifying = Duration.ZERO;
    private long verifiedUnits;

    RunWatch(RunListener next) {
        this.next = next;
    }

    /**
     * What a run told.
     *
     * @param waited how long it waited, by cause
     * @param longestLock the longest that one swap held its exclusive lock
     * @param verified units that were verified before their swap
     */
    record Summary(Map<String, Duration> waited, Duration longestLock, Duration verifying, long verified) {}

    @Override
    public void on(RunEvent event) {
        note(event, System.nanoTime());
        next.on(event);
    }

    private synchronized void note(RunEvent event, long now) {
        if (event instanceof RunEvent.Waiting waiting) {
            ended(waiting.unitId(), now);
            waits.put(waiting.unitId(), new Wait(cause(waiting.why()), now));
        } else if (event instanceof RunEvent.Going going) {
            ended(going.unitId(), now);
        } else if (event instanceof RunEvent.UnitDone done) {
            ended(done.unitId(), now);
            locks.add(done.lockHeld());
            verifying = verifying.plus(done.verifyTook());
            verifiedUnits++;
        }
    }

    private void ended(long unit, long now) {
        Wait wait = waits.remove(unit);
        if (wait != null) {
            waited.merge(wait.why(), Duration.ofNanos(now - wait.since()), Duration::plus);
        }
    }

    /** What it waits for, without who is in the way: "waits to swap". */
    private static String cause(String why) {
        return why.lines().findFirst().orElse("").split(":", 2)[0];
    }

    synchronized Summary summary() {
        return new Summary(
                new TreeMap<>(waited),
                locks.stream().max(Duration::compareTo).orElse(Duration.ZERO),
                verifying,
                verifiedUnits);
    }
}
