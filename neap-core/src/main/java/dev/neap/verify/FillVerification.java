package dev.neap.verify;

import dev.neap.backfill.Backfill;
import dev.neap.backfill.Verification;
import dev.neap.control.ControlStore;
import dev.neap.dialect.Database;
import dev.neap.dialect.NeapException;
import dev.neap.dialect.NeapException.Kind;
import dev.neap.dialect.TableVerifier;
import dev.neap.verify.VerifyRequest.Scope;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Compares what a backfill filled with what is expected, one table after another. */
public final class FillVerification {
    private final Database database;
    private final Verification verification;
    private final Duration grace;
    private final RandomGenerator random;

    /**
     * @param verification what it is held to: an element for each part of the backfill
     * @param grace how long an application may take from its first write to its second
     */
    public FillVerification(Database database, Verification verification, Duration grace, RandomGenerator random) {
        this.database = database;
        this.verification = verification;
        this.grace = grace;
        this.random = random;
    }

    /**
     * Verifies every table of a fill.
     *
     * @throws NeapException USAGE where an expectation does not fit the tables, or writes are watched while a run of the
     *     backfill is not finished; STOP when it is interrupted
     */
    public VerifyReport verify(Backfill backfill, VerifyRequest request) {
        if (request.scope() == Scope.WRITTEN) {
            refuseOwnWrites(backfill.name());
        }
        long began = System.nanoTime();
        List<TableReport> tables = new ArrayList<>();
        List<Backfill> parts = backfill.parts();
        for (int i = 0; i < parts.size(); i++) {
            tables.add(table(
                    parts.get(i),
                    Expected.of(parts.get(i).fill(), verification.expect().get(i)),
                    request));
        }
        return new VerifyReport(backfill.name(), tables, Duration.ofNanos(System.nanoTime() - began));
    }

    private void refuseOwnWrites(String backfill) {
        if (!database.installed()) {
            return;
        }
        try (ControlStore control = database.control("neap verify")) {
            control.unfinished(backfill).ifPresent(run -> {
                throw new NeapException(
                        Kind.USAGE,
                        "run " + run.id() + " of this backfill is not finished, and what it writes would pass for the"
                                + " application's; watch before the run, or after it");
            });
        }
    }

    private TableReport table(Backfill part, Expected expected, VerifyRequest request) {
        try (TableVerifier bench = database.verifier(part.with(expected.fill()))) {
            return switch (request.scope()) {
                case EVERY_ROW -> everyRow(part, expected, bench, List.of());
                case SAMPLE -> sample(part, expected, bench);
                case WRITTEN -> written(part, expected, bench, request.watch());
            };
        }
    }

    private TableReport everyRow(Backfill part, Expected expected, TableVerifier bench, List<String> more) {
        List<String> notes = new ArrayList<>(more);
        if (!bench.ground().extras().isEmpty()) {
            notes.add(bench.ground().extras());
        }
        return report(part, Scope.EVERY_ROW, expected, verifier(bench, part).verify(), notes, null);
    }

    private TableReport sample(Backfill part, Expected expected, TableVerifier bench) {
        int rows = Sample.rowsFor(verification.match(), verification.confidence());
        Optional<Tally> sampled = verifier(bench, part).sample(rows, random);
        if (sampled.isEmpty()) {
            return everyRow(
                    part,
                    expected,
                    bench,
                    List.of("every row was compared: that takes no longer here than a sample of " + rows));
        }
        return report(
                part,
                Scope.SAMPLE,
                expected,
                sampled.get(),
                List.of("not looked for: rows of " + part.fill().into() + " that nothing yields"),
                Sample.of(rows, sampled.get().picksThatDiffer(), verification.match(), verification.confidence()));
    }

    private TableReport written(Backfill part, Expected expected, TableVerifier bench, Duration watch) {
        String since = bench.moment();
        sleep(watch);
        return report(part, Scope.WRITTEN, expected, verifier(bench, part).written(since), List.of(), null);
    }

    private Verifier verifier(TableVerifier bench, Backfill part) {
        return new Verifier(bench, part, grace, FillVerification::sleep, System::nanoTime);
    }

    private static TableReport report(
            Backfill part, Scope scope, Expected expected, Tally tally, List<String> more, @Nullable Sample sample) {
        List<String> notes = new ArrayList<>(expected.notes());
        notes.addAll(more);
        return new TableReport(
                part.fill().from(),
                part.fill().into(),
                scope,
                expected.claims(),
                tally.rows(),
                tally.differences(),
                tally.named(),
                notes,
                sample);
    }

    private static void sleep(Duration howLong) {
        try {
            Thread.sleep(howLong.toMillis() + 1);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new NeapException(Kind.STOP, "the verification was interrupted", e);
        }
    }
}
