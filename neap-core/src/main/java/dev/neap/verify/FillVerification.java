package dev.neap.verify;

import dev.neap.backfill.Backfill;
import dev.neap.backfill.Durations;
import dev.neap.backfill.Verification;
import dev.neap.control.ControlStore;
import dev.neap.control.KeptEvidence;
import dev.neap.control.RunRow;
import dev.neap.control.Verifications.Reached;
import dev.neap.dialect.Database;
import dev.neap.dialect.Keeping;
import dev.neap.dialect.NeapException;
import dev.neap.dialect.NeapException.Kind;
import dev.neap.dialect.TableMender;
import dev.neap.dialect.TableVerifier;
import dev.neap.preflight.Finding;
import dev.neap.verify.VerifyRequest.Fix;
import dev.neap.verify.VerifyRequest.Scope;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Compares what a backfill filled with what is expected, one table after another. */
public final class FillVerification {
    /** What ends it in the middle. */
    private static final Set<Kind> LEFT_OFF = Set.of(Kind.STOPPED, Kind.LOCK, Kind.BREAKER, Kind.UNKNOWN);

    private final Database database;
    private final Verification verification;
    private final Duration grace;
    private final Duration patience;
    private final RandomGenerator random;
    private final VerifyWatch watch;

    /**
     * @param verification what it is held to: an element for each part of the backfill
     * @param grace how long an application may take from its first write to its second
     * @param patience how long somebody who has locked a table is waited for
     * @param watch says how fast it may go
     */
    public FillVerification(
            Database database,
            Verification verification,
            Duration grace,
            Duration patience,
            RandomGenerator random,
            VerifyWatch watch) {
        this.database = database;
        this.verification = verification;
        this.grace = grace;
        this.patience = patience;
        this.random = random;
        this.watch = watch;
    }

    /**
     * Verifies every table of a fill.
     *
     * @throws NeapException USAGE where an expectation does not fit the tables, or rows are to be mended while a run of the
     *     backfill is not finished, or writes to be watched and the run's cannot be told from the application's, or what would
     *     be written is what a run may not write; STOP when the run ends while writes are watched; STOPPED and BREAKER as the watch says; LOCK when somebody has
     *     locked a table for too long
     */
    public VerifyReport verify(Backfill backfill, VerifyRequest request) {
        boolean asked = request.scope() == Scope.WRITTEN || request.fix() != Fix.NONE;
        OptionalLong unfinished = asked ? unfinished(backfill) : OptionalLong.empty();
        if (request.fix() != Fix.NONE && unfinished.isPresent()) {
            throw new NeapException(
                    Kind.USAGE,
                    "run " + unfinished.getAsLong()
                            + " of this backfill is not finished, and what is missing is still its"
                            + " to write; finish the run first");
        }
        // What the application writes before a run is all that --dual-write looks at; assertions are about what is
        // filled.
        Assertions assertions = new Assertions(
                database::holds,
                request.scope() == Scope.WRITTEN ? Map.of() : backfill.assertions(),
                grace,
                watch::sleep);
        assertions.tryOut();
        long began = System.nanoTime();
        try (Checkpoints checkpoints = checkpoints(backfill, request)) {
            return verify(backfill, request, assertions, unfinished, checkpoints, began);
        }
    }

    private VerifyReport verify(
            Backfill backfill,
            VerifyRequest request,
            Assertions assertions,
            OptionalLong unfinished,
            Checkpoints checkpoints,
            long began) {
        try {
            List<TableReport> tables = new ArrayList<>();
            List<Backfill> parts = backfill.parts();
            for (int i = 0; i < parts.size(); i++) {
                tables.add(table(
                        parts.get(i),
                        Expected.of(parts.get(i).fill(), verification.expect().get(i)),
                        request,
                        unfinished,
                        checkpoints));
            }
            if (request.scope() == Scope.WRITTEN && !unfinished(backfill).equals(unfinished)) {
                throw meanwhile("a run of this backfill began or ended");
            }
            VerifyReport report = new VerifyReport(
                    backfill.name(),
                    tables,
                    assertions.judge(),
                    Duration.ofNanos(System.nanoTime() - began),
                    request.scope() == Scope.WRITTEN ? List.of() : readers(backfill));
            checkpoints.over();
            return report;
        } catch (NeapException e) {
            throw LEFT_OFF.contains(e.kind())
                    ? new NeapException(e.kind(), e.getMessage() + "; " + checkpoints.where(), e)
                    : e;
        }
    }

    /** What mends begins anew each time; a sample has other rows each time, and aggregates are another claim. */
    private Checkpoints checkpoints(Backfill backfill, VerifyRequest request) {
        return request.equals(VerifyRequest.EVERY_ROW) ? Checkpoints.of(database, backfill) : Checkpoints.none();
    }

    /** A verification needs nothing of the control tables: where they cannot be read, nothing is said. */
    private List<String> readers(Backfill backfill) {
        if (database.keeping() != Keeping.KEEPS) {
            return List.of();
        }
        try (ControlStore control = database.control("neap verify")) {
            return KeptEvidence.of(control, backfill.name());
        }
    }

    private OptionalLong unfinished(Backfill backfill) {
        if (!database.installed()) {
            return OptionalLong.empty();
        }
        try (ControlStore control = database.control("neap verify")) {
            return control.unfinished(backfill.name()).stream()
                    .mapToLong(RunRow::id)
                    .findFirst();
        }
    }

    private static NeapException meanwhile(String what) {
        return new NeapException(
                Kind.STOP,
                what
                        + " while its application was watched, so its rows cannot be told from the application's; watch again");
    }

    /** @param beside a run that is not finished, while writes are watched */
    private TableReport table(
            Backfill part, Expected expected, VerifyRequest request, OptionalLong beside, Checkpoints checkpoints) {
        try (TableVerifier bench =
                Patient.open(() -> database.verifier(part.with(expected.fill()), beside), patience, watch)) {
            if (!request.equals(VerifyRequest.EVERY_ROW) && request.scope() != Scope.WRITTEN) {
                long about = request.scope() == Scope.SAMPLE
                        ? Sample.rowsFor(verification.match(), verification.confidence())
                        : bench.rows();
                watch.begins(part.fill().into(), about, 0);
            }
            return switch (request.scope()) {
                case EVERY_ROW ->
                    switch (request.fix()) {
                        case NONE -> everyRow(part, expected, bench, checkpoints, List.of());
                        case MEND -> mended(part, expected, bench);
                        case PRINT -> printed(part, expected, bench);
                    };
                case SAMPLE -> sample(part, expected, bench, checkpoints);
                case AGGREGATES -> aggregates(part, expected, bench);
                case WRITTEN -> written(part, expected, bench, request.watch(), beside);
            };
        }
    }

    private TableReport everyRow(
            Backfill part, Expected expected, TableVerifier bench, Checkpoints checkpoints, List<String> more) {
        Checkpoint checkpoint = checkpoints.of(part.part(), part.with(expected.fill()), bench);
        watch.begins(
                part.fill().into(),
                bench.rows(),
                checkpoint.before().map(Reached::expected).orElse(0L));
        Tally tally = verifier(bench, SecondLook.only(bench), part, checkpoint).verify();
        List<String> notes = notes(bench, more);
        notes.addAll(checkpoint.notes());
        return report(part, Scope.EVERY_ROW, expected, tally, notes, null, null).in(checkpoint.sittings());
    }

    private TableReport aggregates(Backfill part, Expected expected, TableVerifier bench) {
        Tally tally = verifier(bench, SecondLook.only(bench), part).aggregates();
        return report(part, Scope.AGGREGATES, expected, tally, notes(bench, List.of()), null, null);
    }

    private static List<String> notes(TableVerifier bench, List<String> more) {
        List<String> notes = new ArrayList<>(more);
        if (!bench.ground().extras().isEmpty()) {
            notes.add(bench.ground().extras());
        }
        return notes;
    }

    private TableReport mended(Backfill part, Expected expected, TableVerifier bench) {
        try (TableMender table = mender(part, expected)) {
            Mender mender = new Mender(table, part, grace, watch, System::nanoTime);
            Tally tally = mended(bench, mender, part);
            TableReport.Fix fix = new TableReport.Fix(tally.mended(), mender.unfollowed(), List.of());
            return report(
                    part,
                    Scope.EVERY_ROW,
                    expected,
                    tally,
                    notes(bench, Left.notes(part.fill(), tally, fix)),
                    fix,
                    null);
        }
    }

    private Tally mended(TableVerifier bench, Mender mender, Backfill part) {
        try {
            Tally tally = verifier(bench, mender, part).verify();
            mender.follow();
            return tally;
        } catch (NeapException e) {
            if (!LEFT_OFF.contains(e.kind()) || e.kind() == Kind.UNKNOWN) {
                throw e;
            }
            mender.followOn();
            throw mender.unfollowed() == 0
                    ? e
                    : new NeapException(
                            e.kind(),
                            e.getMessage() + "; " + mender.unfollowed()
                                    + " rows that were put in could not be followed: verify again",
                            e);
        }
    }

    private TableReport printed(Backfill part, Expected expected, TableVerifier bench) {
        try (TableMender table = mender(part, expected)) {
            MendingSql sql = new MendingSql(bench, table, part.fill());
            Tally tally = verifier(bench, sql, part).verify();
            TableReport.Fix fix = new TableReport.Fix(tally.mended(), 0, sql.statements());
            List<String> left = new ArrayList<>(Left.notes(part.fill(), tally, fix));
            if (sql.more() > 0) {
                left.add("there is SQL for the first " + MendingSql.MOST_ROWS + " rows or fewer; " + sql.more()
                        + " more would be mended");
            }
            return report(part, Scope.EVERY_ROW, expected, tally, notes(bench, left), fix, null);
        }
    }

    /** What refuses a run refuses to write its rows afterwards, too: as an expression that would be applied twice. */
    private TableMender mender(Backfill part, Expected expected) {
        if (!expected.whole()) {
            throw new NeapException(
                    Kind.USAGE,
                    "rows of " + part.fill().into() + " cannot be mended: with already_right, expect must name every"
                            + " column that the fill writes, or a row would be half mended and be transformed again");
        }
        Backfill writes = part.with(expected.fill());
        String refused = database.planner().plan(writes).findings().stream()
                .filter(finding -> finding.severity() == Finding.Severity.ERROR)
                .map(finding -> finding.what() + " (" + finding.why() + "); " + finding.fix())
                .collect(Collectors.joining("\n"));
        if (!refused.isEmpty()) {
            throw new NeapException(
                    Kind.USAGE,
                    "rows of " + part.fill().into() + " cannot be mended as a run would write them: " + refused);
        }
        return database.mender(writes);
    }

    private TableReport sample(Backfill part, Expected expected, TableVerifier bench, Checkpoints checkpoints) {
        int rows = Sample.rowsFor(verification.match(), verification.confidence());
        Optional<Tally> sampled = verifier(bench, SecondLook.only(bench), part).sample(rows, random);
        if (sampled.isEmpty()) {
            return everyRow(
                    part,
                    expected,
                    bench,
                    checkpoints,
                    List.of("every row was compared: that takes no longer here than a sample of " + rows));
        }
        return report(
                part,
                Scope.SAMPLE,
                expected,
                sampled.get(),
                List.of("not looked for: rows of " + part.fill().into() + " that nothing yields"),
                null,
                Sample.of(rows, sampled.get().picksThatDiffer(), verification.match(), verification.confidence()));
    }

    private TableReport written(
            Backfill part, Expected expected, TableVerifier bench, Duration howLong, OptionalLong beside) {
        String since = bench.moment();
        watch.waiting(Durations.write(howLong) + ", for what the application writes");
        watch.sleep(howLong);
        watch.begins(part.fill().into(), bench.rows(), 0);
        WrittenLook look = new WrittenLook(bench, since);
        boolean inPlace = part.fill().inPlace();
        Tally tally = verifier(bench, inPlace ? SecondLook.only(bench) : look, part)
                .written(since, inPlace ? (keys, looked) -> {} : look::agree);
        if (!bench.tellsApart()) {
            throw meanwhile("run " + beside.orElse(0) + " ended, or had not begun its work,");
        }
        List<String> notes = beside.isEmpty()
                ? List.of()
                : List.of("run " + beside.getAsLong() + " is not finished: a row of "
                        + part.fill().into() + " that it wrote counts as not there");
        return report(part, Scope.WRITTEN, expected.ofWritten(part.fill()), tally, notes, null, null)
                .written(inPlace ? null : look.writes());
    }

    private Verifier verifier(TableVerifier bench, SecondLook second, Backfill part) {
        return verifier(bench, second, part, Checkpoint.NONE);
    }

    private Verifier verifier(TableVerifier bench, SecondLook second, Backfill part, Checkpoint checkpoint) {
        return new Verifier(bench, second, part, grace, watch, System::nanoTime, checkpoint);
    }

    private static TableReport report(
            Backfill part,
            Scope scope,
            Expected expected,
            Tally tally,
            List<String> more,
            TableReport.@Nullable Fix fix,
            @Nullable Sample sample) {
        List<String> notes = new ArrayList<>(expected.notes());
        notes.addAll(more);
        return new TableReport(
                part.fill().from(),
                part.fill().into(),
                false,
                scope,
                expected.claims(),
                tally.rows(),
                tally.differences(),
                tally.named(),
                notes,
                fix,
                sample);
    }
}
