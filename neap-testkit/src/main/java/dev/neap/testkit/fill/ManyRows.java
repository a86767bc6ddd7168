package dev.neap.testkit.fill;

import dev.neap.transform.Transform;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Each tag of a person becomes a row. */
final class ManyRows extends PersonTable {
    ManyRows(FillSetup setup) {
        super(setup);
    }

    @Override
    List<String> ddl() {
        return List.of(
                personDdl(""),
                "CREATE TABLE person_tag (" + keys.ddl()
                        + ", tag text NOT NULL, seen_version bigint NOT NULL, written_by text NOT NULL, PRIMARY KEY ("
                        + keys.list() + ", tag))");
    }

    @Override
    String into() {
        return "person_tag";
    }

    @Override
    List<String> targetKey() {
        List<String> all = new ArrayList<>(keys.columns());
        all.add("tag");
        return all;
    }

    @Override
    Map<String, String> set() {
        Map<String, String> set = new LinkedHashMap<>();
        keys.columns().forEach(column -> set.put(column, column));
        set.put("tag", "unnest(tags)");
        set.put("seen_version", "version");
        return set;
    }

    /** The application replaces all rows of a key, so after each of its writes they are its own. */
    @Override
    int target(Session session, Move move, boolean sourceDone, String mark) throws SQLException {
        Person before = move.before();
        Person after = move.after();
        if (before != null) {
            boolean stays = after != null && after.key().equals(before.key());
            session.write(
                    "DELETE FROM person_tag WHERE " + keys.matches() + " AND tag <> ALL (CAST(? AS text[]))",
                    before.key().parts(),
                    stays ? move.made().tagsArray() : "{}");
        }
        if (after == null) {
            return 0;
        }
        String conflict = move.kind() == Move.Kind.INSERT
                ? ""
                : " ON CONFLICT (" + keys.list() + ", tag) DO UPDATE SET seen_version = excluded.seen_version,"
                        + " written_by = excluded.written_by";
        session.write(
                "INSERT INTO person_tag (" + keys.list() + ", tag, seen_version, written_by) SELECT " + keys.places()
                        + ", tag, ?, ? FROM unnest(CAST(? AS text[])) AS tag" + conflict,
                after.key().parts(),
                after.version(),
                mark,
                after.tagsArray());
        return 1;
    }

    @Override
    Class<? extends Transform> transform() {
        return keys.columns().size() == 1 ? HistoryTransforms.Tags.class : HistoryTransforms.TagsOfTwo.class;
    }

    @Override
    String shownSql() {
        return "concat_ws('|', tag, seen_version)";
    }

    @Override
    List<String> shown(Kept kept, FillModel model) {
        if (kept.owner() == Owner.FILL && !setup.filled(kept.source().key())) {
            return List.of();
        }
        return kept.shown().tags().stream()
                .map(tag -> tag + "|" + kept.shown().version())
                .toList();
    }
}
