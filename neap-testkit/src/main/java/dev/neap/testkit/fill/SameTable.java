package dev.neap.testkit.fill;

import dev.neap.transform.Transform;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;

/** A name is split into new columns of its own row. */
final class SameTable extends PersonTable {
    SameTable(FillSetup setup) {
        super(setup);
    }

    @Override
    List<String> ddl() {
        return List.of(personDdl(", first_name text, last_name text, seen_version bigint, written_by text"));
    }

    @Override
    String into() {
        return from();
    }

    @Override
    Map<String, String> set() {
        return names();
    }

    /** What is overwritten whatever it is must come to an end: the row is right as soon as its values are. */
    @Override
    boolean signs() {
        return setup.conflict() != Conflict.OVERWRITE;
    }

    @Override
    String filled() {
        return signs() ? super.filled() : "written_by IS NULL AND first_name IS NOT NULL";
    }

    @Override
    int target(Session session, Move move, boolean sourceDone, String mark) throws SQLException {
        Person after = move.after();
        if (after == null) {
            return 1;
        }
        Key at = sourceDone ? after.key() : move.any().key();
        return session.write(
                "UPDATE person SET first_name = ?, last_name = ?, seen_version = ?, written_by = ? WHERE "
                        + keys.matches(),
                after.first(),
                after.last(),
                after.version(),
                mark,
                at.parts());
    }

    @Override
    Class<? extends Transform> transform() {
        return signs() ? HistoryTransforms.Names.class : HistoryTransforms.Unsigned.class;
    }

    @Override
    String shownSql() {
        return "concat_ws('|', full_name, coalesce(first_name, 'null'), last_name, seen_version)";
    }

    @Override
    List<String> shown(Kept kept, FillModel model) {
        Person shown = kept.shown();
        return List.of(kept.source().name() + "|" + shown.first() + "|" + shown.last() + "|" + shown.version());
    }
}
