package dev.neap.postgres.planning;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neap.backfill.MissingInSource;
import dev.neap.backfill.SourceRecompute;
import dev.neap.backfill.TableName;
import dev.neap.postgres.query.Query;
import dev.neap.testkit.PostgresServer;
import java.sql.Connection;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A recompute whose marks are a partition's bounds. */
class SourceSelectTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "char(6)       | '202401' | '202402' | '202401' | '202402'",
                "bit(4)        | B'0100'  | B'1000'  | B'0100'  | B'1000'",
                "varchar(6)    | 'DE'     | 'FR'     | 'DE'     | 'FR'",
                "numeric(6,2)  | 1.25     | 9.75     | 1.25     | 9.75",
                "timestamp(0)  | '2024-01-01 12:30:00' | '2024-02-01' | '2024-01-01 12:30:00' | '2024-02-01'"
            },
            quoteCharacter = '`')
    void marks_are_the_whole_bounds_whatever_the_type(
            String type, String lower, String upper, String wantedLower, String wantedUpper) throws Exception {
        PostgresServer server = PostgresServer.newest();
        String database = server.createDatabase("select_" + type.replaceAll("[^a-z]", ""));
        server.execute(
                database,
                "CREATE TABLE parts (k " + type + ") PARTITION BY RANGE (k)",
                "CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM (" + lower + ") TO (" + upper + ")");
        try (Connection connection = server.connect(database)) {
            long leaf = Query.of(connection, "SELECT 'parts_1'::regclass::oid::bigint")
                    .number();
            String bound = Query.of(
                            connection, "SELECT pg_get_expr(relpartbound, oid) FROM pg_class WHERE oid = ?", leaf)
                    .text();
            SourceRecompute source = new SourceRecompute(
                    "SELECT :lower = " + wantedLower + "::" + type + " AND :upper = " + wantedUpper + "::" + type,
                    List.of(new TableName("public", "parts")),
                    MissingInSource.DROP);

            assertThat(Query.of(connection, SourceSelect.of(connection, source, leaf, bound))
                            .truth())
                    .isTrue();
        }
    }
}
