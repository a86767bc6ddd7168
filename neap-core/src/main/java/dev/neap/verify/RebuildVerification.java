package dev.neap.verify;

import dev.neap.backfill.Backfill;
import dev.neap.backfill.Verification;
import dev.neap.control.ControlStore;
import dev.neap.control.RebuiltUnits;
import dev.neap.control.UnitRow;
import dev.neap.dialect.Database;
import dev.neap.dialect.NeapException;
import dev.neap.dialect.NeapException.Kind;
import dev.neap.dialect.Replaced;
import dev.neap.dialect.TableVerifier;
import dev.neap.verify.VerifyRequest.Fix;
import dev.neap.verify.VerifyRequest.Scope;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Compares partitions that were rebuilt with those that they replaced, one after another. What is kept does not change, and
 * of the live one the rows that somebody has written since the swap are left out; so whatever differs counts, and neither a
 * lock nor a wait is needed.
 */
public final class RebuildVerification {
    /** What ends it in the middle. */
    private static final Set<Kind> LEFT_OFF = Set.of(Kind.STOPPED, Kind.LOCK, Kind.BREAKER, Kind.UNKNOWN);

    private static final int MOST_NAMED = 20;

    private final Database database;
    private final Verification verification;
    private final Duration patience;
    private final RandomGenerator random;
    private final VerifyWatch watch;

    /**
     * @param verification what it is held to, with one element for what is expected
     * @param patience how long somebody who has locked a table is waited for
     * @param watch says how fast it may go
     */
    public RebuildVerification(
            Database database,
            Verification verification,
            Duration patience,
            RandomGenerator random,
            VerifyWatch watch) {
        this.database = database;
        this.verification = verification;
        this.patience = patience;
        this.random = random;
        this.watch = watch;
    }

    /**
     * Verifies every partition that the request names and that a run of this declaration has swapped.
     *
     * @throws NeapException USAGE where there is none, an expectation does not fit, or the request is about a fill's writes;
     *     STOPPED and BREAKER as the watch says; LOCK when somebody has locked a table for too long
     */
    public VerifyReport verify(Backfill backfill, VerifyRequest request) {
        requireReading(request);
        long began = System.nanoTime();
        List<UnitRow> units = Chosen.of(swapped(backfill), request.partitions(), backfill.name());
        PartitionAssertions assertions = new PartitionAssertions(database::holds, backfill.assertions());
        List<TableReport> tables = new ArrayList<>();
        for (UnitRow unit : units) {
            try {
                tables.add(partition(backfill, unit, request.scope(), assertions));
            } catch (NeapException e) {
                throw LEFT_OFF.contains(e.kind()) ? leftOff(e, units.subList(tables.size(), units.size())) : e;
            }
        }
        return new VerifyReport(
                backfill.name(), tables, assertions.judged(), Duration.ofNanos(System.nanoTime() - began));
    }

    private static NeapException leftOff(NeapException e, List<UnitRow> left) {
        String names = left.stream()
                .limit(MOST_NAMED)
                .map(unit -> unit.partition().toString())
                .collect(Collectors.joining(" "));
        int more = left.size() - MOST_NAMED;
        return new NeapException(
                e.kind(),
                e.getMessage() + "; to go on, name the partitions that are left: " + names
                        + (more > 0 ? " and " + more + " more" : ""),
                e);
    }

    private static void requireReading(VerifyRequest request) {
        if (request.scope() == Scope.WRITTEN) {
            throw new NeapException(
                    Kind.USAGE, "--dual-write is about a fill: a rebuild has one place, and an application writes it");
        }
        if (request.fix() != Fix.NONE) {
            throw new NeapException(
                    Kind.USAGE,
                    "not in this version: mending a rebuilt partition; `neap undo` puts the old one back, with every write"
                            + " since");
        }
    }

    private List<UnitRow> swapped(Backfill backfill) {
        if (database.installed()) {
            try (ControlStore control = database.control("neap verify")) {
                List<UnitRow> units = new RebuiltUnits(control).newest(backfill.declared());
                if (!units.isEmpty()) {
                    return units;
                }
            }
        }
        throw new NeapException(
                Kind.USAGE,
                "no run of '" + backfill.name()
                        + "', as the file declares it now, has replaced a partition in this database; a run is verified with"
                        + " the file that it was begun with");
    }

    private TableReport partition(Backfill backfill, UnitRow unit, Scope scope, PartitionAssertions assertions) {
        Replaced replaced = database.replaced(backfill, unit);
        List<String> notes = new ArrayList<>(assertions.ask(unit.partition(), replaced));
        if (!replaced.comparable()) {
            return notCompared(unit, replaced, scope, notes);
        }
        Expected expected = ExpectedPartition.of(
                backfill.rebuild(),
                unit.partition(),
                replaced,
                verification.expect().get(0));
        TableReport report;
        try (TableVerifier bench =
                Patient.open(() -> database.verifier(backfill, unit, expected.fill()), patience, watch)) {
            long about = scope == Scope.SAMPLE
                    ? Sample.rowsFor(verification.match(), verification.confidence())
                    : bench.rows();
            watch.begins(unit.partition(), about, 0);
            report = switch (scope) {
                case SAMPLE -> sample(backfill, expected, bench, notes);
                case AGGREGATES ->
                    report(expected, scope, verifier(bench, backfill).aggregates(), notes, null);
                case EVERY_ROW, WRITTEN -> everyRow(backfill, expected, bench, notes);
            };
        }
        // What was there at first may have been undone, or dropped, while it was read; then it says nothing.
        Replaced still = database.replaced(backfill, unit);
        return still.comparable() ? report : notCompared(unit, still, scope, notes);
    }

    private static TableReport notCompared(UnitRow unit, Replaced replaced, Scope scope, List<String> notes) {
        List<String> all = new ArrayList<>(List.of("not compared: " + replaced.refusal()));
        all.addAll(notes);
        return new TableReport(
                replaced.kept(),
                unit.partition(),
                true,
                scope,
                List.of(),
                new Tally().rows(),
                new Tally().differences(),
                List.of(),
                all,
                null,
                null);
    }

    private TableReport everyRow(Backfill backfill, Expected expected, TableVerifier bench, List<String> notes) {
        return report(expected, Scope.EVERY_ROW, verifier(bench, backfill).verify(), notes, null);
    }

    private TableReport sample(Backfill backfill, Expected expected, TableVerifier bench, List<String> notes) {
        int rows = Sample.rowsFor(verification.match(), verification.confidence());
        Optional<Tally> sampled = verifier(bench, backfill).sample(rows, random);
        if (sampled.isEmpty()) {
            notes.add("every row was compared: that takes no longer here than a sample of " + rows);
            return everyRow(backfill, expected, bench, notes);
        }
        notes.add("not looked for: rows that the replaced partition does not yield");
        Sample sample =
                Sample.of(rows, sampled.get().picksThatDiffer(), verification.match(), verification.confidence());
        return report(expected, Scope.SAMPLE, sampled.get(), notes, sample);
    }

    private Verifier verifier(TableVerifier bench, Backfill backfill) {
        SecondLook second =
                suspected -> new SecondLook.Seen(bench.look(List.copyOf(suspected.keySet()), false), Map.of());
        return new Verifier(bench, second, backfill, Duration.ZERO, watch, System::nanoTime, Checkpoint.NONE);
    }

    private static TableReport report(
            Expected expected, Scope scope, Tally tally, List<String> more, @Nullable Sample sample) {
        List<String> notes = new ArrayList<>(expected.notes());
        notes.addAll(more);
        TableReport.Rows rows = tally.rows();
        return new TableReport(
                expected.fill().from(),
                expected.fill().into(),
                true,
                scope,
                expected.claims(),
                new TableReport.Rows(rows.expected(), rows.actual(), 0, rows.skipped(), rows.settled(), rows.parts()),
                new EnumMap<>(tally.differences()),
                tally.named(),
                notes,
                null,
                sample);
    }
}
