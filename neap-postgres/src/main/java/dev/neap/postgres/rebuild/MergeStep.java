package dev.neap.postgres.rebuild;

import dev.neap.backfill.LiveWrites;
import dev.neap.dialect.NeapException;
import dev.neap.dialect.NeapException.Kind;
import dev.neap.dialect.PartitionRebuild.Attempt;
import dev.neap.dialect.PartitionRebuild.Merged;
import dev.neap.postgres.query.Names;
import dev.neap.postgres.query.Query;
import dev.neap.postgres.shadow.MergeRefusals;
import java.sql.Array;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Writes the differences between the shadow and the live partition into the live partition. A row is written only while
 * it is locked and no change of it is pending: then the shadow holds what its present version recomputes to.
 */
final class MergeStep {
    /** While rows are locked, nothing else is waited for longer than this part of the deadline. */
    private static final int PART = 10;

    private final UnitWork work;
    private final LoadStep load;
    /** The last key of the last committed batch; null at the beginning of a pass. */
    private @Nullable List<String> after;

    private @Nullable Boolean silent;
    private @Nullable String pathOfKey;

    MergeStep(UnitWork work, LoadStep load) {
        this.work = work;
        this.load = load;
    }

    /** Goes on from a committed checkpoint. */
    void resume() throws SQLException {
        after = Query.of(
                        work.connection(),
                        "SELECT merge_key FROM neap.unit WHERE id = ? AND merge_key IS NOT NULL",
                        work.unit().id())
                .list(r -> key(r.getArray(1)))
                .stream()
                .findFirst()
                .orElse(null);
    }

    private static List<String> key(Array stored) throws SQLException {
        return List.of((String[]) stored.getArray());
    }

    Merged merge(int rows, Runnable beforeCommit) throws SQLException {
        MergeSql sql = work.mergeSql();
        List<String> from = after;
        boolean quiet = silent();
        String path = pathOfKey();
        List<String> reached = new ArrayList<>();
        AtomicLong began = new AtomicLong();
        long written = work.writingLive(beforeCommit, s -> {
            prepare(s, quiet);
            String usual = path.isEmpty() ? "" : goTo(s, path);
            reached.addAll(texts(s, sql.upper(from, rows)));
            began.set(System.nanoTime());
            List<String> locked = reached.isEmpty() ? List.of() : texts(s, sql.lock(from, reached));
            if (!path.isEmpty()) {
                // The table's own expressions, such as its checks, mean what they mean without Neap.
                goTo(s, usual);
            }
            s.execute("SET LOCAL lock_timeout = "
                    + Math.max(1, work.tuning().lockDeadline().toMillis() / PART));
            long count = locked.isEmpty() ? 0 : s.executeLargeUpdate(sql.update(locked));
            work.writes().merged(reached.isEmpty() ? null : reached.toArray(String[]::new), count);
            return count;
        });
        after = reached.isEmpty() ? null : reached;
        return new Merged(written, Duration.ofNanos(System.nanoTime() - began.get()), reached.isEmpty());
    }

    private void prepare(Statement s, boolean quiet) throws SQLException {
        // Rows and checkpoint are lost together or not at all; the commit that ends the merge waits for the log.
        s.execute("SET LOCAL synchronous_commit = off");
        // Each batch goes by the key; a scan of the whole for a few rows must not be chosen.
        s.execute("SET LOCAL enable_seqscan = off");
        s.execute("SELECT set_config('" + CaptureSql.MERGES + "', "
                + CaptureSql.mergeMark(work.unit().id()) + ", true)");
        if (quiet) {
            s.execute("SET LOCAL session_replication_role = replica");
        }
        Locks.deadline(s, work);
        s.execute("LOCK TABLE ONLY " + work.names().liveTable() + " IN ROW EXCLUSIVE MODE");
    }

    /** Changes the search path for the rest of the transaction; returns the one before. */
    private static String goTo(Statement s, String path) throws SQLException {
        String before = texts(s, "SELECT current_setting('search_path')").get(0);
        s.execute("SELECT set_config('search_path', " + Names.literal(path) + ", true)");
        return before;
    }

    /** What the partition's triggers would do to rows that are rewritten is nobody's wish: they do not fire. */
    private boolean silent() throws SQLException {
        Boolean known = silent;
        if (known == null) {
            known = MergeCatalog.firesOnUpdate(work.connection(), work.requireLive());
            silent = known;
        }
        return known;
    }

    private String pathOfKey() throws SQLException {
        String known = pathOfKey;
        if (known == null) {
            known = MergeCatalog.pathOfKey(work.connection(), work.requireLive());
            pathOfKey = known;
        }
        return known;
    }

    private static List<String> texts(Statement s, String query) throws SQLException {
        List<String> all = new ArrayList<>();
        try (ResultSet rs = s.executeQuery(query)) {
            ResultSetMetaData columns = rs.getMetaData();
            while (rs.next()) {
                for (int i = 1; i <= columns.getColumnCount(); i++) {
                    all.add(rs.getString(i));
                }
            }
        }
        return all;
    }

    /** Whether no crash of the server has emptied the shadow. */
    boolean witnessed() throws SQLException {
        boolean there = Query.of(
                        work.connection(),
                        "SELECT to_regclass(?) IS NOT NULL",
                        work.names().witness())
                .truth();
        return there && Query.of(work.connection(), work.mergeSql().witnessed()).number() == 1;
    }

    /** Why the partition cannot be merged; empty when it can. */
    List<String> refusals() throws SQLException {
        return MergeRefusals.of(
                work.connection(),
                List.of(work.requireLive()),
                work.backfill().rebuild().set().keySet());
    }

    Attempt finish(Runnable beforeCommit) throws SQLException {
        String differences = work.mergeSql().differences();
        long left = work.readingLive(s -> {
            s.execute("SET LOCAL work_mem = '64MB'");
            return UnitWork.number(s, differences);
        });
        if (left > 0) {
            List<String> who = new Bystanders(work.connection()).holders(Locks.tables(work, Locks.Aim.WRITERS), 0, -1);
            return Attempt.missed(
                    left + " rows are not merged yet" + (who.isEmpty() ? "" : "; " + String.join("; ", who)));
        }
        boolean quiet = work.backfill().rebuild().writes() == LiveWrites.NONE;
        return work.inTransaction(beforeCommit, s -> {
            // What changed since that snapshot was captured, or the look was in vain.
            String voided = load.voided(s);
            if (!voided.isEmpty()) {
                throw new NeapException(Kind.RETRY, voided);
            }
            if (quiet
                    && UnitWork.number(s, "SELECT count(*) FROM " + work.names().changes()) > 0) {
                return Attempt.missed("changes came in");
            }
            work.writes().mergeDone();
            return Attempt.GOT;
        });
    }

    /** Drops the shadow of a done unit; nobody waits for it. */
    Attempt tidy() throws SQLException {
        return work.shadowOid().isPresent() ? new Undoing(work).dropShadow() : Attempt.GOT;
    }
}
