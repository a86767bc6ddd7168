package dev.neap.postgres.rebuild;

import dev.neap.backfill.Backfill;
import dev.neap.backfill.Rebuild;
import dev.neap.backfill.TableName;
import dev.neap.control.UnitRow;
import dev.neap.dialect.NeapException;
import dev.neap.dialect.NeapException.Kind;
import dev.neap.dialect.Replaced;
import dev.neap.postgres.planning.PlainSql;
import dev.neap.postgres.query.Names;
import dev.neap.postgres.query.Query;
import dev.neap.postgres.shadow.KeyColumn;
import dev.neap.postgres.shadow.RowShape;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The partition that a unit replaced, for a verification of the one that it made. Nobody writes it any more, and since the
 * swap every change of the live one is recorded: rows without a record are what the swap made live.
 */
public final class KeptPartition {
    private final Connection connection;
    private final UnitRow unit;
    private final UndoneUnit replaced;
    private final TableName name;

    private KeptPartition(Connection connection, UnitRow unit, UndoneUnit replaced) {
        this.connection = connection;
        this.unit = unit;
        this.replaced = replaced;
        this.name = new TableName(
                UnitNames.keptSchema(unit.runId()), unit.partition().name());
    }

    private static KeptPartition of(Connection connection, UnitRow unit) throws SQLException {
        return new KeptPartition(
                connection,
                unit,
                UndoneUnit.of(connection, unit.id())
                        .orElseThrow(() -> new NeapException(Kind.STOP, "unit " + unit.id() + " is gone")));
    }

    /** Looks whether the two can be compared, and by what. Nothing that it writes is committed. */
    public static Replaced look(Connection connection, Backfill backfill, UnitRow unit) throws SQLException {
        return of(connection, unit).look(backfill.rebuild());
    }

    /** The table of the keys of rows that were written since the unit's swap, as SQL; their columns begin with `neap_k`. */
    public static String written(UnitRow unit) {
        return UnitNames.afterSwap(unit.runId(), unit.id(), unit.partition()).changes();
    }

    /** By which columns a row of the live partition is known, in order. */
    public static List<KeyColumn> key(Connection connection, UnitRow unit) throws SQLException {
        return RowShape.read(connection, of(connection, unit).replaced.liveOid())
                .key();
    }

    /**
     * Computes what a recompute from other tables yields, once, into a table of this session, and an index on its key.
     *
     * @return the table's name
     */
    public static TableName computedAgain(Connection connection, Backfill backfill, UnitRow unit) throws SQLException {
        return of(connection, unit).computedAgain(backfill);
    }

    private Replaced look(Rebuild rebuild) throws SQLException {
        Optional<String> why = why();
        if (why.isPresent()) {
            return Replaced.not(name, why.get());
        }
        RowShape live = RowShape.read(connection, replaced.liveOid());
        RowShape kept = RowShape.read(connection, replaced.keptOid());
        List<String> both = live.columns().stream()
                .filter(column -> kept.columns().contains(column)
                        && Objects.equals(live.types().get(column), kept.types().get(column)))
                .toList();
        List<String> key = live.key().stream().map(KeyColumn::name).toList();
        if (!both.containsAll(key) || !live.key().stream().allMatch(KeyColumn::plain)) {
            return Replaced.not(
                    name,
                    "its key was changed since the swap, or is compared by an operator that is not the server's own");
        }
        return new Replaced(name, key, both, others(live, kept, both), unsteady(rebuild, live), "");
    }

    private static List<String> others(RowShape live, RowShape kept, List<String> both) {
        return Stream.concat(live.columns().stream(), kept.columns().stream())
                .distinct()
                .filter(column -> !both.contains(column))
                .toList();
    }

    private Optional<String> why() throws SQLException {
        Optional<String> why = UndoCheck.incomparable(connection, unit, replaced);
        if (why.isPresent()) {
            return why;
        }
        return Query.of(connection, "SELECT EXISTS (SELECT FROM neap.unit WHERE undoes = ?)", unit.id())
                        .truth()
                ? Optional.of("an undo of it was begun, which carried later writes over into the old one")
                : Optional.empty();
    }

    private List<String> unsteady(Rebuild rebuild, RowShape live) throws SQLException {
        if (rebuild.source() != null) {
            return live.columns().stream()
                    .filter(column -> SourceSql.INEXACT.contains(live.types().get(column)))
                    .toList();
        }
        List<String> steady = new Repeatable(
                        connection,
                        this::asking,
                        "CREATE TEMP TABLE neap_probe (LIKE " + Names.quote(name) + ")",
                        "pg_temp.neap_probe")
                .columns(rebuild);
        return rebuild.set().keySet().stream()
                .filter(column -> !steady.contains(column))
                .toList();
    }

    private void asking(UnitWork.Transaction<Boolean> work) throws SQLException {
        connection.setAutoCommit(false);
        try (Statement s = connection.createStatement()) {
            s.setEscapeProcessing(false);
            work.run(s);
        } finally {
            if (!connection.isClosed()) {
                connection.rollback();
                connection.setAutoCommit(true);
            }
        }
    }

    private TableName computedAgain(Backfill backfill) throws SQLException {
        RowShape shape = RowShape.read(connection, replaced.liveOid());
        // The rows that the recompute kept were those of the partition as it was.
        UnitNames names = new UnitNames(unit.runId(), unit.id(), name);
        SourceSql sql = SourceSql.of(connection, names, backfill, replaced.liveOid(), unit.bound(), shape);
        String table = "pg_temp.neap_expected";
        PlainSql.execute(connection, "CREATE TEMP TABLE neap_expected AS " + sql.computedAgain());
        PlainSql.execute(
                connection,
                "CREATE INDEX ON " + table + " ("
                        + Names.list(shape.key().stream().map(KeyColumn::name).toList()) + ")");
        PlainSql.execute(connection, "ANALYZE " + table);
        return new TableName(
                Query.of(connection, "SELECT nspname FROM pg_namespace WHERE oid = pg_my_temp_schema()")
                        .text(),
                "neap_expected");
    }
}
