package dev.neap.postgres.preview;

import dev.neap.backfill.SourceRecompute;
import dev.neap.dialect.NeapException;
import dev.neap.dialect.NeapException.Kind;
import dev.neap.postgres.planning.Collations;
import dev.neap.postgres.planning.LiveTable;
import dev.neap.postgres.planning.PlainSql;
import dev.neap.postgres.planning.SourceSelect;
import dev.neap.postgres.query.Names;
import dev.neap.postgres.query.Query;
import dev.neap.postgres.shadow.KeyColumn;
import dev.neap.postgres.shadow.RowKey;
import dev.neap.preview.PreviewRequest;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The live rows beside what a recompute from other tables yields for the partition, paired by the key by which a run finds
 * rows again. The SELECT cannot be cut into a sample, so every row of both is read.
 */
final class SourcePairs {
    private final LiveTable partition;
    private final String select;
    private final boolean keeps;
    private final List<KeyColumn> key;
    private final Map<String, String> collations;

    private SourcePairs(
            LiveTable partition, String select, boolean keeps, List<KeyColumn> key, Map<String, String> collations) {
        this.partition = partition;
        this.select = select;
        this.keeps = keeps;
        this.key = key;
        this.collations = collations;
    }

    /**
     * Pairs of one partition.
     *
     * @param bound the partition's, as the server spells it
     * @throws NeapException USAGE where nothing tells which rows belong together, UNIT where the bound has no such value
     */
    static SourcePairs of(Connection connection, LiveTable partition, SourceRecompute source, String bound)
            throws SQLException {
        List<KeyColumn> key = Query.of(connection, RowKey.COLUMNS, List.of(partition.oid()))
                .list(r -> new KeyColumn(r.getString(2), r.getString(3), r.getString(4), r.getString(5)));
        if (key.isEmpty()) {
            throw new NeapException(
                    Kind.USAGE,
                    partition.name() + " has neither a primary key nor a unique index over columns that refuse null, so"
                            + " nothing tells which new row belongs to which live one; a run would replace all of them");
        }
        return new SourcePairs(
                partition,
                SourceSelect.of(connection, source, partition.oid(), bound),
                source.keeps(),
                key,
                Collations.of(connection, partition.oid()));
    }

    List<String> key() {
        return key.stream().map(KeyColumn::name).toList();
    }

    private List<LiveTable.Column> inserted() {
        return partition.columns().stream()
                .filter(column -> column.generation() == null)
                .toList();
    }

    /** The rows that the shadow would get from the SELECT, in the types and the order of values of the partition. */
    private String made(String own) {
        List<String> all = new ArrayList<>(List.of("true AS " + own + "made"));
        for (LiveTable.Column column : inserted()) {
            String name = Names.quote(column.name());
            all.add(column.assigned("neap_source." + name) + collations.getOrDefault(column.name(), "") + " AS "
                    + name);
        }
        return "SELECT " + String.join(", ", all) + "\nFROM " + SourceSelect.table(select) + " OFFSET 0";
    }

    /**
     * One row for each live row and each new one: where it lies (null for a new one), whether it is new, whether it goes,
     * each compared column before, its key, and its columns as they would be.
     */
    String recomputed(String own, Measured measured) {
        List<String> all = new ArrayList<>(List.of(
                "live." + own + "place AS " + own + "place",
                "false AS " + own + "right",
                "live." + own + "place IS NULL AS " + own + "added",
                (keeps ? "false" : "made." + own + "made IS NULL") + " AS " + own + "gone"));
        IntStream.range(0, measured.columns().size())
                .forEach(i ->
                        all.add("live." + Names.quote(measured.columns().get(i).name()) + " AS " + own + "b" + i));
        for (int i = 0; i < measured.key().size(); i++) {
            String name = Names.quote(measured.key().get(i));
            all.add("CASE WHEN live." + own + "place IS NULL THEN made." + name + " ELSE live." + name + " END AS "
                    + own + "k" + i);
        }
        for (LiveTable.Column column : inserted()) {
            String name = Names.quote(column.name());
            // A kept row stays as it is; one that goes has no value any more.
            all.add((keeps
                            ? "CASE WHEN made." + own + "made IS NULL THEN live." + name + " ELSE made." + name + " END"
                            : "made." + name)
                    + " AS " + name);
        }
        String same = key.stream()
                .map(k -> k.same("live." + k.quoted(), "made." + k.quoted()))
                .collect(Collectors.joining(" AND "));
        return "SELECT " + String.join(", ", all) + "\nFROM (SELECT whole.ctid AS " + own + "place, whole.* FROM ONLY "
                + Names.quote(partition.name()) + " AS whole) AS live\nFULL JOIN (" + made(own) + ") AS made ON " + same
                + " OFFSET 0";
    }

    /** What a run refuses in these rows, it refuses here too: no figure would say what that run does. */
    void requireRows(Connection connection, String bound, PreviewRequest request) throws SQLException {
        String keys = key.stream().map(KeyColumn::quoted).collect(Collectors.joining(", "));
        String nulls = key.stream().map(k -> k.quoted() + " IS NULL").collect(Collectors.joining(" OR "));
        String partitioned = Query.of(
                        connection, "SELECT coalesce(pg_get_partition_constraintdef(?::oid), 'true')", partition.oid())
                .text();
        boolean hidden = key.stream().anyMatch(k -> request.hides(k.name()));
        Wrong wrong = PlainSql.list(
                        connection,
                        "SELECT coalesce(sum(outside), 0)::bigint, coalesce(sum(nulls), 0)::bigint,\n"
                                + "       count(*) FILTER (WHERE copies > 1), min(words) FILTER (WHERE copies > 1)\n"
                                + "FROM (SELECT count(*) FILTER (WHERE (" + partitioned + ") IS FALSE) AS outside,\n"
                                + "             count(*) FILTER (WHERE " + nulls + ") AS nulls, count(*) AS copies,\n"
                                + "             " + (hidden ? "'(hidden)'" : "ROW(" + keys + ")::text") + " AS words\n"
                                + "      FROM (" + made("neap_") + ") AS made GROUP BY " + keys + ") AS grouped",
                        r -> new Wrong(r.getLong(1), r.getLong(2), r.getLong(3), String.valueOf(r.getString(4))))
                .get(0);
        String named = "(" + String.join(", ", key()) + ")";
        if (wrong.outside > 0) {
            throw refused("the recompute yields " + wrong.outside + " rows outside the partition's bound " + bound
                    + "; bound it with :lower and :upper, as in WHERE day >= :lower AND day < :upper");
        }
        if (wrong.nulls > 0) {
            throw refused("the recompute yields " + wrong.nulls + " rows with a null in the key " + named
                    + "; leave them out, or give them a value");
        }
        if (wrong.doubled > 0) {
            throw refused("the recompute yields more than one row for the key " + named + " = " + wrong.words
                    + (wrong.doubled > 1 ? " and " + (wrong.doubled - 1) + " more" : "")
                    + "; make its joins and groups yield one row for each key");
        }
    }

    private static NeapException refused(String why) {
        return new NeapException(Kind.USAGE, why);
    }

    private record Wrong(long outside, long nulls, long doubled, String words) {}
}
