package dev.neap.postgres.fill;

import dev.neap.backfill.Backfill;
import dev.neap.backfill.Fill;
import dev.neap.control.UnitRow;
import dev.neap.dialect.NeapException;
import dev.neap.dialect.NeapException.Kind;
import dev.neap.dialect.SegmentFill;
import dev.neap.dialect.StatementPlans;
import dev.neap.dialect.Tuning;
import dev.neap.postgres.query.Query;
import dev.neap.postgres.query.SqlFailures;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One segment on PostgreSQL: each batch and its checkpoint are one transaction. */
public final class PostgresSegmentFill implements SegmentFill {
    /** The most bytes of rows that one batch writes. */
    private static final long MOST_BYTES = 64L * 1024 * 1024;
    /** A row that changes each time that it is read and transformed is left to the last look. */
    private static final int MOST_ROUNDS = 5;

    private static final int MOST_LEFT = 1_000;

    private final FillSession session;
    private final Canceller canceller;
    private final long lockMs;
    private final UnitRow unit;
    private final FillTables tables;
    private final WalkSql sql;
    private final FillNames names;
    private final PostgresPlans plans;
    private final boolean locksFirst;
    /** Sequences whose highest number is known of the rows of a batch alone. */
    private final List<Sequences.Copied> copied;
    /** Null where SQL makes the values. */
    private final @Nullable Making making;

    private final @Nullable List<String> begin;
    private final @Nullable List<String> end;
    private @Nullable List<String> checkpoint;
    /** The part of the key that the last batch was about. */
    private @Nullable Next tried;
    /** Whether that was for want of a row that is referenced. */
    private boolean orphan;
    /** Whether most rows of the batch before were wanted: at first that is supposed, as it costs least to find out. */
    private boolean dense = true;
    /** Rows of the same table that were left to the look at the end. */
    private int left;

    /** Takes over the session, and closes it. */
    public PostgresSegmentFill(
            Connection connection, Canceller.Opener opener, Backfill part, UnitRow unit, Tuning tuning)
            throws SQLException {
        this.lockMs = tuning.lockDeadline().toMillis();
        this.session = new FillSession(connection, lockMs);
        this.canceller = new Canceller(connection, opener);
        this.unit = unit;
        this.names = new FillNames(unit.runId(), part.part());
        Fill fill = part.fill();
        this.tables = FillTables.read(connection, fill);
        this.sql = new WalkSql(tables, names);
        this.plans =
                new PostgresPlans(session, tables, names, tuning.secondWrite().toMillis());
        this.locksFirst = fill.inPlace() && !fill.reads().isEmpty();
        this.copied = Sequences.copied(connection, tables).stream()
                .filter(each -> !each.indexed())
                .toList();
        this.making =
                fill.transform() == null ? null : new Making(session, tables, names, false, tuning.transformTime());
        Row row = row();
        this.begin = row.begin();
        this.end = row.end();
    }

    private record Row(
            @Nullable List<String> begin,
            @Nullable List<String> end,
            @Nullable List<String> checkpoint,
            long rows,
            boolean done) {}

    private Row row() throws SQLException {
        return Query.of(
                        session.connection(),
                        "SELECT after_key, upto_key, fill_key, rows_loaded, state = 'done' FROM neap.unit WHERE id = ?",
                        unit.id())
                .list(r -> new Row(
                        FillSession.array(r, 1),
                        FillSession.array(r, 2),
                        FillSession.array(r, 3),
                        r.getLong(4),
                        r.getBoolean(5)))
                .get(0);
    }

    @Override
    public Standing look() {
        try {
            Row row = row();
            checkpoint = row.checkpoint();
            return new Standing(row.rows(), row.done(), mostRows());
        } catch (SQLException e) {
            throw SqlFailures.explain(e);
        }
    }

    private int mostRows() throws SQLException {
        Connection connection = session.connection();
        long rows = Math.max(1, FillPlanner.rows(connection, tables));
        long bytesEach = Math.max(1, FillPlanner.bytes(connection, tables.from()) / rows);
        return (int) Math.max(1, Math.min(1_000_000, MOST_BYTES / bytesEach));
    }

    private @Nullable List<String> after() {
        return checkpoint == null ? begin : checkpoint;
    }

    private List<String> upTo() {
        return Objects.requireNonNull(end, "a segment has an end");
    }

    private record Next(List<String> upTo, long looked, long wanted) {}

    private @Nullable Next next(Statement s, int rows) throws SQLException {
        int columns = tables.key().size();
        try (ResultSet rs = s.executeQuery(plans.sent(sql.upper(after(), upTo(), rows, dense)))) {
            return rs.next()
                    ? new Next(
                            Objects.requireNonNull(FillSession.texts(rs, columns)),
                            rs.getLong(columns + 1),
                            rs.getLong(columns + 2))
                    : null;
        }
    }

    @Override
    public Filled fill(int rows, Runnable beforeCommit) {
        tried = null;
        orphan = false;
        try {
            Filled filled = making == null ? fillInSql(rows, beforeCommit) : fillMade(making, rows, beforeCommit);
            if (filled.bad().isEmpty() && tried != null) {
                checkpoint = tried.upTo();
                dense = 2 * (dense ? filled.written() : filled.wanted()) >= filled.looked();
            }
            return filled;
        } catch (NeapException e) {
            refresh();
            String bad = FillSession.bad(e);
            if (bad.isEmpty()) {
                throw named(e);
            }
            orphan = FillSession.orphan(e);
            return new Filled(0, 0, 0, false, bad);
        }
    }

    /** With who was in the way, where it was a lock. Who has let it go since is not named. */
    private NeapException named(NeapException e) {
        if (e.kind() != Kind.LOCK) {
            return e;
        }
        try {
            List<String> who = Users.holding(
                    session.connection(),
                    List.of(tables.from().oid(), tables.into().oid()),
                    lockMs);
            return who.isEmpty() ? e : new NeapException(Kind.LOCK, e.retryCause(), String.join("; ", who), e);
        } catch (SQLException unknown) {
            e.addSuppressed(unknown);
            return e;
        }
    }

    private Filled fillInSql(int rows, Runnable beforeCommit) {
        return session.in("read committed", s -> {
            hold(s);
            plans.prepare(s);
            plans.batch(after(), upTo(), upTo(), rows, dense);
            // The upper key is fixed before any row is locked: under a lock the rows of a LIMIT may be others.
            Next next = next(s, rows);
            if (next == null) {
                return new Filled(0, 0, 0, true, "");
            }
            tried = next;
            plans.batch(after(), upTo(), next.upTo(), rows, dense);
            long written = next.wanted() == 0 ? 0 : write(s, next.upTo());
            record(s, next, written);
            beforeCommit.run();
            return new Filled(next.looked(), next.wanted(), written, next.upTo().equals(end), "");
        });
    }

    /**
     * Reads, transforms and writes, in that order, and nothing is open between. A row that has changed by then is read
     * again: of another table its change was captured, but a reconciliation leaves alone what is not the run's own, and the
     * conflict rule is a batch's to apply.
     */
    private Filled fillMade(Making made, int rows, Runnable beforeCommit) {
        for (int round = 1; ; round++) {
            Optional<Filled> filled = round(made, rows, round == 1, round == MOST_ROUNDS, beforeCommit);
            if (filled.isPresent()) {
                return filled.get();
            }
        }
    }

    /** Empty where rows had changed and must be read again: what could be written is, and the checkpoint stays. */
    private Optional<Filled> round(Making made, int rows, boolean first, boolean last, Runnable beforeCommit) {
        Optional<Reading> reading = session.in("repeatable read", s -> {
            s.execute("SET TRANSACTION READ ONLY");
            plans.prepare(s);
            plans.batch(after(), upTo(), upTo(), rows, dense);
            Next upper = next(s, rows);
            if (upper == null) {
                return Optional.empty();
            }
            plans.batch(after(), upTo(), upper.upTo(), rows, dense);
            String read = plans.sent(made.sql().batch(after(), upper.upTo(), !first));
            return Optional.of(new Reading(upper, made.read(s, read)));
        });
        if (reading.isEmpty()) {
            tried = null;
            return Optional.of(new Filled(0, 0, 0, true, ""));
        }
        Next next = reading.get().next();
        tried = next;
        Made batch = made.transform(reading.get().rows());
        if (!batch.bad().isEmpty()) {
            return Optional.of(new Filled(0, 0, 0, false, batch.bad()));
        }
        return session.in("read committed", s -> {
            hold(s);
            plans.prepare(s);
            made.stage(batch);
            long written = batch.read().isEmpty() ? 0 : write(s, next.upTo());
            if (!last && changed(s, made, batch, next.upTo(), written)) {
                return Optional.empty();
            }
            record(s, next, written);
            beforeCommit.run();
            return Optional.of(new Filled(
                    next.looked(), next.wanted(), written, next.upTo().equals(end), ""));
        });
    }

    private boolean changed(Statement s, Making made, Made batch, List<String> upTo, long written) throws SQLException {
        return written < batch.yielded() && FillSession.number(s, made.sql().changed(after(), upTo)) > 0;
    }

    /** What a transform is given. */
    private record Reading(Next next, Making.Reading rows) {
        /** What does not fit into memory ends the batch before it does. */
        Reading(Next next, Making.Reading rows) {
            this.next = rows.cut()
                    ? new Next(
                            rows.rows().get(rows.rows().size() - 1).key(),
                            rows.rows().size(),
                            rows.rows().size())
                    : next;
            this.rows = rows;
        }
    }

    private long write(Statement s, List<String> upTo) throws SQLException {
        if (tables.fill().inPlace()) {
            if (locksFirst) {
                FillSession.number(s, plans.sent(sql.lock(after(), upTo)));
            }
        } else {
            s.execute("SELECT pg_advisory_xact_lock_shared(" + names.batches() + "); " + names.recordBatch());
            for (Sequences.Copied each : copied) {
                s.execute(each.movePast(sql.within(after(), upTo)));
            }
        }
        return s.executeLargeUpdate(plans.sent(sql.batch(after(), upTo)));
    }

    private void hold(Statement s) throws SQLException {
        s.execute("SELECT neap.hold(" + unit.id() + ", " + unit.token() + "), " + CarriedFrom.mark(tables.from()));
    }

    private void record(Statement s, Next next, long written) throws SQLException {
        // Rows and checkpoint are lost together or not at all, and whoever goes on reads the checkpoint. The
        // application's commits would wait behind each; the one that ends the segment waits for the log, and for all.
        s.execute("SET LOCAL synchronous_commit = off; UPDATE neap.unit SET fill_key = "
                + FillSession.arrayLiteral(next.upTo())
                + ", rows_loaded = rows_loaded + " + next.looked() + ", rows_filled = rows_filled + " + written
                + " WHERE id = " + unit.id() + " AND token = " + unit.token());
    }

    /** The checkpoint is what the database has: it is not known what became of the last transaction. */
    private void refresh() {
        try {
            if (!session.connection().isClosed()) {
                checkpoint = row().checkpoint();
            }
        } catch (SQLException e) {
            throw SqlFailures.explain(e);
        }
    }

    @Override
    public boolean setAside(String cause) {
        Next past = Objects.requireNonNull(tried, "a batch of one row has failed");
        boolean aside = session.in("read committed", s -> {
            hold(s);
            boolean waits = orphan && waits(s, past);
            if (!waits) {
                Quarantine.add(s, names, unit.id(), past.upTo(), cause);
            }
            record(s, past, 0);
            return !waits;
        });
        checkpoint = past.upTo();
        return aside;
    }

    /** The row that it references may be on its way: it is tried again when all is walked. */
    private boolean waits(Statement s, Next past) throws SQLException {
        if (tables.fill().inPlace()) {
            return left++ < MOST_LEFT;
        }
        ReconcileSql waiting = new ReconcileSql(tables, names);
        return FillSession.truth(s, waiting.mayWait()) && s.executeUpdate(waiting.waitForParent(past.upTo())) > 0;
    }

    @Override
    public void done() {
        session.in("read committed", s -> {
            hold(s);
            s.execute("UPDATE neap.unit SET state = 'done', step = 'fill', settled = true, waiting_for = NULL,"
                    + " cause = NULL, done_at = clock_timestamp() WHERE id = " + unit.id() + " AND token = "
                    + unit.token());
            s.execute("UPDATE neap.fill SET last_insert = clock_timestamp() WHERE " + names.mine("fill"));
            return true;
        });
    }

    @Override
    public Optional<StatementPlans> plans() {
        return Optional.of(plans);
    }

    @Override
    public void cancel() {
        if (making != null) {
            making.cancel();
        }
        canceller.cancel();
    }

    @Override
    public void close() {
        if (making != null) {
            making.close();
        }
        canceller.close();
    }
}
