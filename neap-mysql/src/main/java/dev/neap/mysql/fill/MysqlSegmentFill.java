package dev.neap.mysql.fill;

import dev.neap.backfill.Fill;
import dev.neap.control.UnitRow;
import dev.neap.dialect.NeapException;
import dev.neap.dialect.NeapException.Kind;
import dev.neap.dialect.SegmentFill;
import dev.neap.mysql.query.Keys;
import dev.neap.mysql.query.Query;
import dev.neap.mysql.query.SqlFailures;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/** One segment on MariaDB: each batch and its checkpoint are one transaction. */
public final class MysqlSegmentFill implements SegmentFill {
    /** The most bytes of rows that one batch writes. */
    private static final long MOST_BYTES = 16L * 1024 * 1024;

    private final FillSession session;
    private final UnitRow unit;
    private final FillTables tables;
    private final FillSql walk;
    private final TargetSql target;
    private final boolean locksFirst;
    private final @Nullable List<String> begin;
    private final @Nullable List<String> end;
    private @Nullable List<String> checkpoint;
    /** What a batch of one row ended with that could not be written. */
    /** The part of the key that the last batch was about. */
    private @Nullable Next tried;

    /** Takes over the session, and closes it. */
    public MysqlSegmentFill(Connection connection, LongConsumer killer, Fill fill, UnitRow unit) throws SQLException {
        this.session = new FillSession(connection, killer);
        this.unit = unit;
        FillNames names = new FillNames(unit.runId());
        this.tables = FillTables.read(connection, fill);
        this.walk = new FillSql(tables, names);
        this.target = new TargetSql(tables, names);
        this.locksFirst = fill.inPlace() && !fill.reads().isEmpty();
        Row row = row(connection);
        this.begin = row.begin();
        this.end = row.end();
        if (!inPlace()) {
            for (String sql : target.scratch()) {
                Query.execute(connection, sql);
            }
        }
    }

    private boolean inPlace() {
        return tables.fill().inPlace();
    }

    private record Row(
            @Nullable List<String> begin,
            @Nullable List<String> end,
            @Nullable List<String> checkpoint,
            long rows,
            boolean done) {}

    private Row row(Connection c) throws SQLException {
        return Query.first(
                        c,
                        "SELECT after_key, upto_key, fill_key, rows_loaded, state = 'done' FROM neap.unit WHERE id = "
                                + unit.id(),
                        r -> new Row(
                                Keys.read(r.getString(1)),
                                Keys.read(r.getString(2)),
                                Keys.read(r.getString(3)),
                                r.getLong(4),
                                r.getBoolean(5)))
                .orElseThrow();
    }

    @Override
    public Standing look() {
        return session.plainly(c -> {
            Row row = row(c);
            checkpoint = row.checkpoint();
            LiveTable from = tables.from();
            long bytesEach = Math.max(1, from.bytes() / Math.max(1, from.rows()));
            return new Standing(row.rows(), row.done(), (int) Math.max(1, Math.min(1_000_000, MOST_BYTES / bytesEach)));
        });
    }

    private @Nullable List<String> after() {
        return checkpoint == null ? begin : checkpoint;
    }

    private List<String> upTo() {
        return Objects.requireNonNull(end, "a segment has an end");
    }

    private record Next(List<String> upTo, long looked, long wanted) {}

    private Optional<Next> next(Connection c, int rows) throws SQLException {
        int columns = tables.key().size();
        return Query.first(
                c,
                walk.upper(after(), upTo(), rows),
                r -> new Next(FillSession.texts(r, 1, columns), r.getLong(columns + 1), r.getLong(columns + 2)));
    }

    @Override
    public Filled fill(int rows, Runnable beforeCommit) {
        try {
            return batch(rows, beforeCommit);
        } catch (NeapException e) {
            String bad = SqlFailures.bad(e);
            if (bad.isEmpty()) {
                throw e;
            }
            // Only a row that is still a duplicate once what is there can be seen is one of the fill's own making.
            return SqlFailures.duplicate(e) ? again(rows, beforeCommit) : new Filled(0, 0, 0, false, bad);
        }
    }

    private Filled again(int rows, Runnable beforeCommit) {
        try {
            return batch(rows, beforeCommit);
        } catch (NeapException e) {
            String bad = SqlFailures.bad(e);
            if (bad.isEmpty()) {
                throw e;
            }
            return new Filled(0, 0, 0, false, bad);
        }
    }

    private Filled batch(int rows, Runnable beforeCommit) {
        tried = null;
        try {
            Filled filled = session.in(c -> {
                FillSession.hold(c, unit.id(), unit.token());
                // The upper key is fixed before any row is locked: under a lock the rows of a LIMIT may be others.
                Optional<Next> next = next(c, rows);
                if (next.isEmpty()) {
                    return new Filled(0, 0, 0, true, "");
                }
                Next now = next.get();
                tried = now;
                long written = now.wanted() == 0 ? 0 : write(c, now.upTo(), rows == 1);
                record(c, now, written);
                beforeCommit.run();
                return new Filled(
                        now.looked(), now.wanted(), written, now.upTo().equals(end), "");
            });
            if (tried != null) {
                checkpoint = tried.upTo();
            }
            return filled;
        } catch (NeapException e) {
            refresh();
            throw e;
        }
    }

    /** One row alone is waited for: nothing else is held that the application may want meanwhile. */
    private long write(Connection c, List<String> upTo, boolean alone) throws SQLException {
        String patience = alone ? "SET STATEMENT innodb_lock_wait_timeout = 1 FOR " : "";
        if (inPlace()) {
            if (locksFirst) {
                Query.execute(c, patience + walk.lock(after(), upTo));
            }
            return Query.execute(c, patience + walk.update(after(), upTo));
        }
        Query.execute(c, "DELETE FROM " + TargetSql.MADE);
        Query.execute(c, target.makeBatch(after(), upTo));
        String replace = target.replace();
        long replaced = replace.isEmpty() ? 0 : Query.execute(c, patience + replace);
        return replaced + Query.execute(c, patience + target.insert());
    }

    private void record(Connection c, Next next, long written) throws SQLException {
        long mine = Query.execute(
                c,
                "UPDATE neap.unit SET fill_key = " + Keys.sql(next.upTo()) + ", rows_loaded = rows_loaded + "
                        + next.looked() + ", rows_filled = rows_filled + " + written + " WHERE id = " + unit.id()
                        + " AND token = " + unit.token());
        if (mine != 1) {
            throw new NeapException(Kind.LOST_LEASE, "unit " + unit.id() + " has another owner");
        }
    }

    /** The checkpoint is what the database has: it is not known what became of the last transaction. */
    private void refresh() {
        session.plainly(c -> {
            if (!c.isClosed()) {
                checkpoint = row(c).checkpoint();
            }
            return true;
        });
    }

    @Override
    public boolean setAside(String cause) {
        Next past = Objects.requireNonNull(tried, "a batch of one row has failed");
        session.in(c -> {
            FillSession.hold(c, unit.id(), unit.token());
            Quarantine.add(c, unit.runId(), unit.id(), past.upTo(), cause);
            record(c, past, 0);
            return true;
        });
        checkpoint = past.upTo();
        return true;
    }

    @Override
    public void done() {
        session.in(c -> {
            FillSession.hold(c, unit.id(), unit.token());
            // The fill's row may be held for as long as a reconciliation takes.
            Query.execute(
                    c,
                    "SET STATEMENT innodb_lock_wait_timeout = 10 FOR UPDATE neap.fill SET last_insert = sysdate(6)"
                            + " WHERE run_id = " + unit.runId());
            Query.execute(
                    c,
                    "UPDATE neap.unit SET state = 'done', step = 'fill', settled = true, waiting_for = NULL, cause ="
                            + " NULL, done_at = sysdate(6) WHERE id = " + unit.id() + " AND token = " + unit.token());
            return true;
        });
    }

    @Override
    public void cancel() {
        session.cancel();
    }

    @Override
    public void close() {
        session.close();
    }
}
