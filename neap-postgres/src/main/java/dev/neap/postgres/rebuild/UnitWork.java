package dev.neap.postgres.rebuild;

import dev.neap.backfill.Backfill;
import dev.neap.control.UnitRow;
import dev.neap.dialect.NeapException;
import dev.neap.dialect.NeapException.Kind;
import dev.neap.dialect.Tuning;
import dev.neap.postgres.query.Names;
import dev.neap.postgres.query.Query;
import dev.neap.postgres.query.SqlFailures;
import dev.neap.postgres.shadow.RowShape;
import dev.neap.postgres.shadow.ShadowDefinition;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What every step of one unit needs: its session, its names, and the catalog of its live partition. */
class UnitWork {
    /** Work inside one transaction. */
    @FunctionalInterface
    interface Transaction<T> {
        T run(Statement s) throws SQLException;
    }

    private final Connection connection;
    private final Backfill backfill;
    private final UnitRow unit;
    private final UnitNames names;
    private final Tuning tuning;
    private final UnitWrites writes;
    private @Nullable ShadowDefinition definition;
    private @Nullable RowShape shape;
    private @Nullable RebuildSql sql;

    UnitWork(Connection connection, Backfill backfill, UnitRow unit, Tuning tuning) {
        this(connection, backfill, unit, new UnitNames(unit.runId(), unit.id(), unit.partition()), tuning);
    }

    UnitWork(Connection connection, Backfill backfill, UnitRow unit, UnitNames names, Tuning tuning) {
        this.connection = connection;
        this.backfill = backfill;
        this.unit = unit;
        this.names = names;
        this.tuning = tuning;
        this.writes = new UnitWrites(connection, unit.id(), unit.token());
    }

    Connection connection() {
        return connection;
    }

    Backfill backfill() {
        return backfill;
    }

    UnitRow unit() {
        return unit;
    }

    UnitNames names() {
        return names;
    }

    Tuning tuning() {
        return tuning;
    }

    UnitWrites writes() {
        return writes;
    }

    /** Runs and commits; the unit's row is locked and the lease tested first. Rolls back on any failure. */
    <T> T inTransaction(Transaction<T> work) throws SQLException {
        return transaction("read committed", List.of(), true, () -> {}, work);
    }

    /**
     * The same in one snapshot, with a last word before the commit.
     *
     * @param locks LOCK TABLE statements that come before the snapshot is taken
     */
    <T> T inSnapshot(List<String> locks, Runnable beforeCommit, Transaction<T> work) throws SQLException {
        return transaction("repeatable read", locks, true, beforeCommit, work);
    }

    /** Reads in one snapshot; writes nothing. */
    <T> T reading(Transaction<T> work) throws SQLException {
        return transaction("repeatable read, read only", List.of(), false, () -> {}, work);
    }

    /**
     * The same of the live partition's rows. A TRUNCATE empties a table for older snapshots too, which do not see that it was
     * recorded: it must have been before this one, or wait.
     */
    <T> T readingLive(Transaction<T> work) throws SQLException {
        return transaction(
                "repeatable read, read only",
                List.of("LOCK TABLE ONLY " + names().liveTable() + " IN ACCESS SHARE MODE"),
                false,
                () -> {},
                work);
    }

    <T> T inTransaction(Runnable beforeCommit, Transaction<T> work) throws SQLException {
        return transaction("read committed", List.of(), true, beforeCommit, work);
    }

    /** The same for what writes rows of the live partition: given up when an application waits for one of them. */
    <T> T writingLive(Runnable beforeCommit, Transaction<T> work) throws SQLException {
        return inTransaction(beforeCommit, s -> {
            s.execute("SET LOCAL application_name = " + Names.literal(UnitNames.writing(unit)));
            return work.run(s);
        });
    }

    private <T> T transaction(
            String isolation, List<String> locks, boolean writing, Runnable beforeCommit, Transaction<T> work)
            throws SQLException {
        connection.setAutoCommit(false);
        try (Statement s = connection.createStatement()) {
            s.execute("SET TRANSACTION ISOLATION LEVEL " + isolation);
            all(s, locks);
            if (writing) {
                writes.hold();
            }
            T result = work.run(s);
            beforeCommit.run();
            connection.commit();
            return result;
        } catch (SQLException | RuntimeException e) {
            rollback(e);
            throw e;
        } finally {
            if (!connection.isClosed()) {
                connection.setAutoCommit(true);
            }
        }
    }

    private void rollback(Exception e) {
        try {
            connection.rollback();
        } catch (SQLException lost) {
            e.addSuppressed(lost);
        }
    }

    /** The live partition's OID by its name; empty when it is gone. */
    Optional<Long> liveOid() throws SQLException {
        return oid(names.liveTable());
    }

    Optional<Long> shadowOid() throws SQLException {
        return oid(names.shadow());
    }

    private Optional<Long> oid(String quoted) throws SQLException {
        return Query.of(connection, "SELECT to_regclass(?)::oid::bigint", quoted)
                .list(r -> r.getObject(1) == null ? Optional.<Long>empty() : Optional.of(r.getLong(1)))
                .get(0);
    }

    long parentOid() throws SQLException {
        return Query.of(connection, "SELECT inhparent::bigint FROM pg_inherits WHERE inhrelid = ?::oid", requireLive())
                .list(r -> r.getLong(1))
                .stream()
                .findFirst()
                .orElseThrow(() -> gone("is no partition any more"));
    }

    /**
     * The live partition's OID, after a look that it is what was planned.
     *
     * @throws NeapException UNIT when it is gone or has another bound
     */
    long requireLive() throws SQLException {
        return liveOid().orElseThrow(() -> gone("is not there any more"));
    }

    void requireBound() throws SQLException {
        String bound = Query.of(
                        connection,
                        "SELECT coalesce(pg_get_expr(relpartbound, oid), '') FROM pg_class WHERE oid = ?::oid",
                        requireLive())
                .text();
        if (!bound.equals(unit.bound())) {
            throw gone(
                    "has the bound " + (bound.isEmpty() ? "of no partition" : bound) + ", planned was " + unit.bound());
        }
        requireTable();
    }

    /** A partition of a partition may have been moved, with its parent, to another table. */
    private void requireTable() throws SQLException {
        boolean there = Query.of(
                        connection,
                        "SELECT EXISTS (SELECT FROM pg_partition_ancestors(?::oid::regclass) WHERE relid = to_regclass(?))",
                        requireLive(),
                        Names.quote(backfill.rebuild().table()))
                .truth();
        if (!there) {
            throw gone("belongs to " + backfill.rebuild().table() + " no longer");
        }
    }

    private NeapException gone(String what) {
        return new NeapException(
                Kind.UNIT,
                "the partition " + unit.partition() + " " + what + "; somebody changed it since the plan was made");
    }

    ShadowDefinition definition() throws SQLException {
        ShadowDefinition known = definition;
        if (known == null) {
            known = ShadowDefinition.read(connection, requireLive(), parentOid(), names.work(), names.kept());
            definition = known;
        }
        return known;
    }

    RowShape shape() throws SQLException {
        RowShape known = shape;
        if (known == null) {
            known = RowShape.read(connection, requireLive());
            shape = known;
        }
        return known;
    }

    /** Forgets what was read of the catalog. */
    void refresh() {
        definition = null;
        shape = null;
        sql = null;
    }

    RebuildSql sql() throws SQLException {
        RebuildSql known = sql;
        if (known == null) {
            known = makeSql();
            sql = known;
        }
        return known;
    }

    RebuildSql makeSql() throws SQLException {
        return new RebuildSql(names, backfill.rebuild(), shape().columns(), shape().types(), shape().key());
    }

    /** Whether nothing is loaded: its rows are the changes that were carried over, not how many more there are by them. */
    boolean carriesOver() {
        return false;
    }

    /** What the swap does besides, before it detaches the live partition. */
    List<String> beforeSwap() {
        return List.of();
    }

    /** What the swap starts on the partition that is live from then on. */
    List<String> afterSwap() throws SQLException {
        List<String> all = new ArrayList<>();
        // Without a rule for single rows there is nothing that could be mended.
        if (backfill.rebuild().source() == null) {
            all.add(capture().function(false));
            all.addAll(capture().createTriggers(names.liveTable()));
        }
        all.addAll(new AfterSwap(this).start());
        return all;
    }

    /** The statements of a recompute from other tables. */
    SourceSql sourceSql() throws SQLException {
        return SourceSql.of(connection, names, backfill, requireLive(), unit.bound(), shape());
    }

    /** Capture on the tables that a recompute reads; empty when it goes row by row. */
    Optional<SourceCapture> sources() {
        return Optional.ofNullable(backfill.rebuild().source()).map(source -> new SourceCapture(unit.runId(), source));
    }

    CaptureSql capture() throws SQLException {
        return capture(tuning.captureLimit());
    }

    CaptureSql capture(long limit) throws SQLException {
        return new CaptureSql(names, shape().key(), limit, backfill.rebuild().merges());
    }

    MergeSql mergeSql() throws SQLException {
        return new MergeSql(names, shape().columns(), backfill.rebuild().set().keySet(), shape().key());
    }

    /** What makes the empty shadow. */
    List<String> createShadow() throws SQLException {
        List<String> create = definition().create();
        return backfill.rebuild().merges() ? mergeSql().create(create) : create;
    }

    /** What drops it; nothing need be there. */
    List<String> dropShadow() {
        String shadow = "DROP TABLE IF EXISTS " + names.shadow();
        return backfill.rebuild().merges()
                ? List.of(shadow, "DROP TABLE IF EXISTS " + names.witness())
                : List.of(shadow);
    }

    /** Runs statements one after another. */
    static void all(Statement s, List<String> statements) throws SQLException {
        for (String statement : statements) {
            s.execute(statement);
        }
    }

    /** The only number of a query. */
    static long number(Statement s, String query) throws SQLException {
        try (ResultSet rs = s.executeQuery(query)) {
            rs.next();
            return rs.getLong(1);
        }
    }

    /** The failure in Neap's terms. */
    static NeapException explain(SQLException e) {
        return SqlFailures.explain(e);
    }
}
