package dev.neap.postgres.fill;

import dev.neap.backfill.Fill;
import dev.neap.postgres.planning.LiveTable;
import dev.neap.postgres.planning.TableFinder;
import dev.neap.postgres.query.Query;
import dev.neap.postgres.shadow.KeyColumn;
import dev.neap.postgres.verify.Canonical;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * The tables of a verification.
 *
 * @param tables as they are filled, but that keys are written in a type that takes those of both tables
 * @param forms of the target's columns, by name
 * @param alike whether the key sorts in the target as it does in the walked table, so that a part of it is the same part in
 *     both
 * @param since of a rebuilt partition which rows were written since its swap; null for a fill
 * @param beside of a fill the run that is not finished, and what it wrote counts as not there; empty where every row counts
 */
record VerifiedTables(
        FillTables tables,
        Map<String, Canonical> forms,
        boolean alike,
        @Nullable WrittenSince since,
        OptionalLong beside) {
    private static final List<String> INTEGERS = List.of("smallint", "integer", "bigint");

    /** @throws dev.neap.dialect.NeapException USAGE when a table or column is not there, or the walk would not be safe */
    static VerifiedTables read(Connection connection, Fill fill, OptionalLong beside) throws SQLException {
        FillTables tables = FillTables.read(connection, fill);
        Map<String, Canonical> forms = Canonical.of(connection, tables.into().oid());
        if (fill.inPlace()) {
            return new VerifiedTables(tables, forms, true, null, beside);
        }
        List<KeyColumn> key = new ArrayList<>();
        boolean alike = true;
        for (int i = 0; i < tables.key().size(); i++) {
            KeyColumn walked = tables.key().get(i);
            String carried = tables.carried().get(i);
            String type = tables.into().column(carried).orElseThrow().type();
            boolean integers = INTEGERS.contains(walked.type()) && INTEGERS.contains(type);
            key.add(
                    integers && INTEGERS.indexOf(type) > INTEGERS.indexOf(walked.type())
                            ? new KeyColumn(walked.name(), walked.quoted(), type, walked.equal())
                            : walked);
            alike &= integers
                    || (walked.type().equals(type)
                            && collation(connection, tables.from(), walked.name())
                                    == collation(connection, tables.into(), carried));
        }
        return new VerifiedTables(
                new FillTables(fill, tables.from(), tables.into(), key, tables.target(), tables.carried()),
                forms,
                alike,
                null,
                beside);
    }

    /**
     * A rebuilt partition and the one that it replaced: both have the same key, in columns of the same names.
     *
     * @param expected what would make the one of the other
     */
    static VerifiedTables rebuilt(Connection connection, Fill expected, WrittenSince since) throws SQLException {
        TableFinder finder = new TableFinder(connection);
        LiveTable live = finder.find(expected.into());
        List<String> names = since.key().stream().map(KeyColumn::name).toList();
        return new VerifiedTables(
                new FillTables(expected, finder.find(expected.from()), live, since.key(), names, names),
                Canonical.of(connection, live.oid()),
                true,
                since,
                OptionalLong.empty());
    }

    private static long collation(Connection connection, LiveTable table, String column) throws SQLException {
        return Query.of(
                        connection,
                        "SELECT attcollation::bigint FROM pg_catalog.pg_attribute WHERE attrelid = ?::oid AND attname = ?",
                        table.oid(),
                        column)
                .number();
    }
}
