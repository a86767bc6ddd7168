package dev.neap.cli;

import dev.neap.backfill.Backfill;
import dev.neap.backfill.Pace;
import dev.neap.backfill.Proofs;
import dev.neap.backfill.TableName;
import dev.neap.backfill.Verification;
import dev.neap.cli.preview.Previews;
import dev.neap.control.Approvals;
import dev.neap.control.RunStatus;
import dev.neap.control.Wish;
import dev.neap.dialect.Leftover;
import dev.neap.dialect.NeapException;
import dev.neap.parity.Survey;
import dev.neap.plan.Explanation;
import dev.neap.plan.Plan;
import dev.neap.plan.Step;
import dev.neap.plan.TableSketch;
import dev.neap.preflight.Finding;
import dev.neap.preview.Preview;
import dev.neap.preview.PreviewRequest;
import dev.neap.run.Engine;
import dev.neap.run.RunEvent;
import dev.neap.run.RunListener;
import dev.neap.run.RunResult;
import dev.neap.run.SignalsNow;
import dev.neap.run.Stop;
import dev.neap.run.UndoPlan;
import dev.neap.run.UndoRequest;
import dev.neap.run.Unproven;
import dev.neap.verify.VerifyReport;
import dev.neap.verify.VerifyRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.BiConsumer;

/** An engine that says what a test wants it to say, and remembers what it was asked. */
final class FakeEngine implements Engine {
    static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
    static final TableName FEBRUARY = new TableName("public", "events_2024_02");
    static final TableName JANUARY = new TableName("public", "events_2024_01");

    final List<String> asked = new ArrayList<>();
    List<Finding> findings = List.of();
    List<Leftover> leftovers = List.of();
    long setAside;
    RunResult.Outcome outcome = RunResult.Outcome.DONE;
    Optional<RunStatus> status = Optional.empty();
    final List<Survey> surveys = new ArrayList<>();
    SignalsNow signals = SignalsNow.NONE;
    Unproven unproven = Unproven.NOTHING;
    boolean begun;
    NeapException failure;
    PreviewRequest previewed;
    VerifyReport verified;
    UndoPlan undoPlan;
    Optional<Failed> failed = Optional.empty();
    BiConsumer<RunListener, Stop> whileRunning = (listener, stop) -> {};
    BiConsumer<RunListener, Stop> whileVerifying = (listener, stop) -> {};

    @Override
    public Plan plan(Backfill backfill) {
        asked.add("plan");
        return backfill.fills() ? Plans.fill(backfill, findings) : Plans.rebuild(backfill, findings);
    }

    @Override
    public SignalsNow signals(Backfill backfill) {
        asked.add("signals");
        return signals;
    }

    @Override
    public Unproven unproven(Plan plan, Proofs proofs) {
        asked.add("unproven of " + plan.findings().stream().map(Finding::check).toList() + ", answered by the file: "
                + proofs.answers().keySet());
        return unproven;
    }

    @Override
    public Unproven unprovenYet(Plan plan, Proofs proofs) {
        return unproven;
    }

    @Override
    public boolean begun(Plan plan) {
        return begun;
    }

    @Override
    public Approvals.Approval approve(Plan plan, Proofs proofs, String by) {
        asked.add("approve, answered: " + proofs.answers());
        return new Approvals.Approval(1, plan.hash(), by, "dba", NOW, proofs.answers());
    }

    @Override
    public Survey survey(Backfill backfill, boolean probe) {
        asked.add(probe ? "survey with a probe" : "survey");
        return surveys.remove(0);
    }

    @Override
    public Explanation explain(Plan plan, boolean analyze) {
        asked.add(analyze ? "analyze" : "explain");
        return Plans.explained(analyze);
    }

    @Override
    public Preview preview(Backfill backfill, PreviewRequest request) {
        asked.add("preview");
        previewed = request;
        return Previews.sampled();
    }

    @Override
    public VerifyReport verify(
            Backfill backfill, Verification verification, VerifyRequest request, RunListener listener, Stop stop) {
        asked.add(request.scope() + " " + request.watch() + " "
                + (request.fix() == VerifyRequest.Fix.NONE ? "" : request.fix() + " ") + verification.expect()
                + (request.partitions().isEmpty() ? "" : " of " + request.partitions()));
        whileVerifying.accept(listener, stop);
        return verified;
    }

    @Override
    public TableSketch describe(String table) {
        asked.add("describe " + table);
        return new TableSketch(
                TableName.parse(table).orElseThrow(),
                List.of(
                        new TableSketch.Column("id", "bigint", false),
                        new TableSketch.Column("day", "date", false),
                        new TableSketch.Column("twice", "numeric", true),
                        new TableSketch.Column("Amount due", "numeric(12,2)", false)),
                List.of("id", "day"),
                table.contains("plain") ? null : "range",
                table.contains("plain") ? "" : "RANGE (day)",
                36,
                "2024-01-01 00:00:00+00",
                "2027-01-01",
                2_000_000);
    }

    @Override
    public List<String> grants(TableName table, String role) {
        return List.of("CREATE ROLE " + role + " LOGIN", "GRANT SELECT ON " + table.sql() + " TO " + role + ";");
    }

    @Override
    public List<String> grants(Backfill backfill, String role) {
        return grants(
                backfill.fills() ? backfill.fill().into() : backfill.rebuild().table(), role);
    }

    @Override
    public RunResult run(Plan plan, int workers, RunListener listener, Stop stop) {
        asked.add(workers == 1 ? "run" : "run with " + workers + " workers");
        if (failure != null) {
            throw failure;
        }
        listener.on(new RunEvent.Started(7, 2, 0, 901_200, 0, false));
        listener.on(new RunEvent.UnitStarted(11, 1, FEBRUARY, 1_200, 1, 0));
        listener.on(new RunEvent.StepStarted(11, Step.LOAD));
        listener.on(new RunEvent.RowsLoaded(11, 1_000));
        listener.on(new RunEvent.Waiting(11, "a lock on public.events, held by pid 4242 (app)"));
        listener.on(new RunEvent.Going(11));
        listener.on(new RunEvent.UnitDone(
                11, FEBRUARY, 1_210, 3, Duration.ofSeconds(2), Duration.ofMillis(4), Duration.ofMillis(300)));
        whileRunning.accept(listener, stop);
        listener.on(new RunEvent.Note("a note for a person"));
        if (outcome == RunResult.Outcome.FAILED) {
            listener.on(new RunEvent.UnitFailed(12, JANUARY, "division by zero"));
        }
        RunResult.Outcome end = stop.requested() ? RunResult.Outcome.STOPPED : outcome;
        boolean done = end == RunResult.Outcome.DONE;
        return new RunResult(
                end,
                7,
                done ? 2 : 1,
                end == RunResult.Outcome.FAILED ? 1 : 0,
                done || end == RunResult.Outcome.FAILED ? 0 : 1,
                901_210,
                3,
                done ? 0 : 5,
                setAside,
                Duration.ofSeconds(65),
                Duration.ofSeconds(12),
                2,
                end == RunResult.Outcome.FAILED
                        ? List.of("public.events_2024_01 at load: division by zero")
                        : List.of());
    }

    @Override
    public RunResult retry(Plan plan, RunListener listener, Stop stop) {
        asked.add("retry");
        return run(plan, listener, stop);
    }

    @Override
    public Optional<Failed> failed(long run, String backfill) {
        return failed;
    }

    @Override
    public UndoPlan undoPlan(UndoRequest request) {
        asked.add("undoPlan " + request);
        if (failure != null) {
            throw failure;
        }
        return undoPlan;
    }

    @Override
    public RunResult undo(UndoRequest request, UndoPlan plan, RunListener listener, Stop stop) {
        asked.add("undo");
        return new RunResult(outcome, 8, 2, 0, 0, 12, 12, 0, 0, Duration.ofSeconds(3), Duration.ZERO, 0, List.of());
    }

    @Override
    public int again(Backfill backfill) {
        asked.add("again");
        return 2;
    }

    @Override
    public Optional<RunStatus> status(String backfill, int newestEvents) {
        asked.add("status " + backfill);
        return status;
    }

    @Override
    public List<RunStatus> statuses() {
        return status.stream().toList();
    }

    @Override
    public boolean wish(String backfill, Wish wish) {
        asked.add(wish.label() + " " + backfill);
        return status.isPresent();
    }

    @Override
    public OptionalInt swap(String backfill, List<String> partitions) {
        asked.add("swap " + backfill + " " + partitions);
        return status.isPresent() ? OptionalInt.of(Math.max(1, partitions.size())) : OptionalInt.empty();
    }

    @Override
    public boolean abandon(String backfill) {
        asked.add("abandon " + backfill);
        return status.isPresent();
    }

    @Override
    public boolean pace(String backfill, Pace pace) {
        asked.add("pace " + backfill + " " + pace);
        return status.isPresent();
    }

    @Override
    public List<Leftover> leftovers() {
        return leftovers;
    }

    @Override
    public List<Leftover> cleanup() {
        asked.add("cleanup");
        return leftovers.stream().filter(Leftover::due).toList();
    }

    @Override
    public List<Leftover> endDualWrite(String backfill) {
        asked.add("end dual write of " + backfill);
        return leftovers.stream()
                .filter(left -> backfill.equals(left.standsInFor()))
                .toList();
    }

    @Override
    public List<Leftover> uninstall(boolean force) {
        asked.add("uninstall " + force);
        return leftovers;
    }
}
