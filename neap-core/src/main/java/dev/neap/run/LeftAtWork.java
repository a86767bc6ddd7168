package dev.neap.run;

import dev.neap.control.ControlStore;
import dev.neap.dialect.Database;
import java.time.Duration;
import java.util.List;

/**
 * Units that a process left at work when it ended, and that cannot be claimed: a session of its own outlived it, and is
 * still at a statement of theirs. It is asked when this process has no unit at work.
 */
final class LeftAtWork {
    private final Database database;
    private final ControlStore control;
    private final long run;
    private final Duration patience;
    private int left;
    private long until;
    private String who = "";

    LeftAtWork(Database database, ControlStore control, long run, Duration patience) {
        this.database = database;
        this.control = control;
        this.run = run;
        this.patience = patience;
    }

    /** What is waited for, in words; empty when nothing is, or the patience has ended since their number last changed. */
    String waiting() {
        int now = control.units().running(run);
        if (now != left) {
            left = now;
            until = System.nanoTime() + patience.toNanos();
            who = now == 0 ? "" : words(now);
        }
        return now == 0 || System.nanoTime() - until > 0 ? "" : "waits for " + who;
    }

    /** So many of these units, and whose sessions are at them. */
    String words(int units) {
        List<String> sessions = database.outlived(run);
        return sessions.isEmpty()
                ? units + (units == 1 ? " unit" : " units") + " that a process had at work when it ended"
                : String.join("; ", sessions);
    }
}
