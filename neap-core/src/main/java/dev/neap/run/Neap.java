package dev.neap.run;

import dev.neap.backfill.Approver;
import dev.neap.backfill.Backfill;
import dev.neap.backfill.ConnectionTarget;
import dev.neap.backfill.Pace;
import dev.neap.backfill.Profile;
import dev.neap.backfill.Proofs;
import dev.neap.backfill.TableName;
import dev.neap.backfill.Verification;
import dev.neap.control.Approvals;
import dev.neap.control.ControlStore;
import dev.neap.control.RunRow;
import dev.neap.control.RunStatus;
import dev.neap.control.StatusReader;
import dev.neap.control.UndoRuns;
import dev.neap.control.Wish;
import dev.neap.dialect.Database;
import dev.neap.dialect.Dialect;
import dev.neap.dialect.Leftover;
import dev.neap.dialect.NeapException;
import dev.neap.dialect.NeapException.Kind;
import dev.neap.dialect.Planner;
import dev.neap.dialect.Tuning;
import dev.neap.parity.PlanFacts;
import dev.neap.parity.Survey;
import dev.neap.plan.Explanation;
import dev.neap.plan.Plan;
import dev.neap.plan.TableSketch;
import dev.neap.preview.Preview;
import dev.neap.preview.PreviewRequest;
import dev.neap.verify.FillVerification;
import dev.neap.verify.RebuildVerification;
import dev.neap.verify.VerifyReport;
import dev.neap.verify.VerifyRequest;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Neap on one database. Safe for many threads: every call has sessions of its own. */
public final class Neap implements Engine {
    private final Dialect dialect;
    private final ConnectionTarget target;
    private final Tuning tuning;
    private final Probe probe;

    /**
     * @param tuning {@link Tuning#DEFAULT} but in tests
     * @param probe {@link Probe#NONE} but in tests
     */
    public Neap(Dialect dialect, ConnectionTarget target, Tuning tuning, Probe probe) {
        this.dialect = dialect;
        this.target = target;
        this.tuning = tuning;
        this.probe = probe;
    }

    private <T> T with(Function<Database, T> body) {
        try (Database database = dialect.open(target, tuning)) {
            try {
                return body.apply(database);
            } catch (NeapException e) {
                throw e;
            } catch (RuntimeException e) {
                throw database.explain(e);
            }
        }
    }

    private <T> Optional<T> withControl(Function<ControlStore, T> body) {
        return with(database -> {
            if (!database.installed()) {
                return Optional.empty();
            }
            try (ControlStore control = database.control("neap")) {
                return Optional.of(body.apply(control));
            }
        });
    }

    @Override
    public Plan plan(Backfill backfill) {
        return with(database -> database.planner().plan(backfill).and(Unwatched.findings(backfill)));
    }

    @Override
    public SignalsNow signals(Backfill backfill) {
        return with(database -> SignalsNow.of(database, backfill, probe.clock()));
    }

    @Override
    public Explanation explain(Plan plan, boolean analyze) {
        if (analyze && plan.backfill().profile() == Profile.PROD) {
            throw new NeapException(
                    Kind.USAGE,
                    "--analyze executes a sample and rolls it back, which holds locks and leaves dead rows: not in the"
                            + " profile prod. Use --explain alone, or the profile dev or staging on a copy");
        }
        return with(database -> database.planner().explain(plan, analyze));
    }

    @Override
    public Unproven unproven(Plan plan, Proofs proofs) {
        return plan.backfill().profile().asksForProofs()
                ? approving(approving -> approving.unproven(plan, proofs))
                : Unproven.NOTHING;
    }

    @Override
    public Unproven unprovenYet(Plan plan, Proofs proofs) {
        Unproven nobody = Unproven.of(plan, proofs, List.of(), "");
        if (!nobody.refuses()) {
            return nobody;
        }
        try {
            return withControl(control -> new Approving(control).unproven(plan, proofs))
                    .orElse(nobody);
        } catch (NeapException e) {
            if (e.kind() != Kind.USAGE && e.kind() != Kind.UNIT) {
                throw e;
            }
            return nobody;
        }
    }

    @Override
    public boolean begun(Plan plan) {
        return withControl(control -> new Approving(control).begun(plan).isPresent())
                .orElse(false);
    }

    @Override
    public Approvals.Approval approve(Plan plan, Proofs proofs, String by) {
        boolean installed = with(Database::installed);
        Proofs all = installed ? approving(approving -> approving.withEarlier(plan, proofs)) : proofs;
        Approving.require(plan, all);
        if (proofs.approver() == Approver.OTHER && !installed) {
            throw new NeapException(
                    Kind.USAGE,
                    "the control tables are not there yet; let the role that will run the plan type `neap run` first, which"
                            + " makes them and refuses");
        }
        return approving(approving -> approving.approve(plan, all, by));
    }

    private <T> T approving(Function<Approving, T> body) {
        return with(database -> {
            database.install();
            try (ControlStore control = database.control("neap")) {
                return body.apply(new Approving(control));
            }
        });
    }

    @Override
    public Survey survey(Backfill backfill, boolean probe) {
        return with(database -> database.survey(backfill, probe).and(planned(database.planner(), backfill)));
    }

    private static Survey planned(Planner planner, Backfill backfill) {
        Plan plan;
        try {
            plan = planner.plan(backfill.elsewhere());
        } catch (NeapException e) {
            if (e.kind() != Kind.USAGE) {
                throw e;
            }
            return PlanFacts.ofNone(String.valueOf(e.getMessage()));
        }
        Survey planned = PlanFacts.of(plan);
        return plan.refused() ? planned : planned.and(PlanFacts.of(plan, planner.explain(plan, false)));
    }

    @Override
    public Preview preview(Backfill backfill, PreviewRequest request) {
        if (backfill.fills()) {
            throw new NeapException(
                    Kind.USAGE, "not in this version: a preview of a fill; `neap plan` shows its statements");
        }
        return with(database -> {
            Plan plan = database.planner().plan(backfill);
            return database.previewer().preview(plan, UnitChoice.of(plan, request.unit()), request);
        });
    }

    @Override
    public VerifyReport verify(
            Backfill backfill, Verification verification, VerifyRequest request, RunListener listener, Stop stop) {
        return with(database -> {
            try (Verifying watch = new Verifying(
                    database,
                    backfill,
                    request.fix() == VerifyRequest.Fix.MEND,
                    listener,
                    stop,
                    probe.clock(),
                    tuning.patience())) {
                return backfill.fills()
                        ? new FillVerification(
                                        database,
                                        verification,
                                        tuning.secondWrite(),
                                        tuning.patience(),
                                        new SplittableRandom(),
                                        watch)
                                .verify(backfill, request)
                        : new RebuildVerification(
                                        database, verification, tuning.patience(), new SplittableRandom(), watch)
                                .verify(backfill, request);
            }
        });
    }

    @Override
    public TableSketch describe(String table) {
        return with(database -> database.planner().describe(table));
    }

    @Override
    public List<String> grants(TableName table, String role) {
        return with(database -> database.planner().grants(table, role));
    }

    @Override
    public List<String> grants(Backfill backfill, String role) {
        return with(database -> database.planner().grants(backfill, role));
    }

    @Override
    public RunResult run(Plan plan, int workers, RunListener listener, Stop stop) {
        return run(plan, false, workers, listener, stop);
    }

    @Override
    public RunResult retry(Plan plan, RunListener listener, Stop stop) {
        return run(plan, true, 1, listener, stop);
    }

    @Override
    public Optional<Failed> failed(long run, @Nullable String backfill) {
        return withControl(control -> {
                    Optional<RunRow> row = backfill == null ? control.find(run) : control.unfinished(backfill);
                    return row.map(r -> new Failed(
                            r.id(), r.backfill(), r.undoes(), control.units().failed(r.id())));
                })
                .flatMap(found -> found);
    }

    private RunResult run(Plan plan, boolean onlyFailed, int workers, RunListener listener, Stop stop) {
        if (plan.refused()) {
            throw new NeapException(Kind.USAGE, "the plan has findings that refuse a run; `neap check` shows them");
        }
        return new AfterBreaker(this, plan.backfill(), listener, stop)
                .run(heard -> with(database -> new Attachment(
                                database,
                                plan.backfill(),
                                new Rebuilding(plan, probe)::findOrCreate,
                                onlyFailed,
                                workers,
                                tuning,
                                probe,
                                heard,
                                stop)
                        .run()));
    }

    @Override
    public UndoPlan undoPlan(UndoRequest request) {
        return with(database -> new Undo(database, request, probe).plan());
    }

    @Override
    public RunResult undo(UndoRequest request, UndoPlan plan, RunListener listener, Stop stop) {
        Undo.requireAll(plan);
        return with(database -> {
            Undo undo = new Undo(database, request, probe);
            return new Attachment(
                            database,
                            undo.backfill(plan),
                            (control, identity) -> undo.findOrCreate(control, plan, identity),
                            request.onlyFailed(),
                            1,
                            tuning,
                            probe,
                            listener,
                            stop)
                    .run();
        });
    }

    @Override
    public int again(Backfill backfill) {
        return withControl(control -> new UndoRuns(control).again(backfill.declared()))
                .orElse(0);
    }

    @Override
    public Optional<RunStatus> status(String backfill, int newestEvents) {
        return withControl(control -> new StatusReader(control).newest(backfill, newestEvents))
                .flatMap(found -> found);
    }

    @Override
    public List<RunStatus> statuses() {
        return withControl(control -> new StatusReader(control).newestOfEach()).orElse(List.of());
    }

    @Override
    public boolean wish(String backfill, Wish wish) {
        return onUnfinished(backfill, (control, run) -> {
            control.wish(run.id(), wish);
            control.event(run.id(), null, "wish", wish.label());
        });
    }

    @Override
    public OptionalInt swap(String backfill, List<String> partitions) {
        AtomicInteger wanted = new AtomicInteger();
        boolean there = onUnfinished(backfill, (control, run) -> {
            List<String> unknown = control.units().unknown(run.id(), partitions);
            if (!unknown.isEmpty()) {
                throw new NeapException(
                        Kind.USAGE,
                        "run " + run.id() + " has no partition " + String.join(", ", unknown)
                                + "; `neap status` names those that are held");
            }
            wanted.set(control.units().wantSwap(run.id(), partitions));
            control.event(
                    run.id(),
                    null,
                    "swap",
                    partitions.isEmpty()
                            ? "all units may be swapped"
                            : String.join(", ", partitions) + " may be swapped");
        });
        return there ? OptionalInt.of(wanted.get()) : OptionalInt.empty();
    }

    @Override
    public boolean pace(String backfill, Pace pace) {
        return onUnfinished(backfill, (control, run) -> {
            control.pace(run.id(), pace);
            control.event(run.id(), null, "pace", pace.words());
        });
    }

    private interface OnRun {
        void act(ControlStore control, RunRow run);
    }

    private boolean onUnfinished(String backfill, OnRun action) {
        return withControl(control -> {
                    Optional<RunRow> run = control.unfinished(backfill);
                    run.ifPresent(row -> action.act(control, row));
                    return run.isPresent();
                })
                .orElse(false);
    }

    @Override
    public boolean abandon(String backfill) {
        return onUnfinished(backfill, (control, run) -> {
            if (control.holder(run.id()).isPresent()) {
                throw new NeapException(
                        Kind.HELD, "a process is at this run; stop it first with `neap stop " + backfill + "`");
            }
            control.end(run.id(), "abandoned");
            control.event(run.id(), null, "abandoned", "given up on request");
        });
    }

    @Override
    public List<Leftover> leftovers() {
        return with(Database::leftovers);
    }

    @Override
    public List<Leftover> cleanup() {
        return with(database -> new Leaving(database).dropDue());
    }

    @Override
    public List<Leftover> endDualWrite(String backfill) {
        return with(database -> new Leaving(database).endDualWrite(backfill));
    }

    @Override
    public List<Leftover> uninstall(boolean force) {
        return with(database -> new Leaving(database).all(force));
    }
}
