package dev.neap.testkit.fill;

import dev.neap.transform.Transform;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** An amount is turned from units into hundredths, in its own column. Doing it twice would show. */
final class OnceTable extends Places {
    OnceTable(FillSetup setup) {
        super(setup);
    }

    @Override
    List<String> ddl() {
        return List.of("CREATE TABLE account (" + keys.ddl()
                + ", amount bigint NOT NULL, form int NOT NULL DEFAULT 1, version bigint NOT NULL, written_by text,"
                + " other int NOT NULL DEFAULT 0, PRIMARY KEY (" + keys.list() + "))");
    }

    @Override
    String from() {
        return "account";
    }

    @Override
    String into() {
        return from();
    }

    @Override
    Map<String, String> set() {
        Map<String, String> set = new LinkedHashMap<>();
        set.put("amount", "amount * 100");
        set.put("form", "2");
        return set;
    }

    @Override
    List<String> more() {
        return List.of("already_right: form = 2");
    }

    @Override
    String unfilled() {
        return "form = 1";
    }

    @Override
    void source(Session session, Move move) throws SQLException {
        Person before = move.before();
        Person after = move.after();
        if (after == null) {
            session.write(
                    "DELETE FROM account WHERE " + keys.matches(),
                    move.any().key().parts());
        } else if (before == null) {
            session.write(
                    "INSERT INTO account (" + keys.list() + ", amount, version) VALUES (" + keys.places() + ", ?, ?)",
                    after.key().parts(),
                    after.units(),
                    after.version());
        } else if (move.kind() == Move.Kind.ADD) {
            session.write(
                    "UPDATE account SET amount = amount + ? * CASE form WHEN 2 THEN 100 ELSE 1 END WHERE "
                            + keys.matches(),
                    after.units() - before.units(),
                    after.key().parts());
        }
    }

    /** Old and new form are one column, so a write in the new form is one statement. */
    @Override
    int target(Session session, Move move, boolean sourceDone, String mark) throws SQLException {
        Person after = move.after();
        if (after == null || move.kind() == Move.Kind.ADD) {
            return 1;
        }
        boolean rekey = !move.any().key().equals(after.key());
        return session.write(
                "UPDATE account SET " + (rekey ? keys.assigns() + ", " : "")
                        + "amount = ?, form = 2, version = ?, written_by = ? WHERE " + keys.matches(),
                rekey ? after.key().parts() : List.of(),
                after.units() * 100,
                after.version(),
                mark,
                move.any().key().parts());
    }

    @Override
    Class<? extends Transform> transform() {
        return HistoryTransforms.Once.class;
    }

    @Override
    String shownSql() {
        return "concat_ws('|', amount, form, version)";
    }

    @Override
    List<String> shown(Kept kept, FillModel model) {
        return List.of(kept.source().units() * 100 + "|2|" + kept.source().version());
    }
}
