package dev.neap.testkit.fill;

import dev.neap.transform.Transform;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A rental gets the length of its film, which is in another table. */
final class FilmTables extends Places {
    FilmTables(FillSetup setup) {
        super(setup);
    }

    @Override
    List<String> ddl() {
        return List.of(
                "CREATE TABLE film (id bigint PRIMARY KEY, length int NOT NULL)",
                "CREATE TABLE rental (" + keys.ddl()
                        + ", film_id bigint NOT NULL, version bigint NOT NULL, film_length int, written_by text,"
                        + " other int NOT NULL DEFAULT 0, PRIMARY KEY (" + keys.list() + "))",
                "CREATE INDEX rental_film ON rental (film_id)");
    }

    @Override
    String from() {
        return "rental";
    }

    @Override
    String into() {
        return from();
    }

    @Override
    Map<String, String> set() {
        Map<String, String> set = new LinkedHashMap<>();
        set.put("film_length", "(SELECT f.length FROM film f WHERE f.id = film_id)");
        return set;
    }

    @Override
    List<String> more() {
        return List.of("reads: [film]");
    }

    @Override
    void source(Session session, Move move) throws SQLException {
        Person before = move.before();
        Person after = move.after();
        if (after == null) {
            session.write(
                    "DELETE FROM rental WHERE " + keys.matches(),
                    move.any().key().parts());
        } else if (before == null) {
            session.write(
                    "INSERT INTO rental (" + keys.list() + ", film_id, version) VALUES (" + keys.places() + ", ?, ?)",
                    after.key().parts(),
                    after.film(),
                    after.version());
        } else {
            boolean rekey = !before.key().equals(after.key());
            session.write(
                    "UPDATE rental SET " + (rekey ? keys.assigns() + ", " : "") + "film_id = ?, version = ? WHERE "
                            + keys.matches(),
                    rekey ? after.key().parts() : List.of(),
                    after.film(),
                    after.version(),
                    before.key().parts());
        }
    }

    @Override
    int target(Session session, Move move, boolean sourceDone, String mark) throws SQLException {
        Person after = move.after();
        if (after == null) {
            return 1;
        }
        Key at = sourceDone ? after.key() : move.any().key();
        return session.write(
                "UPDATE rental SET film_length = (SELECT length FROM film WHERE id = ?), written_by = ?" + " WHERE "
                        + keys.matches(),
                after.film(),
                mark,
                at.parts());
    }

    void film(Session session, long film, int length) throws SQLException {
        session.write(
                "INSERT INTO film (id, length) VALUES (?, ?)" + words.upsert("id", List.of("length")), film, length);
    }

    /** Writes everything that is made from a film; returns how many rows that are. */
    int madeFrom(Session session, long film, int length) throws SQLException {
        return session.write(
                "UPDATE rental SET film_length = ?, written_by = ? WHERE film_id = ?", length, APPLICATION, film);
    }

    @Override
    @Nullable
    Class<? extends Transform> transform() {
        return null;
    }

    @Override
    String shownSql() {
        return "concat_ws('|', film_id, coalesce(" + words.text("film_length") + ", 'null'), version)";
    }

    @Override
    List<String> shown(Kept kept, FillModel model) {
        Person row = kept.source();
        return List.of(row.film() + "|" + model.films().get(row.film()) + "|" + row.version());
    }
}
