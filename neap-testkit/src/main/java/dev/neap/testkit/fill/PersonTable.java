package dev.neap.testkit.fill;

import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;

/** Shapes whose source is the table of persons. */
abstract class PersonTable extends Places {
    PersonTable(FillSetup setup) {
        super(setup);
    }

    @Override
    String from() {
        return "public.person";
    }

    /** The table of persons, with more columns. */
    final String personDdl(String more) {
        return "CREATE TABLE public.person (" + keys.ddl()
                + ", full_name text NOT NULL, gone boolean NOT NULL, tags text[] NOT NULL, version bigint NOT NULL,"
                + " updated_at timestamptz NOT NULL, other int NOT NULL DEFAULT 0" + more + ", PRIMARY KEY ("
                + keys.list() + "))";
    }

    /** The moment that a version is from. */
    static String moment(String version) {
        return "timestamptz '2024-01-01 00:00:00Z' + " + version + " * interval '1 second'";
    }

    static Map<String, String> names() {
        Map<String, String> set = new LinkedHashMap<>();
        set.put("first_name", "split_part(full_name, ' ', 1)");
        set.put("last_name", "split_part(full_name, ' ', 2)");
        set.put("seen_version", "version");
        return set;
    }

    @Override
    void source(Session session, Move move) throws SQLException {
        Person before = move.before();
        Person after = move.after();
        if (after == null) {
            session.write(
                    "DELETE FROM public.person WHERE " + keys.matches(),
                    move.any().key().parts());
        } else if (before == null) {
            session.write(
                    "INSERT INTO public.person (" + keys.list()
                            + ", full_name, gone, tags, version, updated_at) VALUES (" + keys.places()
                            + ", ?, ?, CAST(? AS text[]), ?, " + moment("?") + ")",
                    after.key().parts(),
                    after.name(),
                    after.gone(),
                    after.tagsArray(),
                    after.version(),
                    after.version());
        } else {
            String rekey = before.key().equals(after.key()) ? "" : keys.assigns() + ", ";
            session.write(
                    "UPDATE public.person SET " + rekey
                            + "full_name = ?, gone = ?, tags = CAST(? AS text[]), version = ?, updated_at = "
                            + moment("?") + " WHERE " + keys.matches(),
                    rekey.isEmpty() ? java.util.List.of() : after.key().parts(),
                    after.name(),
                    after.gone(),
                    after.tagsArray(),
                    after.version(),
                    after.version(),
                    before.key().parts());
        }
    }
}
