package dev.neap.cli;

import dev.neap.backfill.ApplicationWrites;
import dev.neap.backfill.Backfill;
import dev.neap.backfill.ConnectionTarget;
import dev.neap.backfill.Environment;
import dev.neap.backfill.LiveWrites;
import dev.neap.backfill.Pace;
import dev.neap.backfill.PartitionRange;
import dev.neap.backfill.Profile;
import dev.neap.backfill.Rebuild;
import dev.neap.backfill.TableName;
import dev.neap.control.Claim;
import dev.neap.control.ControlStore;
import dev.neap.control.RunStatus;
import dev.neap.control.RunTotals;
import dev.neap.control.StatusReader;
import dev.neap.control.UnitRow;
import dev.neap.dialect.Database;
import dev.neap.dialect.Tuning;
import dev.neap.plan.Estimate;
import dev.neap.plan.Plan;
import dev.neap.plan.PlannedUnit;
import dev.neap.plan.Step;
import dev.neap.postgres.PostgresDialect;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine;

/** The path of a plan with many units, in a process of its own: port, database, how many. */
final class ManyUnits {
    private static final int WORKED_OFF = 30;
    private static final int FAILED = 30;

    private ManyUnits() {}

    public static void main(String[] arguments) {
        int units = Integer.parseInt(arguments[2]);
        Plan plan = plan(units);
        heap("planned");
        list(plan, units);
        heap("listed");
        ConnectionTarget target = new ConnectionTarget(
                "postgresql", "localhost", Integer.parseInt(arguments[0]), arguments[1], "postgres", null, Map.of());
        try (Database database = new PostgresDialect().open(target, Tuning.DEFAULT)) {
            database.install();
            try (ControlStore control = database.control("many units")) {
                work(control, plan, units);
            }
        }
        heap("worked off");
        System.out.println("all is well");
    }

    private static Plan plan(int units) {
        List<PlannedUnit> planned = new ArrayList<>();
        String schema = "measure";
        for (int i = 1; i <= units; i++) {
            LocalDate day = LocalDate.of(1900, 1, 1).plusDays(i);
            // Each text is its own, as it comes from the server.
            planned.add(new PlannedUnit(
                    i,
                    new TableName(schema.repeat(2), "measurements_of_a_day_" + day),
                    "FOR VALUES FROM ('" + day + " 00:00:00+00') TO ('" + day.plusDays(1) + " 00:00:00+00')",
                    10_000,
                    1_000_000,
                    500_000));
        }
        Rebuild rebuild = new Rebuild(
                new TableName("measurements", "measurements"),
                PartitionRange.all(),
                Map.of("amount", "amount * 100"),
                null,
                ApplicationWrites.OLD,
                LiveWrites.CAPTURE,
                Duration.ofDays(7));
        Backfill backfill =
                new Backfill("many-units", Profile.DEV, rebuild, Pace.unlimited(), 1_000, 3, Map.of(), List.of());
        Estimate estimate = new Estimate(10_000L * units, 1, 1, 1, 1, 1, Duration.ofHours(1));
        return new Plan(backfill, "PostgreSQL 18", planned, estimate, List.of(), List.of(), List.of(), "0".repeat(64));
    }

    /** As text and as JSON, to a place that only counts. */
    private static void list(Plan plan, int units) {
        Lines lines = new Lines();
        PrintStream out = new PrintStream(lines, false, StandardCharsets.UTF_8);
        World world = new World(
                Environment.system(),
                out,
                out,
                new BufferedReader(new StringReader("")),
                false,
                () -> 80,
                Clock.systemUTC(),
                target -> {
                    throw new IllegalStateException("nobody asks for a server here");
                });
        Answer answer = PlanCommand.of(plan, Path.of("many.yaml"));
        CommandLine neap = NeapCommand.commandLine(world);
        neap.parseArgs("plan", "many.yaml");
        Typed typed = new Typed(neap.getSubcommands().get("plan"), world.environment());
        new Report(world, typed, false, null).write(answer);
        new Report(world, typed, true, null).write(answer);
        out.flush();
        System.out.println("units listed: " + lines.positions);
        if (lines.positions != units) {
            throw new IllegalStateException("not every unit was listed");
        }
    }

    private static final Claim ANY = new Claim(Claim.Which.ANY, 1, false, Set.of());

    private static void work(ControlStore control, Plan plan, int units) {
        long run = control.create(plan, "1/00000001");
        long worker =
                control.attach(run, "many units", Duration.ofMinutes(5), false).orElseThrow();
        heap("recorded");
        long began = System.nanoTime();
        for (int i = 0; i < WORKED_OFF + FAILED; i++) {
            UnitRow unit = control.units().claim(run, worker, ANY).orElseThrow();
            if (i >= WORKED_OFF) {
                control.units().fail(unit, Step.LOAD, "for the list of failures", 0);
            }
            control.units().endAttempt(unit, "done", null);
        }
        System.out.println(
                "claims took " + (System.nanoTime() - began) / 1_000_000 / (WORKED_OFF + FAILED) + " ms each");
        RunTotals totals = control.units().totals(run);
        RunStatus status = new StatusReader(control).newest("many-units", 10).orElseThrow();
        if (status.units().all() != units
                || totals.failed() != FAILED
                || control.units().causes(run).size() != 20) {
            throw new IllegalStateException("wrong totals: " + totals);
        }
        if (control.units().retryFailed(run) != FAILED) {
            throw new IllegalStateException("the failed units are not tried again");
        }
        Optional<UnitRow> unsettled = control.units().unsettled(run, 0);
        if (unsettled.isPresent()) {
            throw new IllegalStateException("nothing was swapped");
        }
    }

    private static void heap(String when) {
        Runtime runtime = Runtime.getRuntime();
        System.gc();
        System.out.println(when + ": " + (runtime.totalMemory() - runtime.freeMemory()) / 1024 / 1024 + " MB of "
                + runtime.maxMemory() / 1024 / 1024 + " MB");
    }

    /** Counts the lines of a unit in JSON. */
    private static final class Lines extends OutputStream {
        private static final byte[] KEY = "\"position\"".getBytes(StandardCharsets.UTF_8);
        private int matched;
        private int positions;

        @Override
        public void write(int one) throws IOException {
            matched = one == KEY[matched] ? matched + 1 : one == KEY[0] ? 1 : 0;
            if (matched == KEY.length) {
                positions++;
                matched = 0;
            }
        }
    }
}
