package dev.neap.cli;

import dev.neap.backfill.Environment;
import dev.neap.dialect.NeapException;
import dev.neap.run.RunEvent;
import dev.neap.run.RunListener;
import dev.neap.run.Stop;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;

/**
 * A process of its own, for tests of signals and terminals: the command line over an engine that goes on until it is asked
 * to stop. With `-Dneap.deaf=true` it does not listen; with `-Dneap.away=true` it has no session to say how it stands.
 */
final class SlowRun {
    private SlowRun() {}

    public static void main(String[] arguments) throws Exception {
        FakeEngine engine = new FakeEngine();
        engine.whileRunning = SlowRun::goOn;
        Path file = Files.createTempFile("slow", ".yaml");
        file.toFile().deleteOnExit();
        Files.writeString(file, "backfill: slow\nrebuild: { table: public.events, set: { a: b } }\n");
        World world = new World(
                Environment.system(),
                System.out,
                System.err,
                new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)),
                Terminals.present(),
                Terminals.width(),
                Clock.systemUTC(),
                target -> engine);
        String[] all = new String[arguments.length + 2];
        all[0] = "run";
        all[1] = file.toString();
        System.arraycopy(arguments, 0, all, 2, arguments.length);
        System.exit(Main.run(world, all));
    }

    private static void goOn(RunListener listener, Stop stop) {
        long rows = 0;
        listener.on(new RunEvent.UnitStarted(12, 2, FakeEngine.JANUARY, 900_000, 1, 0));
        listener.on(new RunEvent.StepStarted(12, dev.neap.plan.Step.LOAD));
        while (!stop.requested() || Boolean.getBoolean("neap.deaf")) {
            try {
                Thread.sleep(50);
            } catch (InterruptedException e) {
                return;
            }
            rows += 1_000;
            listener.on(new RunEvent.RowsLoaded(12, rows));
        }
        if (Boolean.getBoolean("neap.away")) {
            throw new NeapException(NeapException.Kind.STOPPED, "the server is away");
        }
    }
}
