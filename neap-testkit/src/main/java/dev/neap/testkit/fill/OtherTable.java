package dev.neap.testkit.fill;

import dev.neap.transform.Transform;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Persons become customers, each one, or each that is not gone. */
class OtherTable extends PersonTable {
    private static final String COLUMNS = "first_name, last_name, seen_version, updated_at, written_by";

    private final boolean some;

    OtherTable(FillSetup setup) {
        super(setup);
        this.some = setup.shape() == FillShape.TABLE_WHERE;
    }

    @Override
    List<String> ddl() {
        return List.of(
                personDdl(""),
                "CREATE TABLE customer (" + keys.ddl()
                        + ", first_name text NOT NULL, last_name text NOT NULL, seen_version bigint NOT NULL,"
                        + " updated_at " + words.momentType()
                        + " NOT NULL, written_by text NOT NULL, remark text, PRIMARY KEY ("
                        + keys.list() + "))");
    }

    @Override
    String into() {
        return "customer";
    }

    @Override
    Map<String, String> set() {
        Map<String, String> set = new LinkedHashMap<>();
        keys.columns().forEach(column -> set.put(column, column));
        set.putAll(names());
        set.put("updated_at", "updated_at");
        return set;
    }

    @Override
    List<String> more() {
        return some ? List.of("where: NOT gone") : List.of();
    }

    @Override
    String plainWhere() {
        return some ? "NOT gone" : "true";
    }

    @Override
    int target(Session session, Move move, boolean sourceDone, String mark) throws SQLException {
        Person before = move.before();
        Person after = move.after();
        boolean was = before != null && !before.gone();
        if (after == null || after.gone()) {
            return was && before != null
                    ? session.write(
                            "DELETE FROM customer WHERE " + keys.matches(),
                            before.key().parts())
                    : 0;
        }
        if (!was || before == null) {
            // A key that comes back may meet a row that the fill has not taken back yet: plain is only what is new.
            return insert(session, after, mark, move.kind() == Move.Kind.INSERT ? "" : upsert());
        }
        boolean rekey = !before.key().equals(after.key());
        int hits = session.write(
                "UPDATE customer SET " + (rekey ? keys.assigns() + ", " : "")
                        + "first_name = ?, last_name = ?, seen_version = ?, updated_at = " + words.moment("?")
                        + ", written_by = ? WHERE " + keys.matches(),
                rekey ? after.key().parts() : List.of(),
                after.first(),
                after.last(),
                after.version(),
                after.version(),
                mark,
                before.key().parts());
        // What the fill leaves out for its bounds nobody else would put there once the key is within them.
        boolean upserts = setup.upserts() || !setup.filled(before.key());
        return hits == 0 && upserts ? insert(session, after, mark, upsert()) : hits;
    }

    private int insert(Session session, Person row, String mark, String conflict) throws SQLException {
        return session.write(
                "INSERT INTO customer (" + keys.list() + ", " + COLUMNS + ") VALUES (" + keys.places() + ", ?, ?, ?, "
                        + words.moment("?") + ", ?)" + conflict,
                row.key().parts(),
                row.first(),
                row.last(),
                row.version(),
                row.version(),
                mark);
    }

    private String upsert() {
        return words.upsert(keys.list(), List.of(COLUMNS.split(", ", -1)));
    }

    int remark(Session session, Key key, String text) throws SQLException {
        return session.write("UPDATE customer SET remark = ? WHERE " + keys.matches(), text, key.parts());
    }

    @Override
    @Nullable
    Class<? extends Transform> transform() {
        return keys.columns().size() == 1 ? HistoryTransforms.Customers.class : HistoryTransforms.CustomersOfTwo.class;
    }

    @Override
    String shownSql() {
        return "concat_ws('|', first_name, last_name, seen_version, " + words.version("updated_at")
                + ", coalesce(remark, 'no remark'))";
    }

    @Override
    List<String> shown(Kept kept, FillModel model) {
        Person row = kept.shown();
        if (kept.source().gone() || (kept.owner() == Owner.FILL && !setup.filled(row.key()))) {
            return List.of();
        }
        String remark = kept.remark();
        return List.of(row.first() + "|" + row.last() + "|" + row.version() + "|" + row.version() + "|"
                + (remark == null ? "no remark" : remark));
    }
}
