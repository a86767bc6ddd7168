package dev.neap.postgres.preflight;

import dev.neap.postgres.query.Query;
import dev.neap.preflight.Finding;
import java.sql.SQLException;
import java.util.List;

/** Rows that arrive by ATTACH are not sent to subscribers; a publication of all tables would send Neap's own. */
final class PublicationsCheck implements Check {
    private static final String ALL = " (all tables)";
    private static final String PUBLISHED = """
            SELECT p.pubname || CASE WHEN p.puballtables THEN ' (all tables)' ELSE '' END
            FROM pg_publication p
            WHERE p.puballtables OR EXISTS (
                SELECT FROM pg_get_publication_tables(p.pubname) AS t WHERE t.relid = ANY (?::oid[]))
            ORDER BY 1
            """;
    private static final String SLOTS = """
            SELECT slot_name::text FROM pg_replication_slots
            WHERE slot_type = 'logical' AND database = current_database() ORDER BY 1
            """;

    @Override
    public String name() {
        return "publications";
    }

    @Override
    public List<Finding> look(Subject subject) throws SQLException {
        List<String> publications = Query.of(subject.connection(), PUBLISHED, subject.tableAndUnits())
                .texts();
        if (publications.isEmpty()) {
            return List.of();
        }
        if (subject.merges()) {
            return merging(publications);
        }
        String what = subject.name() + " is published by " + Few.of(publications);
        List<String> slots = Query.of(subject.connection(), SLOTS).texts();
        if (slots.isEmpty()) {
            return List.of(Finding.warning(
                    name(),
                    what + ", and no logical replication slot reads it now",
                    "rows that arrive by ATTACH PARTITION are not sent, and a publication of all tables would send Neap's"
                            + " shadow and control tables",
                    "create no subscription before the run is done and its leftovers are cleaned up"));
        }
        return List.of(Finding.error(
                name(),
                what + ", and logical replication slots exist: " + Few.of(slots),
                "subscribers would not get the rebuilt rows, since rows that arrive by ATTACH PARTITION are not sent",
                "say cutover: merge, whose updates are sent like any other; or drop the subscriptions and their slots for the time of the run and copy anew after it, or take "
                        + subject.name() + " out of the publication if no slot reads it"));
    }

    /** Updates are sent as ever. With a slot, a publication of all tables is refused by another check. */
    private List<Finding> merging(List<String> publications) {
        List<String> ofAll = publications.stream().filter(p -> p.endsWith(ALL)).toList();
        return ofAll.isEmpty()
                ? List.of()
                : List.of(Finding.warning(
                        name(),
                        Few.of(ofAll) + ", and no logical replication slot reads it now",
                        "a publication of all tables would send Neap's shadow and control tables",
                        "create no subscription before the run is done and its leftovers are cleaned up"));
    }
}
