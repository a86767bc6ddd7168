package dev.neap.cli.demo;

import dev.neap.backfill.Backfill;
import dev.neap.backfill.BackfillFile;
import dev.neap.backfill.Environment;
import dev.neap.cli.progress.Progress;
import dev.neap.cli.server.OwnServer;
import dev.neap.dialect.Leftover;
import dev.neap.dialect.NeapException;
import dev.neap.dialect.Tuning;
import dev.neap.plan.Plan;
import dev.neap.postgres.PostgresDialect;
import dev.neap.run.Engine;
import dev.neap.run.Neap;
import dev.neap.run.Probe;
import dev.neap.run.RunResult;
import dev.neap.run.Stop;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Neap, with a backfill file as a user would write it. */
final class NeapWay implements Way {
    private final OwnServer server;
    private final Function<Plan, Progress> progress;
    private @Nullable RunResult result;
    private @Nullable RunWatch watch;

    /** @param progress who shows the run of this plan */
    NeapWay(OwnServer server, Function<Plan, Progress> progress) {
        this.server = server;
        this.progress = progress;
    }

    @Override
    public String name() {
        return "Neap";
    }

    @Override
    public String how() {
        return "per partition: shadow, capture, load, verify, one swap";
    }

    /** What a user would write. */
    static String backfill(String address) {
        return """
                backfill: amounts-in-cents
                profile: dev
                connection: %s
                rebuild:
                  table: bank.entry
                  partitions: { order: newest-first }
                  set:
                    amount: amount * 100
                    unit: "'cent'"
                  already_right: unit = 'cent'    # rows that the fixed application wrote
                  application_writes: new
                  keep_old: 7d
                pace: { rate: 200000 rows/s, pause: 50ms }
                assert:
                  books balance: SELECT coalesce(sum(amount), 0) = 0 FROM :shadow
                """.formatted(address);
    }

    /** Writes the file for this database. */
    Path write(String database) {
        Path file = server.file(database + ".yaml");
        try {
            return Files.writeString(file, backfill(server.address(database)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public Outcome rebuild(String database, Application application) {
        BackfillFile file = BackfillFile.read(write(database), Environment.system());
        long start = System.nanoTime();
        RunResult ended = run(file.backfill(), engine(file));
        Duration took = Duration.ofNanos(System.nanoTime() - start);
        List<String> remarks = new ArrayList<>();
        if (ended.outcome() != RunResult.Outcome.DONE) {
            remarks.add("ended as " + ended.outcome() + ": " + String.join("; ", ended.causes()));
        }
        return new Outcome(took, remarks);
    }

    private static Engine engine(BackfillFile file) {
        return new Neap(new PostgresDialect(), file.target(Environment.system()), Tuning.DEFAULT, Probe.NONE);
    }

    /** The replaced partitions that are still there. */
    List<Leftover> kept(String database) {
        return engine(BackfillFile.read(write(database), Environment.system())).leftovers().stream()
                .filter(each -> each.kind().equals("kept partition"))
                .toList();
    }

    private RunResult run(Backfill backfill, Engine engine) {
        Plan plan = engine.plan(backfill);
        if (plan.refused()) {
            throw new NeapException(NeapException.Kind.STOP, "Neap refuses its own demo: " + plan.findings());
        }
        try (Progress shown = progress.apply(plan)) {
            // After Ctrl-C the server is gone, and what the run says of that helps nobody.
            RunWatch watching = new RunWatch(event -> {
                if (!server.ending()) {
                    shown.on(event);
                }
            });
            watch = watching;
            RunResult ended = engine.run(plan, watching, new Stop());
            result = ended;
            return ended;
        }
    }

    RunResult result() {
        if (result == null) {
            throw new IllegalStateException("it has not run yet");
        }
        return result;
    }

    RunWatch.Summary watched() {
        if (watch == null) {
            throw new IllegalStateException("it has not run yet");
        }
        return watch.summary();
    }
}
