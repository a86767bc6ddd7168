package dev.neap.postgres.fill;

import dev.neap.backfill.Backfill;
import dev.neap.backfill.Conflict;
import dev.neap.backfill.Fill;
import dev.neap.control.UnitRow;
import dev.neap.dialect.Difference;
import dev.neap.dialect.NeapException;
import dev.neap.dialect.NeapException.Kind;
import dev.neap.dialect.SecondWrites;
import dev.neap.dialect.TableVerifier;
import dev.neap.postgres.planning.LiveTable;
import dev.neap.postgres.planning.PlainSql;
import dev.neap.postgres.planning.ReadOnly;
import dev.neap.postgres.query.Names;
import dev.neap.postgres.query.SqlFailures;
import dev.neap.postgres.rebuild.KeptPartition;
import dev.neap.postgres.rebuild.UnitNames;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Verifies a filled table of a PostgreSQL server, over one session, which it closes. */
public final class PostgresTableVerifier implements TableVerifier {
    private static final String READING = "read committed, read only";
    private static final String LOCKING = "read committed, read write";
    private static final String DENIED = "42501";

    private final FillSession session;
    private final VerifiedTables verified;
    private final VerifySql sql;
    private final TwoSides sides;
    private @Nullable Places places;

    private PostgresTableVerifier(FillSession session, VerifiedTables verified) {
        this.session = session;
        this.verified = verified;
        this.sql = new VerifySql(verified);
        this.sides = new TwoSides(sql, verified.tables().key().size());
    }

    /**
     * Reads the tables, and compiles what is expected.
     *
     * @param fill what would make the expected rows
     * @param beside a run that is not finished, and what it wrote counts as not there
     * @param lockMs how long a table's lock may be waited for, in milliseconds
     * @throws NeapException USAGE when that run's rows cannot be told from the application's, the tables are not there or the
     *     expressions do not compile
     */
    public static PostgresTableVerifier open(Connection connection, Fill fill, OptionalLong beside, long lockMs)
            throws SQLException {
        return open(
                connection,
                () -> {
                    beside.ifPresent(run -> requireOwnKnown(fill, run));
                    return VerifiedTables.read(connection, fill, beside);
                },
                lockMs);
    }

    /** By the transaction that wrote a row one can tell whose it is, unless Neap writes over rows of the application's. */
    private static void requireOwnKnown(Fill fill, long run) {
        String why = fill.inPlace()
                ? "what it writes into a row hides who wrote the row before"
                : fill.conflict().rule() != Conflict.Rule.KEEP
                        ? "with this conflict rule it writes over rows of the application's"
                        : "";
        if (!why.isEmpty()) {
            throw new NeapException(
                    Kind.USAGE,
                    "run " + run + " of this backfill is not finished, and " + why
                            + ", so its rows would pass for the application's; watch before the run, or after it");
        }
    }

    /**
     * The same for a partition that a unit made: it is compared with the one that it replaced.
     *
     * @param expected what would make the expected rows of the replaced partition
     * @throws NeapException USAGE when the expressions do not compile
     */
    public static PostgresTableVerifier open(
            Connection connection, Backfill backfill, UnitRow unit, Fill expected, long lockMs) throws SQLException {
        return open(
                connection,
                () -> {
                    WrittenSince since =
                            new WrittenSince(KeptPartition.written(unit), KeptPartition.key(connection, unit));
                    Fill walked = backfill.rebuild().source() == null
                            ? expected
                            : expected.from(KeptPartition.computedAgain(connection, backfill, unit));
                    return VerifiedTables.rebuilt(connection, walked, since);
                },
                lockMs);
    }

    @FunctionalInterface
    private interface Reading {
        VerifiedTables read() throws SQLException;
    }

    private static PostgresTableVerifier open(Connection connection, Reading tables, long lockMs) throws SQLException {
        try {
            PlainSql.execute(connection, "SET max_parallel_workers_per_gather = 0");
            VerifiedTables verified = tables.read();
            FillSession session = new FillSession(connection, lockMs);
            session.onlyReads();
            PostgresTableVerifier verifier = new PostgresTableVerifier(session, verified);
            verifier.compile();
            return verifier;
        } catch (SQLException | RuntimeException e) {
            connection.close();
            throw e;
        }
    }

    private void compile() {
        read(s -> {
            try {
                return s.execute("EXPLAIN " + sql.compare(Part.ALL));
            } catch (SQLException e) {
                if (!SqlFailures.state(e).startsWith("42")
                        || SqlFailures.state(e).equals(DENIED)) {
                    throw e;
                }
                throw new NeapException(
                        Kind.USAGE,
                        "what is expected of " + verified.tables().into().name() + " cannot be computed: "
                                + PlainSql.message(e) + "; mend set, where, already_right or expect, under "
                                + (verified.since() == null ? "fill" : "rebuild"),
                        e);
            }
        });
    }

    /** A role that only reads may compare what is right; what differs it cannot judge. */
    private void requireLocks(List<String> suspected) {
        FillTables tables = verified.tables();
        requireLocks(tables.from(), tables.key().get(0).name(), suspected);
        if (!tables.fill().inPlace()) {
            requireLocks(tables.into(), tables.carried().get(0), suspected);
        }
    }

    private void requireLocks(LiveTable table, String column, List<String> suspected) {
        String grant = read(s -> {
            try (ResultSet rs = s.executeQuery("SELECT quote_ident(current_user) WHERE NOT has_any_column_privilege("
                    + table.oid() + "::oid, 'UPDATE')")) {
                return rs.next()
                        ? "GRANT UPDATE (" + Names.quote(column) + ") ON " + Names.quote(table.name()) + " TO "
                                + rs.getString(1)
                        : "";
            }
        });
        if (!grant.isEmpty()) {
            throw new NeapException(
                    Kind.USAGE,
                    "the row " + String.join(", ", suspected)
                            + " differed at first sight, and counts when it still does"
                            + " under a lock; this role may not lock rows of " + table.name()
                            + ", for which PostgreSQL asks for UPDATE on some column; " + grant);
        }
    }

    private <T> T in(String isolation, FillSession.Work<T> work) {
        return naming(() -> session.in(isolation, work));
    }

    /** One statement, in its own transaction, which only reads. */
    private <T> T read(FillSession.Work<T> work) {
        return naming(() -> session.alone(work));
    }

    /** A lock that could not be had is named by who has it. */
    private <T> T naming(Supplier<T> work) {
        try {
            return work.get();
        } catch (NeapException e) {
            throw e.kind() == Kind.LOCK ? locked(e) : e;
        }
    }

    private NeapException locked(NeapException e) {
        FillTables tables = verified.tables();
        try {
            List<String> who = Users.inTheWay(
                    session.connection(),
                    List.of(tables.from().oid(), tables.into().oid()));
            return new NeapException(
                    Kind.LOCK,
                    "a table that is compared was locked for too long: "
                            + (who.isEmpty() ? "whoever held it is gone by now" : String.join("; ", who)),
                    e);
        } catch (SQLException lost) {
            e.addSuppressed(lost);
            return e;
        }
    }

    @Override
    public Ground ground() {
        return new Ground(
                verified.alike()
                        ? ""
                        : "not looked for: rows of " + verified.tables().into().name() + " whose key "
                                + verified.tables().from().name()
                                + " does not have at all; the key's columns have other types or collations there");
    }

    @Override
    public String shape() {
        return read(s -> {
            try (ResultSet rs = s.executeQuery(sql.shape())) {
                rs.next();
                return rs.getString(1);
            }
        });
    }

    @Override
    public Optional<List<String>> last() {
        return read(s -> sides.keys(s, sql.last()).stream().findFirst());
    }

    @Override
    public Optional<List<String>> upper(Part part, int rows) {
        return read(s -> sides.keys(s, sql.upper(part, rows)).stream().findFirst());
    }

    @Override
    public Compared compare(Part part) {
        return compared(sql.compare(part));
    }

    @Override
    public Compared aggregates(Part part) {
        return compared(sql.aggregates(part));
    }

    private Compared compared(String statement) {
        try {
            return read(s -> {
                try (ResultSet rs = s.executeQuery(statement)) {
                    rs.next();
                    return new Compared(rs.getLong(1), rs.getLong(2), rs.getLong(3), rs.getBoolean(4), "");
                }
            });
        } catch (NeapException e) {
            return new Compared(0, 0, 0, false, bad(e));
        }
    }

    /** What is wrong with the data; anything else is thrown again. */
    private static String bad(NeapException e) {
        String bad = FillSession.bad(e);
        if (bad.isEmpty()) {
            throw e;
        }
        return bad;
    }

    @Override
    public List<Difference> differences(Part part) {
        return read(s -> sides.differences(s, sql.differences(part)));
    }

    @Override
    public Looked look(List<List<String>> keys, boolean locked) {
        if (locked) {
            requireLocks(keys.get(0));
        }
        try {
            return locked
                    ? in(LOCKING, s -> new Looked(sides.busy(s, keys, VerifySql.Lock.SHARE), sides.differing(s, keys)))
                    : read(s -> new Looked(Set.of(), sides.differing(s, keys)));
        } catch (NeapException e) {
            String bad = bad(e);
            return keys.size() == 1 ? TwoSides.failed(keys.get(0), bad) : oneByOne(keys, locked);
        }
    }

    private Looked oneByOne(List<List<String>> keys, boolean locked) {
        Set<List<String>> busy = new HashSet<>();
        Map<List<String>, List<Difference>> differing = new HashMap<>();
        for (List<String> key : keys) {
            Looked one = look(List.of(key), locked);
            busy.addAll(one.busy());
            differing.putAll(one.differing());
        }
        return new Looked(busy, differing);
    }

    @Override
    public long rows() {
        return ReadOnly.read(session.connection(), c -> FillPlanner.rows(c, verified.tables()));
    }

    @Override
    public List<List<String>> pick(int places, RandomGenerator random) {
        return in(READING, s -> {
            Places all = this.places;
            if (all == null) {
                all = Places.of(session.connection(), verified.tables().from());
                this.places = all;
            }
            List<List<String>> keys = new ArrayList<>();
            for (Map.Entry<String, List<String>> table :
                    all.random(places, random).entrySet()) {
                keys.addAll(sides.keys(s, sql.at(table.getKey(), table.getValue())));
            }
            return keys;
        });
    }

    @Override
    public String moment() {
        return read(s -> {
            try (ResultSet rs = s.executeQuery("SELECT pg_snapshot_xmax(pg_current_snapshot())::text")) {
                rs.next();
                return rs.getString(1);
            }
        });
    }

    @Override
    public List<List<String>> written(Part part, String since) {
        return read(s -> sides.keys(s, sql.written(part, since)));
    }

    @Override
    public SecondWrites writes(List<List<String>> keys, String since) {
        return read(s -> {
            try (ResultSet rs = s.executeQuery(sql.writes(keys, since))) {
                rs.next();
                Long micros = rs.getObject(3, Long.class);
                return new SecondWrites(
                        keys.size(),
                        rs.getLong(1),
                        rs.getLong(2),
                        micros == null ? null : Duration.of(micros, ChronoUnit.MICROS));
            }
        });
    }

    /** A run drops its switch before it forgets its transactions. */
    @Override
    public boolean tellsApart() {
        if (verified.beside().isEmpty()) {
            return true;
        }
        String there = UnitNames.aliveUntil(verified.beside().getAsLong());
        return read(s -> {
            try (ResultSet rs = s.executeQuery("SELECT to_regclass(" + Names.literal(there) + ") IS NOT NULL")) {
                rs.next();
                return rs.getBoolean(1);
            }
        });
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
