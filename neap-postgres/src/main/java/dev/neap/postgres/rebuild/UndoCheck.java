package dev.neap.postgres.rebuild;

import dev.neap.backfill.TableName;
import dev.neap.control.UnitRow;
import dev.neap.dialect.NeapException;
import dev.neap.dialect.NeapException.Kind;
import dev.neap.dialect.UndoRefusal;
import dev.neap.dialect.Undoable;
import dev.neap.postgres.query.Query;
import dev.neap.postgres.shadow.KeptFit;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** Looks whether a replaced partition can be put back. It writes nothing, and locks nothing for long. */
public final class UndoCheck {
    private static final int AT_ONCE = 500;

    private final Connection connection;
    private final UndoneUnit undone;
    private final UnitNames names;
    private final TableName partition;
    private final String bound;

    UndoCheck(Connection connection, UndoneUnit undone, TableName partition, String bound) {
        this.connection = connection;
        this.undone = undone;
        // Where the live one would go does not matter here.
        this.names = UnitNames.undo(0, undone.run(), undone.unit(), partition);
        this.partition = partition;
        this.bound = bound;
    }

    /** Looks at units that are to be undone; at thousands in little more time than the server takes to read its catalog. */
    public static List<Undoable> look(Connection connection, List<UnitRow> units) throws SQLException {
        List<Undoable> all = new ArrayList<>();
        for (int from = 0; from < units.size(); from += AT_ONCE) {
            List<UnitRow> some = units.subList(from, Math.min(units.size(), from + AT_ONCE));
            Map<Long, Undoable> sound =
                    UndoGlance.at(connection, some.stream().map(UnitRow::id).toList());
            for (UnitRow unit : some) {
                Undoable known = sound.get(unit.id());
                all.add(known == null ? look(connection, unit) : known);
            }
        }
        return all;
    }

    private static Undoable look(Connection connection, UnitRow unit) throws SQLException {
        Optional<UndoneUnit> undone = UndoneUnit.of(connection, unit.id());
        if (undone.isEmpty()) {
            return new Undoable(0, 0, UndoRefusal.NOT_SWAPPED, "");
        }
        return new UndoCheck(connection, undone.get(), unit.partition(), unit.bound()).whole();
    }

    /**
     * Why what a unit made cannot be compared with what it replaced: one of them is gone, or it is not known what was written
     * since the swap. Empty when they can be.
     */
    static Optional<String> incomparable(Connection connection, UnitRow unit, UndoneUnit replaced) throws SQLException {
        UndoCheck check = new UndoCheck(connection, replaced, unit.partition(), unit.bound());
        // What is kept past its time, and recorded still, can be compared as before.
        boolean there = replaced.state().equals("done") && replaced.kept();
        return (there ? check.gone() : check.state()).map(why -> why.why().words(why.seen()));
    }

    private record Refused(UndoRefusal why, String seen) {}

    private Undoable whole() throws SQLException {
        Optional<Refused> refused = state();
        if (refused.isEmpty()) {
            refused = refused();
        }
        long bytes = Query.of(connection, "SELECT coalesce(pg_total_relation_size(to_regclass(?)), 0)", names.shadow())
                .number();
        long changes = refused.isEmpty() ? recorded() : 0;
        return new Undoable(
                bytes,
                changes,
                refused.map(Refused::why).orElse(null),
                refused.map(Refused::seen).orElse(""));
    }

    private Optional<Refused> state() {
        return switch (undone.state()) {
            case "done" ->
                !undone.kept()
                        ? is(UndoRefusal.MERGED)
                        : undone.untilOver() ? is(UndoRefusal.TIME_OVER) : Optional.empty();
            case "undone" -> is(UndoRefusal.UNDONE);
            default -> is(UndoRefusal.NOT_SWAPPED, "its unit is " + undone.state());
        };
    }

    /** @throws NeapException UNIT when it cannot be put back, with the reason */
    void require() throws SQLException {
        Optional<Refused> refused = refused();
        if (refused.isPresent()) {
            throw because(refused.get().why(), refused.get().seen());
        }
    }

    /** @throws NeapException UNIT when what was recorded cannot be trusted, with the reason */
    void requireRecorded() throws SQLException {
        Optional<Refused> refused = notRecorded();
        if (refused.isPresent()) {
            throw because(refused.get().why(), refused.get().seen());
        }
    }

    private static NeapException because(UndoRefusal why, String seen) {
        return new NeapException(Kind.UNIT, why.words(seen));
    }

    private Optional<Refused> refused() throws SQLException {
        Optional<Refused> gone = gone();
        if (gone.isPresent()) {
            return gone;
        }
        List<String> differences =
                KeptFit.differences(connection, oid(names.liveTable()).orElseThrow(), undone.keptOid());
        return differences.isEmpty()
                ? Optional.empty()
                : is(UndoRefusal.CHANGED, String.join("; ", differences) + "; the old one is " + names.shadow());
    }

    /** What is missing of the two, or of the record of what was written since. */
    private Optional<Refused> gone() throws SQLException {
        Optional<Long> kept = oid(names.shadow());
        Optional<Long> live = oid(names.liveTable());
        if (!kept.equals(Optional.of(undone.keptOid()))) {
            return is(UndoRefusal.KEPT_GONE);
        }
        if (live.isEmpty() || !boundOf(live.get()).equals(bound)) {
            return is(UndoRefusal.LIVE_GONE);
        }
        if (live.get() != undone.liveOid()) {
            return is(UndoRefusal.REPLACED);
        }
        return notRecorded();
    }

    private Optional<Refused> notRecorded() throws SQLException {
        if (oid(names.changes()).isEmpty()) {
            return is(UndoRefusal.NOT_RECORDED);
        }
        long count = recorded();
        if (count >= CaptureSql.VOID) {
            String until = Query.of(
                            connection,
                            "SELECT 'until ' || to_timestamp(last_value) FROM " + names.aliveUntil()
                                    + " WHERE last_value <= extract(epoch FROM clock_timestamp())")
                    .texts()
                    .stream()
                    .findFirst()
                    .orElse("");
            return until.isEmpty()
                    ? is(UndoRefusal.OVERFLOWED, (count - CaptureSql.VOID) + " writes were")
                    : is(UndoRefusal.LAPSED, until);
        }
        if (!listening()) {
            return is(UndoRefusal.STOPPED_RECORDING);
        }
        return truncated() ? is(UndoRefusal.TRUNCATED) : Optional.empty();
    }

    private long recorded() throws SQLException {
        return Query.of(
                        connection,
                        "SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM " + names.changesSequence())
                .number();
    }

    private boolean listening() throws SQLException {
        return Query.of(
                                connection,
                                "SELECT count(*) FROM pg_trigger WHERE tgrelid = to_regclass(?) AND tgname IN (?, ?)"
                                        + " AND tgenabled = 'A'",
                                names.liveTable(),
                                names.rowTrigger(),
                                names.truncateTrigger())
                        .number()
                == 2;
    }

    private boolean truncated() throws SQLException {
        return Query.of(connection, "SELECT EXISTS (SELECT FROM " + names.changes() + " WHERE op = 'T')")
                .truth();
    }

    private String boundOf(long table) throws SQLException {
        return Query.of(
                        connection,
                        "SELECT coalesce(pg_get_expr(relpartbound, oid), '') FROM pg_class WHERE oid = ?::oid",
                        table)
                .text();
    }

    private Optional<Long> oid(String quoted) throws SQLException {
        return Query.of(connection, "SELECT to_regclass(?)::oid::bigint", quoted)
                .list(r -> r.getObject(1) == null ? Optional.<Long>empty() : Optional.of(r.getLong(1)))
                .get(0);
    }

    private static Optional<Refused> is(UndoRefusal why) {
        return is(why, "");
    }

    private static Optional<Refused> is(UndoRefusal why, String seen) {
        return Optional.of(new Refused(why, seen));
    }

    @Override
    public String toString() {
        return Objects.toString(partition);
    }
}
