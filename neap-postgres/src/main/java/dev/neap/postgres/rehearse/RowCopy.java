package dev.neap.postgres.rehearse;

import dev.neap.postgres.query.Names;
import dev.neap.postgres.query.Query;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.stream.Collectors;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;
import org.postgresql.copy.CopyOut;

/** Streams rows from the source to the other server; no more than one of them is in memory. */
final class RowCopy {
    /** Any number, the same each time. */
    private static final int SEED = 20_240_229;

    private final Connection source;
    private final Connection target;
    private final Omissions omissions;

    RowCopy(Connection source, Connection target, Omissions omissions) {
        this.source = source;
        this.target = target;
        this.omissions = omissions;
    }

    /** Rows of random pages where there are many more than wanted; at most about as many pages are read as rows. */
    long sample(CopiedTable table, int most) throws SQLException {
        double[] size = Query.of(source, """
                        SELECT greatest(c.reltuples, 0), pg_relation_size(c.oid) / current_setting('block_size')::float8
                        FROM pg_class c WHERE c.oid = ?::oid
                        """, table.oid())
                .list(row -> new double[] {row.getDouble(1), row.getDouble(2)})
                .get(0);
        double perPage = size[1] == 0 ? 1 : Math.max(1, size[0] / size[1]);
        double pages = 2.0 * most / perPage + 2;
        String some =
                pages >= size[1] ? "" : " TABLESAMPLE SYSTEM (" + 100 * pages / size[1] + ") REPEATABLE (" + SEED + ")";
        return rows(table, Names.quote(table.name()) + some, "", most);
    }

    /** The first rows. */
    long first(CopiedTable table, int most) throws SQLException {
        return rows(table, Names.quote(table.name()), "", most);
    }

    /** The rows for which a condition holds. */
    long where(CopiedTable table, String condition) throws SQLException {
        return where(table, condition, Integer.MAX_VALUE);
    }

    /** The first rows for which a condition holds. */
    long where(CopiedTable table, String condition, int most) throws SQLException {
        return rows(table, Names.quote(table.name()), " WHERE " + condition, most);
    }

    private long rows(CopiedTable table, String from, String where, int most) throws SQLException {
        String columns =
                table.stored().stream().map(each -> omissions.read(table, each)).collect(Collectors.joining(", "));
        String limit = most == Integer.MAX_VALUE ? "" : " LIMIT " + most;
        return stream(
                "COPY (SELECT " + columns + " FROM " + from + where + limit + ") TO STDOUT",
                "COPY " + Names.quote(table.name()) + " (" + table.storedNames() + ") FROM STDIN");
    }

    private long stream(String out, String in) throws SQLException {
        CopyIn writer = target.unwrap(PGConnection.class).getCopyAPI().copyIn(in);
        try {
            CopyOut reader = source.unwrap(PGConnection.class).getCopyAPI().copyOut(out);
            try {
                for (byte[] row = reader.readFromCopy(); row != null; row = reader.readFromCopy()) {
                    writer.writeToCopy(row, 0, row.length);
                }
            } finally {
                if (reader.isActive()) {
                    reader.cancelCopy();
                }
            }
            return writer.endCopy();
        } finally {
            if (writer.isActive()) {
                writer.cancelCopy();
            }
        }
    }
}
