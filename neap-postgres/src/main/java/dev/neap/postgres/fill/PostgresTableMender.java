package dev.neap.postgres.fill;

import dev.neap.backfill.Fill;
import dev.neap.dialect.Difference;
import dev.neap.dialect.NeapException;
import dev.neap.dialect.NeapException.Kind;
import dev.neap.dialect.TableMender;
import dev.neap.dialect.TableVerifier.Looked;
import dev.neap.postgres.fill.VerifySql.Lock;
import dev.neap.postgres.query.SqlFailures;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Mends a filled table of a PostgreSQL server, over one session, which it closes. */
public final class PostgresTableMender implements TableMender {
    /** Each statement must see what was committed before it got its locks. */
    private static final String WRITING = "read committed, read write";

    private final FillSession session;
    private final FillTables tables;
    private final TwoSides sides;
    private final MendSql sql;
    /** Which transaction has put in the row of a key that is still to be followed. */
    private final Map<List<String>, String> put = new HashMap<>();

    private String lastPut = "";
    /** The transaction of it. */
    private String lastTransaction = "";

    private boolean moved;

    private PostgresTableMender(FillSession session, VerifiedTables verified) {
        this.session = session;
        this.tables = verified.tables();
        this.sides = new TwoSides(new VerifySql(verified), tables.key().size());
        this.sql = new MendSql(tables);
    }

    /**
     * Reads the tables.
     *
     * @param fill what makes the expected rows
     * @param lockMs how long one lock may be waited for, in milliseconds: less than the server's deadlock_timeout
     * @throws NeapException USAGE when the tables are not there
     */
    public static PostgresTableMender open(Connection connection, Fill fill, long lockMs) throws SQLException {
        try {
            return new PostgresTableMender(
                    new FillSession(connection, lockMs), VerifiedTables.read(connection, fill, OptionalLong.empty()));
        } catch (SQLException | RuntimeException e) {
            connection.close();
            throw e;
        }
    }

    @Override
    public Mended mend(Map<List<String>, List<Difference>> suspected) {
        Attempt attempt = new Attempt(suspected);
        try {
            return attempt.run();
        } catch (NeapException e) {
            if (mayComeLater(e)) {
                return new Mended(new Looked(suspected.keySet(), Map.of()), Map.of(), Set.of());
            }
            String bad = FillSession.bad(e);
            if (bad.isEmpty()) {
                throw e;
            }
            return suspected.size() == 1 ? attempt.refused(bad) : oneByOne(suspected);
        }
    }

    private static boolean mayComeLater(NeapException e) {
        return e.kind() == Kind.LOCK || e.kind() == Kind.RETRY;
    }

    private Mended oneByOne(Map<List<String>, List<Difference>> suspected) {
        Set<List<String>> busy = new HashSet<>();
        Map<List<String>, List<Difference>> differing = new HashMap<>();
        Map<List<String>, List<Difference>> left = new HashMap<>();
        Set<List<String>> putIn = new HashSet<>();
        suspected.forEach((key, differences) -> {
            Mended one = mend(Map.of(key, differences));
            busy.addAll(one.looked().busy());
            differing.putAll(one.looked().differing());
            left.putAll(one.left());
            putIn.addAll(one.put());
        });
        return new Mended(new Looked(busy, differing), left, putIn);
    }

    /** One transaction. */
    private final class Attempt {
        private final Map<List<String>, List<Difference>> suspected;
        private final List<List<String>> keys;
        private @Nullable Looked looked;

        Attempt(Map<List<String>, List<Difference>> suspected) {
            this.suspected = suspected;
            this.keys = List.copyOf(suspected.keySet());
        }

        /** What was seen of a row before. */
        private List<Difference> before(List<String> key) {
            return suspected.getOrDefault(key, List.of());
        }

        Mended run() {
            moveSequences();
            Map<List<String>, String> putNow = new HashMap<>();
            Mended mended = session.in(WRITING, s -> write(s, putNow));
            if (!putNow.isEmpty()) {
                put.putAll(putNow);
                lastTransaction = putNow.values().iterator().next();
                lastPut = session.in(WRITING, s -> text(s, "SELECT clock_timestamp()::text"));
            }
            return mended;
        }

        private Mended write(Statement s, Map<List<String>, String> putNow) throws SQLException {
            Looked seen = new Looked(sides.busy(s, keys, Lock.WRITE), sides.differing(s, keys));
            looked = seen;
            List<List<String>> same = keys.stream()
                    .filter(key -> !seen.busy().contains(key)
                            && before(key).equals(seen.differing().get(key)))
                    .filter(key -> before(key).stream().anyMatch(Difference::canBeWritten))
                    .toList();
            if (same.isEmpty()) {
                return new Mended(seen, Map.of(), Set.of());
            }
            s.execute("SELECT " + CarriedFrom.mark(tables.from()));
            s.execute(sql.write(same));
            Map<List<String>, List<Difference>> after = sides.differing(s, same);
            String transaction = text(s, "SELECT pg_current_xact_id()::xid::text");
            Map<List<String>, List<Difference>> left = new HashMap<>();
            for (List<String> key : same) {
                left.put(key, after.getOrDefault(key, List.of()));
                if (before(key).stream().anyMatch(one -> one.kind() == Difference.Kind.MISSING)) {
                    putNow.put(key, transaction);
                }
            }
            return new Mended(seen, left, putNow.keySet());
        }

        /** What became of the only row, which the server refuses: to compute it, or to write it. */
        Mended refused(String cause) {
            List<String> key = keys.get(0);
            Looked seen = looked;
            if (seen == null) {
                return new Mended(TwoSides.failed(key, cause), Map.of(), Set.of());
            }
            return new Mended(
                    seen,
                    Map.of(
                            key,
                            before(key).stream()
                                    .map(one -> one.because("not mended: " + cause))
                                    .toList()),
                    Set.of());
        }
    }

    /** Rows that are put in with their own numbers must not get in the way of numbers that are handed out later. */
    private void moveSequences() {
        if (!moved && !tables.fill().inPlace()) {
            session.in(WRITING, s -> {
                for (String move : Sequences.moves(session.connection(), tables)) {
                    s.execute(move);
                }
                return true;
            });
        }
        moved = true;
    }

    @Override
    public Set<List<String>> follow(List<List<String>> keys) {
        try {
            Set<List<String>> busy = session.in(WRITING, s -> {
                Set<List<String>> locked = sides.busy(s, keys, Lock.DELETE);
                List<List<String>> free =
                        keys.stream().filter(key -> !locked.contains(key)).toList();
                if (!free.isEmpty()) {
                    Set<String> own = new TreeSet<>();
                    free.forEach(key -> own.add(put.getOrDefault(key, "0")));
                    s.execute(sql.takeOut(free, own));
                    String again = sql.writeAgain(free, own);
                    if (!again.isEmpty()) {
                        s.execute(again);
                    }
                }
                return locked;
            });
            keys.stream().filter(key -> !busy.contains(key)).forEach(put::remove);
            return busy;
        } catch (NeapException e) {
            if (!mayComeLater(e) && FillSession.bad(e).isEmpty()) {
                throw e;
            }
            return keys.size() == 1 ? Set.copyOf(keys) : followOneByOne(keys);
        }
    }

    private Set<List<String>> followOneByOne(List<List<String>> keys) {
        Set<List<String>> busy = new HashSet<>();
        keys.forEach(key -> busy.addAll(follow(List.of(key))));
        return busy;
    }

    @Override
    public String stillOpen() {
        try {
            return lastPut.isEmpty()
                    ? ""
                    : String.join(
                            "; ",
                            Users.sinceBefore(
                                    session.connection(),
                                    List.of(tables.from().oid(), tables.into().oid()),
                                    lastPut,
                                    lastTransaction));
        } catch (SQLException e) {
            throw SqlFailures.explain(e);
        }
    }

    @Override
    public String statement(List<List<String>> keys) {
        return sql.write(keys);
    }

    private static String text(Statement s, String query) throws SQLException {
        try (ResultSet rs = s.executeQuery(query)) {
            rs.next();
            return rs.getString(1);
        }
    }

    @Override
    public void close() {
        try {
            session.connection().close();
        } catch (SQLException e) {
            throw SqlFailures.explain(e);
        }
    }
}
