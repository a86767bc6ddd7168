package dev.neap.postgres.fill;

import dev.neap.backfill.TableName;
import dev.neap.postgres.preflight.Few;
import dev.neap.postgres.query.Query;
import dev.neap.preflight.Finding;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** What a publication sends of a fill, and what it makes the server refuse. */
final class PublishedCheck implements FillCheck {
    private static final String NAME = "publications";

    /** With the tables in it of which no row could be told from another by whoever is sent its changes. */
    private static final String PUBLISHING = """
            SELECT p.pubname, p.puballtables, array_agg(c.oid::regclass::text ORDER BY c.oid) FILTER (
                       WHERE (p.pubupdate OR p.pubdelete) AND (c.relreplident = 'n'
                         OR c.relreplident = 'd' AND NOT EXISTS (
                                SELECT FROM pg_catalog.pg_index x WHERE x.indrelid = c.oid AND x.indisprimary)
                         OR c.relreplident = 'i' AND NOT EXISTS (
                                SELECT FROM pg_catalog.pg_index x WHERE x.indrelid = c.oid AND x.indisreplident))) AS refusing
            FROM pg_catalog.pg_publication p CROSS JOIN LATERAL pg_get_publication_tables(p.pubname) AS t
            JOIN pg_catalog.pg_class c ON c.oid = t.relid
            WHERE c.oid IN (SELECT relid FROM pg_partition_tree(?::oid::regclass) UNION SELECT ?::oid)
            GROUP BY p.pubname, p.puballtables ORDER BY p.pubname
            """;

    private static final String SLOTS = """
            SELECT slot_name::text FROM pg_catalog.pg_replication_slots
            WHERE slot_type = 'logical' AND database = current_database() ORDER BY slot_name
            """;

    private record Published(String publication, boolean allTables, List<String> refusing) {}

    @Override
    public List<Finding> look(FillSubject subject) throws SQLException {
        long into = subject.tables().into().oid();
        List<Published> published = Query.of(subject.connection(), PUBLISHING, into, into)
                .list(row -> new Published(
                        row.getString(1),
                        row.getBoolean(2),
                        row.getArray(3) == null
                                ? List.of()
                                : List.of((String[]) row.getArray(3).getArray())));
        if (published.isEmpty()) {
            return List.of();
        }
        List<Finding> findings = new ArrayList<>();
        for (Published one : published) {
            if (!one.refusing().isEmpty()) {
                findings.add(refused(one));
            }
        }
        List<String> readers = Query.of(subject.connection(), SLOTS).texts();
        if (published.stream().anyMatch(Published::allTables)) {
            findings.add(sendsNeapsOwn(published, readers));
        }
        if (!readers.isEmpty()) {
            TableName name = subject.tables().into().name();
            findings.add(Finding.warning(
                    NAME,
                    name + " is published, and logical replication slots exist: " + Few.of(readers),
                    "whoever reads them, a subscriber or a change data capture, is sent each row that the fill writes",
                    "tell its owners, and keep pace.rate below what they can take"));
        }
        return findings;
    }

    private static Finding refused(Published published) {
        String table = published.refusing().get(0);
        return Finding.error(
                NAME,
                published.publication() + " publishes updates and deletes of " + Few.of(published.refusing())
                        + ", which have no replica identity",
                "the server refuses every UPDATE and DELETE of such a table",
                "ALTER TABLE " + table + " REPLICA IDENTITY USING INDEX …, or REPLICA IDENTITY FULL");
    }

    private static Finding sendsNeapsOwn(List<Published> published, List<String> readers) {
        String all = Few.of(published.stream()
                .filter(Published::allTables)
                .map(Published::publication)
                .toList());
        String what = all + " publishes all tables";
        String why = "it would send Neap's own tables, which no subscriber has: its replication would stop";
        return readers.isEmpty()
                ? Finding.warning(
                        NAME,
                        what + ", and no logical replication slot reads it now",
                        why,
                        "create no subscription before the run is done and its leftovers are cleaned up")
                : Finding.error(
                        NAME,
                        what + ", and logical replication slots exist: " + Few.of(readers),
                        why,
                        "publish the application's tables by name, or those of its schemas");
    }
}
