package dev.neap.run;

import dev.neap.control.ControlStore;
import dev.neap.dialect.Database;
import dev.neap.dialect.PartitionRebuild.Attempt;
import dev.neap.throttle.Backoff;
import java.time.Duration;
import java.util.random.RandomGenerator;

/** When no unit is left, no table that was read is watched any more. */
final class ReadingEnd {
    private ReadingEnd() {}

    /** Tries until the patience ends; false when somebody was in the way for all of it. */
    static boolean await(
            Database database, ControlStore control, RunListener listener, Waits waits, Duration patience, long run) {
        Backoff backoff = new Backoff(Duration.ofMillis(50), Duration.ofSeconds(5), RandomGenerator.getDefault());
        long until = System.nanoTime() + patience.toNanos();
        Attempt stopped = database.stopReading(run);
        while (!stopped.got()) {
            if (System.nanoTime() > until) {
                String cause = "capture on the tables that were read cannot be stopped: " + stopped.inTheWay();
                control.event(run, null, "note", cause);
                listener.on(new RunEvent.Note(cause));
                return false;
            }
            listener.on(new RunEvent.Waiting(0, "waits to stop capture: " + stopped.inTheWay()));
            waits.sleep(backoff.next());
            stopped = database.stopReading(run);
        }
        return true;
    }
}
