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
        return "person";
    }

    /** The table of persons, with more columns. */
    final String personDdl(String more) {
        return "CREATE TABLE person (" + keys.ddl()
                + ", full_name text NOT NULL, gone boolean NOT NULL, tags " + words.listType()
                + " NOT NULL, version bigint NOT NULL, updated_at " + words.momentType()
                + " NOT NULL, other int NOT NULL DEFAULT 0" + more + ", PRIMARY KEY ("
                + keys.list() + "))";
    }

    final Map<String, String> names() {
        Map<String, String> set = new LinkedHashMap<>();
        set.put("first_name", words.word("full_name", 1));
        set.put("last_name", words.word("full_name", 2));
        set.put("seen_version", "version");
        return set;
    }

    @Override
    void source(Session session, Move move) throws SQLException {
        Person before = move.before();
        Person after = move.after();
        if (after == null) {
            session.write(
                    "DELETE FROM person WHERE " + keys.matches(),
                    move.any().key().parts());
        } else if (before == null) {
            session.write(
                    "INSERT INTO person (" + keys.list()
                            + ", full_name, gone, tags, version, updated_at) VALUES (" + keys.places()
                            + ", ?, ?, " + words.listParameter() + ", ?, " + words.moment("?") + ")",
                    after.key().parts(),
                    after.name(),
                    after.gone(),
                    after.tagsArray(),
                    after.version(),
                    after.version());
        } else {
            String rekey = before.key().equals(after.key()) ? "" : keys.assigns() + ", ";
            session.write(
                    "UPDATE person SET " + rekey
                            + "full_name = ?, gone = ?, tags = " + words.listParameter()
                            + ", version = ?, updated_at = "
                            + words.moment("?") + " WHERE " + keys.matches(),
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
