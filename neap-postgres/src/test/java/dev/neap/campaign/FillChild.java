package dev.neap.campaign;

import dev.neap.backfill.ConnectionTarget;
import dev.neap.dialect.NeapException;
import dev.neap.run.Probe;
import dev.neap.run.RunResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

/**
 * The process that fills and is killed. Arguments: port, database, the backfill file, how many workers, and the point to
 * stand still at, or `-` to run to the end. It says where it is on its standard output.
 */
final class FillChild {
    private FillChild() {}

    public static void main(String[] args) throws Exception {
        ConnectionTarget target = new ConnectionTarget(
                "postgresql", "localhost", Integer.parseInt(args[0]), args[1], "postgres", null, Map.of());
        try {
            RunResult result = Fills.run(
                    Fills.neap(target, standStillAt(args[4])),
                    Files.readString(Path.of(args[2])),
                    Integer.parseInt(args[3]),
                    event -> say("EVENT " + event));
            say("RESULT " + result.outcome() + " " + result);
            System.exit(result.outcome() == RunResult.Outcome.DONE ? 0 : 1);
        } catch (NeapException e) {
            say("RESULT " + e.kind() + " " + e.getMessage());
            System.exit(1);
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
