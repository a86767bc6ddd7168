package dev.neap.postgres.planning;

import dev.neap.backfill.Backfill;
import dev.neap.backfill.TextHash;
import dev.neap.plan.PlannedUnit;
import dev.neap.postgres.query.Query;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/** What decides the rows that will be written, and nothing else: no pace, no statistics, no finding. */
public final class PlanHash {
    private PlanHash() {}

    /**
     * Of a rebuild.
     *
     * @param schemas those of the session
     */
    static String of(Backfill backfill, List<PlannedUnit> units, int serverMajor, List<String> schemas) {
        TextHash hash = begin("rebuild", backfill, serverMajor, schemas);
        hash.addAll(backfill.assertions());
        hash.add(units.size());
        units.forEach(unit -> hash.add(unit.partition()).add(unit.bound()));
        return hash.hex();
    }

    /**
     * What the hash of every plan begins with. What is declared has the backfill's name in it: by it a run knows what is done
     * already, so the same under another name would be done once more.
     *
     * @param strategy which of the two jobs
     * @param schemas those of the session
     */
    public static TextHash begin(String strategy, Backfill backfill, int serverMajor, List<String> schemas) {
        return new TextHash()
                .add("neap plan 2")
                .add(strategy)
                .add(serverMajor)
                .add(backfill.declared())
                .addAll(schemas);
    }

    /**
     * The schemas in which the session looks for what an expression names without one, in their order. The one of its own
     * temporary objects, which has another number in each session, is left out.
     */
    public static List<String> schemas(Connection connection) throws SQLException {
        return Query.of(connection, """
                        SELECT s.name FROM unnest(current_schemas(false)) WITH ORDINALITY AS s(name, place)
                        WHERE s.name !~ '^pg_temp_' ORDER BY s.place
                        """).texts();
    }
}
