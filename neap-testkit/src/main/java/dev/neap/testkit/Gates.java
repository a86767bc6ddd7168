package dev.neap.testkit;

import dev.neap.rebuild.Point;
import dev.neap.run.Probe;
import dev.neap.run.RunEvent;
import dev.neap.run.RunListener;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Holds a run up at its steps and points until the application has written some more to the partition in work, so that
 * every kind of write falls into every step.
 */
final class Gates implements Probe, RunListener {
    private static final long LONGEST_NANOS = 400_000_000;
    /** More often than this in one unit would keep a drain from ever catching up. */
    private static final int TIMES = 2;

    private final Application application;
    private final Phases phases;
    private final SplittableRandom random;
    private final int writes;
    private final int switchAfter;
    private final Map<Point, Integer> passed = new ConcurrentHashMap<>();

    /**
     * @param writes how many writes a gate waits for, at most
     * @param switchAfter after this many swaps the application writes the new form
     */
    Gates(Application application, SplittableRandom random, int writes, int switchAfter) {
        this.application = application;
        this.phases = application.phases();
        this.random = random;
        this.writes = writes;
        this.switchAfter = switchAfter;
    }

    /** Hears a run in another process, and holds nothing up. */
    void follow(RunEvent event) {
        phases.on(event);
        if (event instanceof RunEvent.UnitDone && phases.swapped() >= switchAfter) {
            switchForm();
        }
    }

    @Override
    public void on(RunEvent event) {
        phases.on(event);
        if (event instanceof RunEvent.UnitStarted) {
            passed.clear();
            hold(writes / 2);
        } else if (event instanceof RunEvent.StepStarted) {
            hold(writes);
        } else if (event instanceof RunEvent.UnitDone && phases.swapped() >= switchAfter) {
            switchForm();
        }
    }

    @Override
    public void at(Point point) {
        if (passed.merge(point, 1, Integer::sum) <= TIMES) {
            hold(writes / 2);
        }
    }

    void switchForm() {
        try {
            application.writeNewForm();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void hold(int most) {
        int partition = phases.hot();
        if (partition < 0) {
            return;
        }
        int until = phases.writes(partition) + random.nextInt(most + 1);
        long deadline = System.nanoTime() + LONGEST_NANOS;
        while (phases.writes(partition) < until && System.nanoTime() < deadline && !application.stopping()) {
            sleep(1);
        }
    }

    private static void sleep(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
