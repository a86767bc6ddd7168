package dev.neap.testkit.fill;

import dev.neap.transform.Transform;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Persons become customers, and each of these has a card, which references it. The application writes both together. */
final class TwoTables extends OtherTable {
    TwoTables(FillSetup setup) {
        super(setup);
    }

    @Override
    @Nullable
    Class<? extends Transform> transform() {
        return null;
    }

    @Override
    List<String> ddl() {
        List<String> ddl = new ArrayList<>(super.ddl());
        ddl.add("CREATE TABLE public.card (" + keys.ddl() + ", first_name text NOT NULL, seen_version bigint NOT NULL,"
                + " PRIMARY KEY (" + keys.list() + "), FOREIGN KEY (" + keys.list()
                + ") REFERENCES public.customer ON DELETE CASCADE ON UPDATE CASCADE)");
        return ddl;
    }

    /** Before the table that it references: the order of the file is not that of the run. */
    @Override
    List<List<String>> others() {
        Map<String, String> set = new LinkedHashMap<>();
        keys.columns().forEach(column -> set.put(column, column));
        set.put("first_name", names().get("first_name"));
        set.put("seen_version", names().get("seen_version"));
        return List.of(entry("public.card", set, null));
    }

    @Override
    int target(Session session, Move move, boolean sourceDone, String mark) throws SQLException {
        int hits = super.target(session, move, sourceDone, mark);
        Person after = move.after();
        // A card goes with its customer, and follows its key.
        if (after != null && hits > 0) {
            boolean inserts = move.before() == null
                    || setup.upserts()
                    || !setup.filled(move.before().key())
                    // What moves out of the fill's range is put there by nobody else.
                    || !setup.filled(after.key());
            int cards = session.write(
                    "UPDATE public.card SET first_name = ?, seen_version = ? WHERE " + keys.matches(),
                    after.first(),
                    after.version(),
                    after.key().parts());
            if (cards == 0 && inserts) {
                session.write(
                        "INSERT INTO public.card (" + keys.list() + ", first_name, seen_version) VALUES ("
                                + keys.places() + ", ?, ?) ON CONFLICT (" + keys.list()
                                + ") DO UPDATE SET first_name = excluded.first_name, seen_version ="
                                + " excluded.seen_version",
                        after.key().parts(),
                        after.first(),
                        after.version());
            }
        }
        return hits;
    }

    @Override
    String shownSql() {
        return "concat_ws('|', " + super.shownSql()
                + ", (SELECT concat_ws('|', c.first_name, c.seen_version) FROM public.card c WHERE ("
                + keys.list().replaceAll("(\\w+)", "c.$1") + ") = ("
                + keys.list().replaceAll("(\\w+)", "customer.$1") + ")))";
    }

    @Override
    List<String> shown(Kept kept, FillModel model) {
        Person row = kept.shown();
        return super.shown(kept, model).stream()
                .map(customer -> customer + "|" + row.first() + "|" + row.version())
                .toList();
    }
}
