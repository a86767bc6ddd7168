package dev.neap.testkit.fill;

import dev.neap.backfill.BackfillFile;
import dev.neap.backfill.ConnectionTarget;
import dev.neap.backfill.Environment;
import dev.neap.dialect.Dialect;
import dev.neap.dialect.NeapException;
import dev.neap.run.Probe;
import dev.neap.run.RunResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.locks.LockSupport;

/** What the process does that fills and is killed. It says where it is on its standard output. */
public final class FillChild {
    private FillChild() {}

    /**
     * Runs it. Arguments: the backfill file, how many workers, and the point to stand still at, or `-` to run to the end.
     *
     * @return the exit code
     */
    public static int run(Dialect dialect, String[] args) throws IOException {
        FillRuns runs = new FillRuns(dialect);
        String yaml = Files.readString(Path.of(args[0]));
        ConnectionTarget target =
                BackfillFile.read(Path.of(args[0]), Environment.system()).target(Environment.system());
        try {
            RunResult result = runs.run(
                    runs.neap(target, standStillAt(args[2])),
                    yaml,
                    Integer.parseInt(args[1]),
                    event -> say("EVENT " + event));
            say("RESULT " + result.outcome() + " " + result);
            return result.outcome() == RunResult.Outcome.DONE ? 0 : 1;
        } catch (NeapException e) {
            say("RESULT " + e.kind() + " " + e.getMessage());
            return 1;
        }
    }

    private static Probe standStillAt(String point) {
        return at -> {
            say("POINT " + at);
            if (at.name().equals(point)) {
                say("STANDS " + at);
                while (true) {
                    // Only a SIGKILL ends it.
                    LockSupport.parkNanos(1_000_000_000L);
                }
            }
        };
    }

    private static synchronized void say(String line) {
        System.out.println(line);
        System.out.flush();
    }
}
