package dev.neap.postgres.planning;

import dev.neap.backfill.SourceRecompute;
import dev.neap.dialect.NeapException;
import dev.neap.dialect.NeapException.Kind;
import dev.neap.postgres.query.Names;
import dev.neap.postgres.query.Query;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The recompute's SELECT for one partition: its marks replaced by the bound, as literals of the key's type. */
public final class SourceSelect {
    /** `::upper` is a cast, and `a[1:upper]` a slice; a mark stands by itself. */
    private static final Pattern MARK = Pattern.compile("(?<![:\\p{L}\\p{N}_$\\]]):(lower|upper)(?![\\p{L}\\p{N}_$])");

    /** Types with a value below and above all others that are not infinite themselves. */
    private static final Set<String> INFINITE = Set.of(
            "date", "timestamp without time zone", "timestamp with time zone", "numeric", "real", "double precision");

    private SourceSelect() {}

    /** How the parent of a partition is partitioned. */
    private record Key(String strategy, int columns, String type) {}

    /**
     * The SELECT, to be put between parentheses.
     *
     * @param leaf the partition's OID
     * @param bound its bound as the server spells it
     * @throws NeapException UNIT when the recompute asks for a bound and the partition has none of that kind
     */
    public static String of(Connection connection, SourceRecompute source, long leaf, String bound)
            throws SQLException {
        Matcher mark = MARK.matcher(MaskedSql.of(source.sql()));
        StringBuilder sql = new StringBuilder();
        int at = 0;
        Key key = null;
        while (mark.find()) {
            key = key == null ? key(connection, leaf) : key;
            sql.append(source.sql(), at, mark.start()).append(literal(key, bound, mark.group(1)));
            at = mark.end();
        }
        return sql.append(source.sql().substring(at)).toString();
    }

    /** Of a type by itself, not of one column: `character` alone would be `character(1)`. */
    private static Key key(Connection connection, long leaf) throws SQLException {
        return Query.of(connection, """
                        SELECT p.partstrat, p.partnatts, format_type(coalesce(a.atttypid, o.opcintype), -1)
                        FROM pg_inherits i JOIN pg_partitioned_table p ON p.partrelid = i.inhparent
                        JOIN pg_opclass o ON o.oid = p.partclass[0]
                        LEFT JOIN pg_attribute a ON a.attrelid = p.partrelid AND a.attnum = p.partattrs[0]
                                                 AND a.attnum > 0
                        WHERE i.inhrelid = ?::oid
                        """, leaf)
                .first(r -> new Key(r.getString(1), r.getInt(2), r.getString(3)))
                .orElseThrow(() -> new NeapException(Kind.UNIT, "it is no partition any more"));
    }

    private static String literal(Key key, String bound, String mark) {
        if (!key.strategy().equals("r") || key.columns() != 1 || bound.equals("DEFAULT")) {
            throw new NeapException(
                    Kind.UNIT,
                    "the recompute uses :" + mark + ", but the bound " + bound
                            + " has no lower and upper value: those of RANGE partitions over one column have;"
                            + " leave the partition out with rebuild.partitions, or write the recompute without :lower"
                            + " and :upper");
        }
        Bound parsed = Bound.parse(bound);
        Bound.Edge edge = (mark.equals("lower") ? parsed.lower() : parsed.upper()).get(0);
        if (edge.side() != 0 && !INFINITE.contains(key.type())) {
            throw new NeapException(
                    Kind.UNIT,
                    "the recompute uses :" + mark + ", which is " + (edge.side() < 0 ? "MINVALUE" : "MAXVALUE")
                            + " here, and " + key.type()
                            + " has no such value; leave the partition out with rebuild.partitions");
        }
        String value = edge.side() == 0 ? edge.value() : edge.side() < 0 ? "-infinity" : "infinity";
        return "CAST(" + Names.literal(String.valueOf(value)) + " AS " + key.type() + ")";
    }

    /** The SELECT as something to read from. */
    public static String table(String select) {
        return "(" + select + "\n) AS neap_source";
    }
}
