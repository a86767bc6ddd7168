package dev.neap.run;

import dev.neap.backfill.Backfill;
import dev.neap.backfill.Pace;
import dev.neap.backfill.Proofs;
import dev.neap.backfill.TableName;
import dev.neap.backfill.Verification;
import dev.neap.control.Approvals;
import dev.neap.control.RunStatus;
import dev.neap.control.Wish;
import dev.neap.dialect.Leftover;
import dev.neap.parity.Survey;
import dev.neap.plan.Explanation;
import dev.neap.plan.Plan;
import dev.neap.plan.TableSketch;
import dev.neap.preview.Preview;
import dev.neap.preview.PreviewRequest;
import dev.neap.verify.VerifyReport;
import dev.neap.verify.VerifyRequest;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * Everything that Neap can be asked to do with one database. Each call opens and closes its own connections. What goes
 * wrong is a {@link dev.neap.dialect.NeapException} whose message a person can act on.
 */
public interface Engine {
    /** The most units at once: each has two sessions of the database. */
    int MOST_WORKERS = 16;

    /** Read-only: compiles the backfill and runs the preflight checks. A refused plan is a value, not an exception. */
    Plan plan(Backfill backfill);

    /**
     * What the signals of a backfill say now. Read-only; takes a few seconds. One that the server cannot give, though the
     * file asks for it, is a value, not an exception.
     */
    SignalsNow signals(Backfill backfill);

    /**
     * How the server would carry out the statements of a fill, or what those of a rebuild read.
     *
     * @param analyze rehearses: executes a sample in a transaction that is rolled back; otherwise it is read-only
     * @throws dev.neap.dialect.NeapException USAGE for a rehearsal of a rebuild, or in the profile prod, and where the engine cannot
     */
    Explanation explain(Plan plan, boolean analyze);

    /**
     * What the plan's profile asks for before a run may write, and is not there. Makes the control tables, for approvals to
     * go into, where the profile asks for any.
     */
    Unproven unproven(Plan plan, Proofs proofs);

    /**
     * The same, which only reads: where there are no control tables, or the role may not read them, nobody has approved
     * anything.
     */
    Unproven unprovenYet(Plan plan, Proofs proofs);

    /**
     * Read-only: whether a run of this very declaration is not finished, so that a run of the plan would go on with it. What
     * was asked when it began is not asked again.
     */
    boolean begun(Plan plan);

    /**
     * Records that somebody approves a plan. Makes the control tables, but where another role must approve: they belong to
     * the one that runs.
     *
     * @param proofs with an answer for every warning of the plan to which this role has not recorded one before
     * @param by who approves, for people
     * @throws dev.neap.dialect.NeapException USAGE when the plan is refused, a warning has no answer, or there are no
     *     control tables yet
     */
    Approvals.Approval approve(Plan plan, Proofs proofs, String by);

    /**
     * What of this database decides whether a rehearsal on another one tells anything about it: server, tables, and how it
     * would carry out the backfill's own statements.
     *
     * @param probe whether it is measured how fast the server is, which writes nothing that stays; the rest is read-only
     */
    Survey survey(Backfill backfill, boolean probe);

    /** Read-only: recomputes rows of one unit and compares them with the live ones. */
    Preview preview(Backfill backfill, PreviewRequest request);

    /**
     * Compares rows that a fill wrote with what is expected, or partitions that a rebuild made with those that they
     * replaced. It writes nothing but what the request says; what differs of a fill is locked against writers for a moment,
     * when it is looked at again.
     *
     * @param verification what it is held to, from the same file
     * @param request which rows
     * @param listener hears what it waits for, and how far it is
     * @param stop ends it at the next safe point
     * @throws dev.neap.dialect.NeapException USAGE where an expectation does not fit the tables, where writes are
     *     watched while a run of the same backfill is not finished, and where no run has replaced a partition; STOPPED when
     *     it was asked to stop, or a signal was silent for too long; LOCK when a table was locked for too long; BREAKER when
     *     a signal was too bad for too long. The message says where the next one goes on
     */
    VerifyReport verify(
            Backfill backfill, Verification verification, VerifyRequest request, RunListener listener, Stop stop);

    /** The same, which nobody hears or stops. */
    default VerifyReport verify(Backfill backfill, Verification verification, VerifyRequest request) {
        return verify(backfill, verification, request, RunListener.SILENT, new Stop());
    }

    /** Read-only: looks at one table, named as a person types it. */
    TableSketch describe(String table);

    /** The statements for a role with just the privileges needed. */
    List<String> grants(TableName table, String role);

    /** The same for all that a file declares, a rebuild or a fill. */
    List<String> grants(Backfill backfill, String role);

    /**
     * Runs the plan, or goes on with the unfinished run of the same backfill.
     *
     * @throws dev.neap.dialect.NeapException USAGE when an unfinished run of this backfill has another plan; HELD when a process elsewhere
     *     is at it and stays at it
     */
    default RunResult run(Plan plan, RunListener listener, Stop stop) {
        return run(plan, 1, listener, stop);
    }

    /**
     * The same with several units at work at once, under one pace.
     *
     * @param workers how many, from 1 to {@value #MOST_WORKERS}; one is taken where the table may not be read as a whole
     *     while it is swapped, and a note says so
     */
    RunResult run(Plan plan, int workers, RunListener listener, Stop stop);

    /**
     * The same for the units alone that had failed: others are left. The run is done when none is left at all.
     *
     * @throws dev.neap.dialect.NeapException as {@link #run}
     */
    RunResult retry(Plan plan, RunListener listener, Stop stop);

    /**
     * What of a run has failed and can be tried again.
     *
     * @param run its number; read only where no backfill is named
     * @param backfill a backfill's name, for its newest unfinished run; null where the run is named by its number
     */
    Optional<Failed> failed(long run, @Nullable String backfill);

    /**
     * Failed units.
     *
     * @param undoes the run that this run undoes; 0 for a rebuild
     */
    record Failed(long run, String backfill, long undoes, int units) {}

    /**
     * Looks at what an undo would put back; writes nothing but the control tables' own upgrade.
     *
     * @throws dev.neap.dialect.NeapException STOP when there is no such run; USAGE when it has no such partition, or another
     *     run on the table is not finished; HELD while a process is at the run
     */
    UndoPlan undoPlan(UndoRequest request);

    /**
     * Puts partitions back, or goes on with an undo that was begun. It is a run of its own: it can be stopped, resumed, and
     * undone.
     *
     * @throws dev.neap.dialect.NeapException USAGE when one of the plan's partitions cannot be put back: nothing is done
     *     then; HELD when a process elsewhere is at it
     */
    RunResult undo(UndoRequest request, UndoPlan plan, RunListener listener, Stop stop);

    /** Lets the next run of this declaration rebuild again what was undone; returns how many partitions that is. */
    int again(Backfill backfill);

    /** The newest run of a backfill; empty when there was none or Neap was never run here. */
    Optional<RunStatus> status(String backfill, int newestEvents);

    /** The newest run of every backfill. */
    List<RunStatus> statuses();

    /**
     * Pauses, resumes or stops the newest unfinished run.
     *
     * @return false when there is no unfinished run
     */
    boolean wish(String backfill, Wish wish);

    /**
     * Wants held units of the newest unfinished run swapped, now or as soon as they are prepared.
     *
     * @param partitions their names, with schema or without; empty for all
     * @return how many units are wanted; empty when there is no unfinished run
     * @throws dev.neap.dialect.NeapException USAGE when a name is no partition of the run
     */
    OptionalInt swap(String backfill, List<String> partitions);

    /** Changes the pace of the newest unfinished run; false when there is none. */
    boolean pace(String backfill, Pace pace);

    /**
     * Gives up the newest unfinished run: done partitions stay done, everything else of it is due for `cleanup`.
     *
     * @return false when there is no unfinished run
     * @throws dev.neap.dialect.NeapException HELD while a process is at it
     */
    boolean abandon(String backfill);

    /** What of Neap's is in the database, and what is due to go. */
    List<Leftover> leftovers();

    /** Drops what is due; returns what was dropped. */
    List<Leftover> cleanup();

    /**
     * Takes off the triggers that stand in for the application of a backfill whose run is done.
     *
     * @return what was taken off
     */
    List<Leftover> endDualWrite(String backfill);

    /**
     * Drops the `neap` schema and everything else of Neap's.
     *
     * @throws dev.neap.dialect.NeapException USAGE while a run is unfinished and alive, or while kept partitions or a trigger that writes
     *     a second place would be lost and `force` is false
     */
    List<Leftover> uninstall(boolean force);
}
