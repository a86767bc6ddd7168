package dev.neap.dialect;

import dev.neap.backfill.Backfill;
import dev.neap.backfill.Fill;
import dev.neap.control.ControlStore;
import dev.neap.control.UnitRow;
import dev.neap.parity.Survey;
import dev.neap.throttle.Batches;
import dev.neap.throttle.Watched;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.IntFunction;

/**
 * One server, reached with one identity. It hands out sessions; who asks for one closes it. Safe for many threads, the
 * sessions are not.
 */
public interface Database extends AutoCloseable {
    /** In place of a run's number, where there is none: runs are numbered from 1 on. */
    long NO_RUN = 0;

    /** Product and version, for people. */
    String server();

    /**
     * The server's identity and timeline: another one means that a failover or a restore happened.
     *
     * @throws NeapException UNKNOWN while the server is a standby, which cannot be written; it may be promoted
     */
    String identity();

    /**
     * Looks whether what is written without a plan can be: the server takes writes, and a session keeps its settings and
     * locks between two transactions. A plan has findings for that.
     *
     * @throws NeapException USAGE where it is not so, such as on a standby, or behind a pooler that pools by transaction
     */
    default void requireWritable() {}

    /**
     * Looks whether whom a swap must wait for can be seen. A plan has findings for that.
     *
     * @throws NeapException USAGE where it is not so
     */
    default void requireSight() {}

    /** A reader for plans; it must be closed by closing this database. */
    Planner planner();

    /**
     * What of this database decides whether a rehearsal on another one tells anything about it.
     *
     * @param probe whether it is measured how fast it is, which writes nothing that stays
     * @throws NeapException USAGE where the engine cannot
     */
    default Survey survey(Backfill backfill, boolean probe) {
        throw new NeapException(NeapException.Kind.USAGE, "not in this version: parity on this engine");
    }

    /** Shows what a recompute would change, on a session of its own for each look. */
    Previewer previewer();

    /**
     * Verifies a filled table, on a session of its own.
     *
     * @param backfill one of its parts, about one fill: what would make the rows that are expected
     * @param beside a run of it that is not finished, and what it wrote counts as not there; empty where every row counts
     * @throws NeapException USAGE where the engine cannot, or not tell that run's rows from the application's, or the tables
     *     or expressions do not fit
     */
    default TableVerifier verifier(Backfill backfill, OptionalLong beside) {
        throw new NeapException(
                NeapException.Kind.USAGE,
                "not in this version: a verification of " + backfill.name() + " on this engine");
    }

    /** Whether a verification may keep its checkpoints in the control tables. It writes nothing. */
    default Keeping keeping() {
        return Keeping.NO_TABLES;
    }

    /**
     * Whether what a unit made of a partition can be compared with the one that it replaced. It writes nothing.
     *
     * @throws NeapException USAGE where the engine cannot
     */
    default Replaced replaced(Backfill backfill, UnitRow unit) {
        throw new NeapException(
                NeapException.Kind.USAGE,
                "not in this version: a verification of " + backfill.name() + " on this engine");
    }

    /**
     * Compares what a unit made with the partition that it replaced, on a session of its own. Rows that somebody has written
     * since the swap are on neither side; a part says how many they are, as skipped.
     *
     * @param expected a fill that would make the live partition's rows, as they were at the swap, of the replaced one
     * @throws NeapException USAGE where the engine cannot, or the expressions do not fit; UNIT when the two cannot be
     *     compared any more
     */
    default TableVerifier verifier(Backfill backfill, UnitRow unit, Fill expected) {
        throw new NeapException(
                NeapException.Kind.USAGE,
                "not in this version: a verification of " + backfill.name() + " on this engine");
    }

    /**
     * Whether a query of the user's holds: its first row says true. It is read-only, sees one snapshot, and has two minutes.
     *
     * @throws NeapException USAGE where the engine cannot, or the query is refused
     */
    default boolean holds(String query) {
        throw new NeapException(NeapException.Kind.USAGE, "not in this version: assertions on this engine: " + query);
    }

    /**
     * Mends a filled table, on a session of its own.
     *
     * @param backfill as for {@link #verifier}
     * @throws NeapException USAGE where the engine cannot, or the tables or expressions do not fit
     */
    default TableMender mender(Backfill backfill) {
        throw new NeapException(
                NeapException.Kind.USAGE, "not in this version: mending " + backfill.name() + " on this engine");
    }

    /** Copies a part of this database to another server; a session of its own for each copy. */
    Copier copier();

    /** Accounts for a rehearsal in this database, which is a copy. It opens sessions when it is asked to. */
    Practice practice(Backfill backfill);

    /** Whether the control tables are there. */
    boolean installed();

    /** Brings the control tables up to date. */
    void install();

    /** A session on the control tables. */
    ControlStore control(String purpose);

    /** Makes what all units of a run share: its schemas and its dead-man's switch. */
    void prepareRun(long run, Backfill backfill);

    /**
     * Renews the dead-man's switch of the run's capture triggers.
     *
     * @return false when it had lapsed: writes may have escaped, and every shadow under work is void
     */
    boolean renewCapture(long run);

    /** Sets the dead-man's switch anew after it lapsed and everything void was marked. */
    void restartCapture(long run);

    /**
     * Why only one unit of this backfill may be at work at a time, in words; empty when several may. While one is swapped,
     * what another computes must not come from the table as a whole: it would find a partition empty.
     */
    String oneAtATime(Backfill backfill);

    /** The engine's side of one unit. */
    PartitionRebuild rebuild(Backfill backfill, UnitRow unit);

    /** The engine's side of one segment of a fill. */
    SegmentFill segment(Backfill backfill, UnitRow unit);

    /** The engine's side of a fill as a whole. */
    TableFill fill(Backfill backfill, long run, long worker);

    /**
     * The signals that this server can give of those that the backfill asks for, and why others are off. They open
     * sessions when they are read.
     *
     * @param run or {@link #NO_RUN}, for a look before a run: then none of them writes
     * @param batches those of this process
     * @throws NeapException USAGE where the file asks for one that the server cannot give
     */
    Watched signals(Backfill backfill, long run, Batches batches);

    /**
     * Whether no captured row of these done units is in the old form, all seen in one snapshot.
     *
     * @param next the unit after a position, from 0; empty at the end
     */
    boolean allRight(Backfill backfill, IntFunction<Optional<UnitRow>> next);

    /** Whether units of an earlier run could be undone now, one answer for each, in their order. Writes nothing. */
    List<Undoable> undoable(List<UnitRow> units);

    /**
     * Stops the capture of changes to the tables that a run's recompute reads, if it has any and no unit still needs it.
     */
    PartitionRebuild.Attempt stopReading(long run);

    /** Sessions that still have units of a run at work though their process is gone, in words, where they can be seen. */
    default List<String> outlived(long run) {
        return List.of();
    }

    /** Everything of Neap's in the database. */
    List<Leftover> leftovers();

    /** Drops one of them. */
    void drop(Leftover leftover);

    /** Drops everything that a run keeps for its work, of all its units; kept partitions stay. */
    void dropWork(long run);

    /** Drops the control tables, last of all. */
    void uninstall();

    /** Tells failures apart by their SQLState, and puts them in words. */
    NeapException explain(Exception failure);

    @Override
    void close();
}
