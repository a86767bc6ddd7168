package dev.neap.cli.rehearse;

import dev.neap.backfill.Backfill;
import dev.neap.backfill.BackfillFile;
import dev.neap.backfill.BreakerLimits;
import dev.neap.backfill.ConnectionTarget;
import dev.neap.backfill.Cutover;
import dev.neap.backfill.Environment;
import dev.neap.backfill.Hours;
import dev.neap.backfill.OnBreaker;
import dev.neap.backfill.Pace;
import dev.neap.backfill.Rebuild;
import dev.neap.backfill.Throttle;
import dev.neap.cli.progress.JsonProgress;
import dev.neap.cli.text.Json;
import dev.neap.dialect.NeapException;
import dev.neap.dialect.Tuning;
import dev.neap.plan.Plan;
import dev.neap.postgres.PostgresDialect;
import dev.neap.preflight.Finding;
import dev.neap.rebuild.Point;
import dev.neap.run.Neap;
import dev.neap.run.RunResult;
import dev.neap.run.Stop;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Neap at one run, in a process of its own, to be killed. It says what it does in lines on its standard output; at the
 * moments that it was told, it says so and waits for a line on its standard input, or for its end.
 */
final class Understudy {
    /** What a line begins with that says where it waits. */
    static final String AT = "at ";
    /** What a line begins with that says how the run ended. */
    static final String ENDED = "ended ";

    private static final Logger DRIVER_LOG = Logger.getLogger("org.postgresql");
    private static final int BATCH_ROWS = 500;

    /** The same as in a real run, but that a dead process's lease does not have to be waited for so long. */
    private static final Tuning TUNING = new Tuning(
            Duration.ofSeconds(2),
            Tuning.DEFAULT.lockDeadline(),
            Tuning.DEFAULT.courtesy(),
            Duration.ofMinutes(1),
            Tuning.DEFAULT.captureLife(),
            Tuning.DEFAULT.captureLimit());

    /** Past an error budget a run stops, and its outcome would no longer say that rows were wrong. */
    private static final BreakerLimits NEVER = new BreakerLimits(1, null, Integer.MAX_VALUE, null, OnBreaker.STOP);

    private Understudy() {}

    /** File, port, database, and the names of the moments at which to wait, with commas between. */
    public static void main(String[] arguments) {
        DRIVER_LOG.setLevel(Level.OFF);
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        String ended;
        try {
            ended = run(Path.of(arguments[0]), arguments[1], arguments[2], arguments[3], out);
        } catch (RuntimeException e) {
            ended = Json.line(Map.of("outcome", outcome(e), "causes", List.of(String.valueOf(e.getMessage()))));
        }
        out.println(ENDED + ended);
        out.flush();
        System.exit(0);
    }

    private static String outcome(RuntimeException e) {
        boolean mismatch = e instanceof NeapException ours && ours.kind() == NeapException.Kind.MISMATCH;
        return mismatch ? "mismatch" : "failed";
    }

    private static String run(Path file, String port, String database, String moments, PrintStream out) {
        Backfill backfill =
                adapted(BackfillFile.read(file, Environment.system()).backfill());
        ConnectionTarget target = target(Integer.parseInt(port), database);
        Set<String> waits = new HashSet<>(List.of(moments.split(",", -1)));
        BufferedReader orders = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        Neap neap = new Neap(new PostgresDialect(), target, TUNING, point -> moment(point, waits, out, orders));
        Plan plan = neap.plan(backfill);
        if (plan.refused()) {
            List<String> why = new ArrayList<>();
            plan.findings().stream()
                    .filter(each -> each.severity() == Finding.Severity.ERROR)
                    .forEach(each -> why.add(each.what() + "; " + each.fix()));
            return Json.line(Map.of("outcome", "failed", "causes", why));
        }
        try (JsonProgress progress = new JsonProgress(out, Clock.systemUTC())) {
            RunResult result = neap.run(plan, progress, new Stop());
            return Json.line(result);
        }
    }

    private static void moment(Point point, Set<String> waits, PrintStream out, BufferedReader orders) {
        if (waits.remove(point.name())) {
            out.println(AT + point.name());
            out.flush();
            try {
                if (orders.readLine() == null) {
                    // Whoever gave the orders is gone.
                    System.exit(1);
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    static ConnectionTarget target(int port, String database) {
        return new ConnectionTarget("postgresql", "localhost", port, database, "postgres", null, Map.of());
    }

    /** The user's backfill without what is about the real server, its hours, or all of its rows. */
    static Backfill adapted(Backfill backfill) {
        Rebuild rebuild = backfill.rebuild();
        Cutover cutover = rebuild.merges() ? Cutover.MERGE : Cutover.SWAP;
        return new Backfill(
                backfill.name(),
                backfill.profile(),
                rebuild.with(cutover).with((Hours) null),
                Pace.unlimited(),
                Math.min(backfill.batchRows(), BATCH_ROWS),
                backfill.failureLimit(),
                Map.of(),
                List.of(),
                Throttle.NONE,
                NEVER);
    }
}
