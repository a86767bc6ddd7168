package dev.neap.postgres.rebuild;

import dev.neap.backfill.LiveWrites;
import dev.neap.backfill.SourceRecompute;
import dev.neap.dialect.NeapException;
import dev.neap.dialect.NeapException.Kind;
import dev.neap.dialect.PartitionRebuild.Attempt;
import dev.neap.dialect.PartitionRebuild.Loaded;
import dev.neap.postgres.planning.SourceReads;
import dev.neap.postgres.query.Query;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/**
 * Loads a unit from other tables: all of it in one statement, in one snapshot. Nothing is replayed; whatever is written
 * after that snapshot, in the live partition or in a table that is read, makes the shadow void.
 */
final class SourceLoad extends LoadStep {
    private final UnitWork work;
    private final SourceRecompute source;
    private final SourceCapture sources;

    SourceLoad(UnitWork work, SourceRecompute source) {
        super(work);
        this.work = work;
        this.source = source;
        this.sources = new SourceCapture(work.unit().runId(), source);
    }

    private record Table(String name, boolean holdsRows, boolean captured, long oid) {}

    /**
     * Capture on the tables that are read comes first; another unit of the run may have started it. Where more was written
     * since than it records, it begins anew, for all units of the run.
     */
    @Override
    Attempt startCapture() throws SQLException {
        try {
            work.inTransaction(s -> {
                takeTurn(s);
                work.writes().sourceSnapshot("NULL");
                UnitWork.all(s, sources.create(work.tuning().captureLimit()));
                return source;
            });
        } catch (SQLException e) {
            return Locks.missed(work, e, List.of());
        }
        for (Table table : tables()) {
            Attempt captured = table.captured() ? Attempt.GOT : capture(table);
            if (!captured.got()) {
                return captured;
            }
        }
        Attempt counted = countAnewWhereOverflowed();
        return counted.got() ? super.startCapture() : counted;
    }

    /** When every writer is recorded: whoever comes now counts from the beginning. */
    private Attempt countAnewWhereOverflowed() throws SQLException {
        try {
            return work.inTransaction(s -> {
                takeTurn(s);
                if (overflowed(s)) {
                    Locks.deadline(s, work);
                    s.execute(sources.countAnew());
                }
                return Attempt.GOT;
            });
        } catch (SQLException e) {
            return Locks.missed(work, e, List.of());
        }
    }

    /** Two workers must not make the same triggers; whoever comes second finds them. */
    private void takeTurn(Statement s) throws SQLException {
        s.execute("SET LOCAL lock_timeout = " + work.tuning().courtesy().toMillis());
        s.execute("SELECT pg_advisory_xact_lock(hashtext('neap sources'), "
                + (int) work.unit().runId() + ")");
    }

    private List<Table> tables() throws SQLException {
        return Query.of(work.connection(), sources.tables())
                .list(r -> new Table(r.getString(1), r.getBoolean(2), r.getBoolean(3), r.getLong(4)));
    }

    /**
     * The lock waits out older writers, so that none escapes. Each table has a transaction of its own: who is in the way of
     * one holds up no writer of another.
     */
    private Attempt capture(Table table) throws SQLException {
        try {
            return work.inTransaction(s -> {
                takeTurn(s);
                if (tables().stream().anyMatch(now -> now.oid() == table.oid() && !now.captured())) {
                    s.execute("LOCK TABLE ONLY " + table.name() + " IN SHARE UPDATE EXCLUSIVE MODE");
                    Locks.deadline(s, work);
                    s.execute("LOCK TABLE ONLY " + table.name() + " IN SHARE ROW EXCLUSIVE MODE");
                    UnitWork.all(s, sources.createTriggers(table.name(), table.holdsRows()));
                }
                return Attempt.GOT;
            });
        } catch (SQLException e) {
            return Locks.missed(work, e, List.of(table.oid()));
        }
    }

    @Override
    Loaded load(int rows, Runnable beforeCommit) throws SQLException {
        if (loaded()) {
            return new Loaded(0, true);
        }
        work.inTransaction(s -> {
            // Committed before the load's own snapshot, so that no other unit forgets a writer which that does not see.
            work.writes().sourceSnapshot("NULL");
            s.execute(sources.forget());
            return source;
        });
        long written = work.inSnapshot(List.of(), beforeCommit, this::fill);
        return new Loaded(written, true);
    }

    private boolean loaded() throws SQLException {
        return Query.of(
                        work.connection(),
                        "SELECT source_state IS NOT NULL FROM neap.unit WHERE id = ?",
                        work.unit().id())
                .truth();
    }

    private long fill(Statement s) throws SQLException {
        s.setEscapeProcessing(false);
        SourceSql sql = work.sourceSql();
        requireNamed(sql);
        // Exactly what this snapshot sees; what is left later came after it.
        s.execute("DELETE FROM " + work.names().changes());
        s.execute("SET LOCAL work_mem = '64MB'");
        long count = s.executeLargeUpdate(sql.load());
        requireRows(s, sql);
        if (sql.keeps()) {
            count += s.executeLargeUpdate(sql.keepMissing());
        }
        work.writes().sourceSnapshot(sources.state());
        work.writes().loaded(1, count);
        return count;
    }

    /** Where a plan of the whole table saw another part of it, each unit still reads what is watched. */
    private void requireNamed(SourceSql sql) throws SQLException {
        SourceReads reads = SourceReads.of(
                work.connection(),
                source,
                sql.select(),
                work.backfill().rebuild().table());
        if (reads.ownRows()) {
            throw new NeapException(
                    Kind.UNIT,
                    "the recompute reads " + work.backfill().rebuild().table()
                            + ", the table that is rebuilt: what it yields would depend on which partitions are done; read"
                            + " other tables, or recompute row by row with `set`");
        }
        if (!reads.unnamed().isEmpty()) {
            throw new NeapException(
                    Kind.UNIT,
                    "the recompute reads " + String.join(", ", reads.unnamed())
                            + ", which rebuild.reads does not name; add it, or a change to it would be lost");
        }
    }

    private void requireRows(Statement s, SourceSql sql) throws SQLException {
        String bound = Query.of(
                        work.connection(),
                        "SELECT coalesce(pg_get_partition_constraintdef(?::oid), 'true')",
                        work.requireLive())
                .text();
        long outside = UnitWork.number(s, sql.outside(bound));
        if (outside > 0) {
            throw new NeapException(
                    Kind.UNIT,
                    "the recompute yields " + outside + " rows outside the partition's bound "
                            + work.unit().bound() + "; bound it with :lower and :upper, as in"
                            + " WHERE day >= :lower AND day < :upper");
        }
        if (sql.hasKey()) {
            try (ResultSet rs = s.executeQuery(sql.doubled())) {
                if (rs.next()) {
                    throw new NeapException(
                            Kind.UNIT,
                            "the recompute yields more than one row for the key " + rs.getString(1)
                                    + "; make its joins and groups yield one row for each key");
                }
            }
        }
    }

    @Override
    String voided(Statement s) throws SQLException {
        String why = super.voided(s);
        return why.isEmpty() ? sourcesChanged(s) : why;
    }

    private String sourcesChanged(Statement s) throws SQLException {
        if (UnitWork.number(
                        s,
                        "SELECT count(*) FROM neap.unit WHERE id = "
                                + work.unit().id() + " AND source_snapshot IS NOT NULL AND source_state IS NOT NULL")
                == 0) {
            return "";
        }
        List<String> changed = new ArrayList<>();
        try (ResultSet rs = s.executeQuery(sources.changed(work.unit().id()))) {
            while (rs.next()) {
                changed.add(rs.getString(1));
            }
        }
        if (!changed.isEmpty()) {
            String what = "the recompute reads " + String.join(", ", changed)
                    + (changed.size() > 1 ? ", and they were" : ", and it was") + " written since the load";
            return refuseIfNobodyWrites(what);
        }
        boolean same = UnitWork.number(
                        s,
                        "SELECT count(*) FROM neap.unit WHERE id = "
                                + work.unit().id() + " AND source_state = " + sources.state())
                == 1;
        if (!same) {
            return "since the load somebody changed the tables that the recompute reads, or their triggers, or wrote them"
                    + " more often than is captured";
        }
        return overflowed(s)
                ? "more than " + work.tuning().captureLimit() + " writes of its sources were captured"
                : "";
    }

    private boolean overflowed(Statement s) throws SQLException {
        return UnitWork.number(s, sources.overflowed(work.tuning().captureLimit())) > 0;
    }

    @Override
    String changedWithoutReplay(Statement s) throws SQLException {
        return UnitWork.number(s, "SELECT count(*) FROM " + work.names().changes()) > 0
                ? refuseIfNobodyWrites("the partition was written since the load, and a recompute from other tables"
                        + " cannot be replayed row by row")
                : "";
    }

    private String refuseIfNobodyWrites(String what) {
        if (work.backfill().rebuild().writes() == LiveWrites.NONE) {
            throw new NeapException(Kind.UNIT, what + ", but the file says `writes: none`; say `writes: capture`");
        }
        return what;
    }
}
