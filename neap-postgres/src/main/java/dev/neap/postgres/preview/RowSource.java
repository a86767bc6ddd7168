package dev.neap.postgres.preview;

import dev.neap.backfill.TableName;
import dev.neap.postgres.planning.LiveTable;
import dev.neap.postgres.query.Names;
import dev.neap.postgres.query.Query;
import dev.neap.preview.Scope;
import java.sql.Connection;
import java.sql.SQLException;

/**
 * Which rows of a partition are looked at. A sample takes random rows from random pages: at most about as many pages are
 * read as rows are asked for, whatever the partition's size. The same rows come each time, as long as none is written.
 *
 * @param where a condition on `live`; empty for every row
 */
record RowSource(String where) {
    static final RowSource EVERY_ROW = new RowSource("");

    /** Any number, the same each time. */
    private static final int SEED = 20_240_229;

    /** A source, and what may be said of its rows. */
    record Chosen(RowSource source, Scope scope) {}

    /**
     * A bounded sample; every row where there are no more.
     *
     * @param rows the most rows, at least 1
     */
    static Chosen sample(Connection connection, LiveTable partition, int rows, long rowsEstimated) throws SQLException {
        String table = Names.quote(partition.name());
        long pages = Query.of(
                        connection,
                        "SELECT pg_relation_size(?::oid::regclass) / current_setting('block_size')::int",
                        partition.oid())
                .number();
        if (pages <= rows) {
            long all = Query.of(
                            connection,
                            "SELECT count(*) FROM (SELECT FROM ONLY " + table + " LIMIT " + (rows + 1L) + ") AS few")
                    .number();
            if (all <= rows) {
                return new Chosen(EVERY_ROW, new Scope(true, all, all, all));
            }
        }
        String places = places(partition.name(), pages, rows);
        Scope scope = Query.of(connection, """
                        SELECT coalesce(sum(rows), 0)::bigint, coalesce(sum(rows) ^ 2 / sum(rows ^ 2), 0)::float8
                        FROM (SELECT count(*) AS rows FROM (%s) AS chosen
                              GROUP BY (chosen.ctid::text::point)[0]) AS page
                        """.formatted(places))
                .list(row -> new Scope(
                        false,
                        row.getLong(1),
                        Math.max(rowsEstimated, row.getLong(1)),
                        pages <= rows ? row.getLong(1) : row.getDouble(2)))
                .get(0);
        return new Chosen(new RowSource("live.ctid = ANY (ARRAY(" + places + "))"), scope);
    }

    private static String places(TableName table, long pages, int rows) {
        String some =
                pages <= rows ? "" : " TABLESAMPLE SYSTEM (" + 100.0 * rows / pages + ") REPEATABLE (" + SEED + ")";
        return "SELECT few.ctid FROM ONLY " + Names.quote(table) + " AS few" + some + " ORDER BY " + random("few.ctid")
                + " LIMIT " + rows;
    }

    /** An order that has nothing to do with where rows lie. */
    static String random(String place) {
        return "pg_catalog.hashtidextended(" + place + ", " + SEED + ")";
    }

    /** The same for rows that lie nowhere. */
    static String randomText(String text) {
        return "pg_catalog.hashtextextended(" + text + " COLLATE \"C\", " + SEED + ")";
    }
}
