package dev.neap.postgres.fill;

import dev.neap.dialect.NeapException;
import dev.neap.dialect.NeapException.Kind;
import dev.neap.fill.Transformer;
import dev.neap.postgres.query.SqlFailures;
import dev.neap.transform.Row;
import dev.neap.transform.Schema;
import dev.neap.transform.TransformSource;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;

/**
 * A transform in Java at work on one session: rows are read in a transaction that ends before they are transformed, and what
 * became of them is staged, by COPY, in the transaction that writes it.
 */
final class Making implements AutoCloseable {
    /** A batch reads no more than this, but for its first row: it is several times as much on the heap. */
    private static final long MOST_BYTES = 8L * 1024 * 1024;
    /** One row may become so many. */
    private static final int MOST_OF_ONE = 10_000;

    private static final int FETCH = 1_000;

    private final FillSession session;
    private final int keyColumns;
    private final List<Schema.Column> reads;
    private final Transformer transformer;
    private final StageSql sql;

    /**
     * @param found whether staged rows are looked for one by one, as where keys are reconciled
     * @param time how long the rows of one batch may take
     */
    Making(FillSession session, FillTables tables, FillNames names, boolean found, Duration time) {
        this.session = session;
        this.keyColumns = tables.key().size();
        TransformSource source = Objects.requireNonNull(tables.fill().transform(), "a transform in Java");
        this.reads = source.schema().reads();
        this.sql = new StageSql(tables, names);
        boolean one = !tables.severalRows();
        this.transformer = new Transformer(source, one ? 1 : MOST_OF_ONE, time);
        session.in("read committed", s -> {
            for (String create : sql.create()) {
                s.execute(create);
            }
            for (String index : found ? sql.index() : List.<String>of()) {
                s.execute(index);
            }
            return true;
        });
    }

    StageSql sql() {
        return sql;
    }

    /** Rows that were read, none of them transformed. */
    record Reading(List<Made.Read> rows, boolean cut) {}

    /** Reads rows of the walked table; where they are many, as many as fit into memory. */
    Reading read(Statement s, String query) throws SQLException {
        return read(s, query, keyColumns);
    }

    /** Reads rows as they were before captured changes. */
    Reading readBefore(Statement s) throws SQLException {
        return read(s, sql.before(), 1);
    }

    private Reading read(Statement s, String query, int keys) throws SQLException {
        List<Made.Read> rows = new ArrayList<>();
        long size = 0;
        s.setFetchSize(FETCH);
        try (ResultSet rs = s.executeQuery(query)) {
            while (rs.next()) {
                @Nullable Object[] values = Values.read(rs, keys + 2, reads);
                size += Values.size(values);
                if (size > MOST_BYTES && !rows.isEmpty()) {
                    return new Reading(rows, true);
                }
                rows.add(new Made.Read(
                        Objects.requireNonNull(FillSession.texts(rs, keys)),
                        rs.getString(keys + 1),
                        rs.getString(keys + 2),
                        new Row(reads, values)));
            }
            return new Reading(rows, false);
        } finally {
            s.setFetchSize(0);
        }
    }

    /** Transforms them; nothing may be open. */
    Made transform(Reading reading) {
        requireNothingOpen();
        return new Made(
                reading.rows(),
                reading.cut(),
                transformer.transform(
                        reading.rows().stream().map(Made.Read::row).toList()));
    }

    /** The same one by one: a row that fails becomes none. */
    Made transformEach(Reading reading) {
        Made all = transform(reading);
        if (all.bad().isEmpty()) {
            return all;
        }
        List<List<@Nullable Object[]>> made = new ArrayList<>();
        for (Made.Read row : reading.rows()) {
            Transformer.Outcome one = transformer.transform(List.of(row.row()));
            made.add(one.bad().isEmpty() ? one.made().get(0) : List.of());
        }
        return new Made(reading.rows(), reading.cut(), new Transformer.Outcome(made, ""));
    }

    private void requireNothingOpen() {
        try {
            if (!session.connection().getAutoCommit()) {
                throw new IllegalStateException("a transform may take long, and a transaction is open");
            }
        } catch (SQLException e) {
            throw SqlFailures.explain(e);
        }
    }

    /** Stages what was made, in the transaction that is open. */
    void stage(Made made) throws SQLException {
        copy(Staged.MADE, made, true);
    }

    void stageBefore(Made made) throws SQLException {
        copy(Staged.BEFORE, made, false);
    }

    private void copy(String table, Made made, boolean versions) throws SQLException {
        Connection connection = session.connection();
        CopyIn copy = connection.unwrap(PGConnection.class).getCopyAPI().copyIn(StageSql.copy(table));
        try (CopyText text = new CopyText(copy)) {
            for (int i = 0; i < made.read().size(); i++) {
                line(text, made.read().get(i), made.outcome().made().get(i), versions);
            }
        } finally {
            if (copy.isActive()) {
                copy.cancelCopy();
            }
        }
    }

    /** A row of which nothing became is staged all the same: that it was transformed is known by it. */
    private void line(CopyText text, Made.Read read, List<@Nullable Object[]> yielded, boolean versions)
            throws SQLException {
        for (int i = 0; i < Math.max(1, yielded.size()); i++) {
            for (String part : read.key()) {
                text.value(part);
            }
            if (versions) {
                text.value(read.version());
                text.value(read.seen());
            }
            text.value(yielded.isEmpty() ? "f" : "t");
            text.values(yielded.isEmpty() ? null : yielded.get(i), sql.valueCount());
        }
    }

    /** @throws NeapException RETRY where rows are so large that fewer must be taken at once */
    static void requireWhole(Reading reading) {
        if (reading.cut()) {
            throw new NeapException(Kind.RETRY, "the rows are large; fewer are taken at once");
        }
    }

    void cancel() {
        transformer.cancel();
    }

    @Override
    public void close() {
        transformer.close();
    }
}
