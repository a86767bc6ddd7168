package dev.neap.postgres.rebuild;

import dev.neap.backfill.Backfill;
import dev.neap.backfill.SourceRecompute;
import dev.neap.postgres.planning.Collations;
import dev.neap.postgres.planning.SourceSelect;
import dev.neap.postgres.query.Names;
import dev.neap.postgres.shadow.KeyColumn;
import dev.neap.postgres.shadow.RowShape;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

/** The statements that fill a shadow from other tables, and look at what came of it. */
final class SourceSql {
    /** The order in which they are added up may differ each time. */
    static final Set<String> INEXACT = Set.of("real", "double precision");

    private static final String SELECT = "SELECT ";

    private final UnitNames names;
    private final String select;
    private final boolean keeps;
    private final List<String> columns;
    private final Map<String, String> types;
    private final Map<String, String> collations;
    private final List<KeyColumn> key;

    /**
     * @param select the recompute with the unit's bound
     * @param keeps whether live rows whose key it does not yield are kept
     * @param collations clauses, by the column's name
     */
    SourceSql(
            UnitNames names,
            String select,
            boolean keeps,
            List<String> columns,
            Map<String, String> types,
            Map<String, String> collations,
            List<KeyColumn> key) {
        this.names = names;
        this.select = select;
        this.keeps = keeps;
        this.columns = columns;
        this.types = types;
        this.collations = collations;
        this.key = key;
    }

    /**
     * Those of one unit.
     *
     * @param leaf the OID of its live partition
     * @param bound its bound as the server spells it
     */
    static SourceSql of(
            Connection connection, UnitNames names, Backfill backfill, long leaf, String bound, RowShape shape)
            throws SQLException {
        SourceRecompute source = Objects.requireNonNull(backfill.rebuild().source());
        return new SourceSql(
                names,
                SourceSelect.of(connection, source, leaf, bound),
                source.keeps(),
                shape.columns(),
                shape.types(),
                Collations.of(connection, leaf),
                shape.key());
    }

    String select() {
        return select;
    }

    private String into() {
        return "INSERT INTO " + names.shadow() + " (" + Names.list(columns) + ") OVERRIDING SYSTEM VALUE\n" + SELECT;
    }

    /** Every row that the recompute yields. */
    String load() {
        return into() + yielded();
    }

    /** The same as a query of its own. */
    String loaded() {
        return SELECT + yielded();
    }

    private String yielded() {
        return each("neap_source") + "\nFROM " + SourceSelect.table(select);
    }

    boolean keeps() {
        return keeps;
    }

    /** The live rows whose key the recompute did not yield. */
    String keepMissing() {
        return into() + each("live") + "\nFROM ONLY " + names.liveTable()
                + " AS live\nWHERE NOT EXISTS (SELECT FROM ONLY " + names.shadow() + " AS shadow WHERE "
                + sameKey("live", "shadow") + ")";
    }

    /** How many rows are outside of the bound. */
    String outside(String bound) {
        return "SELECT count(*) FROM ONLY " + names.shadow() + " WHERE (" + bound + ") IS FALSE";
    }

    /** One key that is there more than once, in words; no row when there is none. */
    String doubled() {
        String list = key.stream().map(KeyColumn::quoted).collect(Collectors.joining(", "));
        return "SELECT format('(%s) = %s', " + Names.literal(list.replace("\"", "")) + ", ROW(" + list
                + ")::text) FROM ONLY " + names.shadow() + " GROUP BY " + list + " HAVING count(*) > 1 LIMIT 1";
    }

    boolean hasKey() {
        return !key.isEmpty();
    }

    /**
     * Computes everything again, and compares it with the shadow by words: how many rows are missing there (1), and how
     * many are too many (2). A row that differs counts as both.
     */
    String verify() {
        return again() + "SELECT CASE WHEN more > 0 THEN 1 ELSE 2 END, sum(abs(more))::bigint FROM (\n"
                + "SELECT coalesce(expected.copies, 0) - coalesce(shadow.copies, 0) AS more FROM "
                + copies("expected", "expected") + "\nFULL JOIN " + copies("ONLY " + names.shadow(), "shadow")
                + " USING (words)) AS compared\nWHERE more <> 0 GROUP BY 1 ORDER BY 1";
    }

    /** Computes everything again, for a verification after the swap. */
    String computedAgain() {
        return again() + "SELECT * FROM expected";
    }

    /** All rows that are expected, as `expected`; those of the live partition that are kept are read from it. */
    private String again() {
        String expected = "SELECT " + each("neap_source") + " FROM " + SourceSelect.table(select);
        return keeps
                ? "WITH again AS MATERIALIZED (" + expectedAsTyped(expected) + "), kept AS (SELECT " + each("live")
                        + " FROM ONLY " + names.liveTable()
                        + " AS live WHERE NOT EXISTS (SELECT FROM again WHERE " + sameKey("live", "again")
                        + ")), expected AS (SELECT * FROM again UNION ALL SELECT * FROM kept)\n"
                : "WITH expected AS (" + expectedAsTyped(expected) + ")\n";
    }

    private String expectedAsTyped(String expected) {
        return "SELECT "
                + columns.stream()
                        .map(c -> "CAST(" + Names.quote(c) + " AS " + types.get(c) + ")"
                                + collations.getOrDefault(c, "") + " AS " + Names.quote(c))
                        .collect(Collectors.joining(", "))
                + " FROM (" + expected + ") AS once_more";
    }

    private String copies(String table, String alias) {
        String exact = columns.stream()
                .filter(c -> !INEXACT.contains(types.getOrDefault(c, "")))
                .map(c -> alias + "." + Names.quote(c))
                .collect(Collectors.joining(", "));
        return "(SELECT sha256(convert_to(ROW(" + exact + ")::text, 'UTF8')) AS words, count(*) AS copies FROM " + table
                + " AS " + alias + " GROUP BY 1) AS " + alias;
    }

    private String each(String alias) {
        return columns.stream().map(c -> alias + "." + Names.quote(c)).collect(Collectors.joining(", "));
    }

    private String sameKey(String one, String other) {
        return key.stream()
                .map(k -> k.same(one + "." + k.quoted(), other + "." + k.quoted()))
                .collect(Collectors.joining(" AND "));
    }
}
