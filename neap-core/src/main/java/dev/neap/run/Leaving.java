package dev.neap.run;

import dev.neap.control.ControlStore;
import dev.neap.control.RunStatus;
import dev.neap.control.StatusReader;
import dev.neap.dialect.Database;
import dev.neap.dialect.Leftover;
import dev.neap.dialect.NeapException;
import dev.neap.dialect.NeapException.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** Takes out of a database what Neap left there. */
final class Leaving {
    private final Database database;

    Leaving(Database database) {
        this.database = database;
    }

    /** Drops what nobody needs any more; returns it. */
    List<Leftover> dropDue() {
        return drop(Leftover::due);
    }

    /** Takes off what writes in the application's stead for a backfill; returns it. */
    List<Leftover> endDualWrite(String backfill) {
        return drop(left -> backfill.equals(left.standsInFor()));
    }

    /**
     * Drops all there is, the control tables too.
     *
     * @param force whether what would be missed may go
     * @throws NeapException USAGE while a process is at work, or where something would be missed
     */
    List<Leftover> all(boolean force) {
        refuseWhileAtWork();
        if (!force) {
            refuseWhileNeeded();
        }
        List<Leftover> dropped = drop(any -> true);
        database.uninstall();
        return dropped;
    }

    /** What goes makes other things due, such as an empty schema: looked at again until nothing is. */
    private List<Leftover> drop(Predicate<Leftover> due) {
        // Without its lock_timeout a session would wait for a lock, and everybody behind it.
        database.requireWritable();
        List<Leftover> dropped = new ArrayList<>();
        List<Leftover> now = database.leftovers().stream().filter(due).toList();
        while (!now.isEmpty()) {
            for (Leftover leftover : now) {
                database.drop(leftover);
                dropped.add(leftover);
            }
            List<Leftover> before = now;
            now = database.leftovers().stream()
                    .filter(due)
                    .filter(left ->
                            before.stream().noneMatch(gone -> gone.name().equals(left.name())))
                    .toList();
        }
        return dropped;
    }

    private void refuseWhileAtWork() {
        if (!database.installed()) {
            return;
        }
        try (ControlStore control = database.control("neap uninstall")) {
            for (RunStatus status : new StatusReader(control).newestOfEach()) {
                if (status.alive()) {
                    throw new NeapException(
                            Kind.USAGE,
                            "run " + status.runId() + " of '" + status.backfill() + "' is at work; stop it first");
                }
            }
        }
    }

    private void refuseWhileNeeded() {
        Optional<Leftover> needed = database.leftovers().stream()
                .filter(left -> !left.due() && (left.kind().equals("kept partition") || left.standsInFor() != null))
                .findFirst();
        if (needed.isPresent()) {
            throw new NeapException(
                    Kind.USAGE,
                    "the " + needed.get().kind() + " " + needed.get().name() + " would be lost ("
                            + needed.get().why() + "); say --force if it may go");
        }
    }
}
