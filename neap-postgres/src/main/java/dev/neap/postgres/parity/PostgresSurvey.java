package dev.neap.postgres.parity;

import dev.neap.backfill.Backfill;
import dev.neap.backfill.Fill;
import dev.neap.backfill.Rebuild;
import dev.neap.backfill.SourceRecompute;
import dev.neap.backfill.TableName;
import dev.neap.parity.Survey;
import dev.neap.postgres.planning.ReadOnly;
import java.sql.Connection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Looks at one server, over one connection that it neither opens nor closes. Reads only, but for {@link SpeedProbe}. */
public final class PostgresSurvey {
    private PostgresSurvey() {}

    /**
     * The server, and the tables that a backfill is about.
     *
     * @param connection in autocommit, used by nobody else meanwhile
     * @param probe whether it is measured how fast the server is, which writes nothing that stays
     */
    public static Survey of(Connection connection, Backfill backfill, boolean probe) {
        List<TableName> tables = List.copyOf(tables(backfill));
        Survey read = ReadOnly.read(
                connection,
                reading -> ServerFacts.of(reading)
                        .and(TableFacts.of(reading, tables))
                        .and(SizeFigures.of(reading, tables)));
        return read.and(
                probe
                        ? ReadOnly.translating(() -> SpeedProbe.of(connection))
                        : new Survey(List.of(), List.of(), List.of("how fast it is: not to be measured")));
    }

    /** Written, walked and read. */
    private static Set<TableName> tables(Backfill backfill) {
        Set<TableName> tables = new LinkedHashSet<>();
        for (Backfill part : backfill.parts()) {
            if (part.fills()) {
                Fill fill = part.fill();
                tables.add(fill.from());
                tables.add(fill.into());
                tables.addAll(fill.reads());
            } else {
                Rebuild rebuild = part.rebuild();
                tables.add(rebuild.table());
                SourceRecompute source = rebuild.source();
                if (source != null) {
                    tables.addAll(source.reads());
                }
            }
        }
        return tables;
    }
}
