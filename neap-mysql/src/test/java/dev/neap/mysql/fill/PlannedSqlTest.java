package dev.neap.mysql.fill;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neap.mysql.MysqlDialect;
import dev.neap.plan.Plan;
import dev.neap.testkit.MariaDbServer;
import dev.neap.testkit.fill.FillRuns;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every statement of a fill as it is sent, in golden files; `-Dneap.renew=true` writes them anew. */
class PlannedSqlTest {
    private static final String DATABASE = "planned_sql";
    private static final Path FILES = Path.of("src/test/resources/dev/neap/mysql/fill");

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "column.sql | fill: { into: s, where: 'n > 0', set: { up: upper(b) } }",
                "table.sql | fill: { from: s, into: t, conflict: newer(at), set: { a: a, b: b, n: n + 1, at: at } }",
            })
    void the_statements_of_a_fill_are_as_in_the_golden_file(String file, String fill) throws IOException {
        MariaDbServer server = MariaDbServer.newest();
        server.createDatabase(DATABASE);
        server.execute(
                DATABASE,
                "CREATE TABLE s (a int, b varchar(40), n decimal(9,2), at datetime(3), up varchar(40), PRIMARY KEY (a, b))",
                "CREATE TABLE t (a int, b varchar(40), n decimal(9,2), at datetime(3), PRIMARY KEY (a, b))",
                "INSERT INTO s (a, b) VALUES (1, 'one'), (2, 'it''s')");

        Plan plan = new FillRuns(new MysqlDialect())
                .neap(server.target(DATABASE), at -> {})
                .plan(FillRuns.backfill("backfill: golden\nconnection: " + server.url(DATABASE) + "\n" + fill + "\n"));

        assertThat(plan.refused()).as("%s", plan.findings()).isFalse();
        String sql = plan.steps().stream()
                .map(step -> "-- " + step.step() + "\n"
                        + step.statements().stream().map(one -> one + ";\n").collect(Collectors.joining()))
                .collect(Collectors.joining("\n"));
        if (Boolean.getBoolean("neap.renew")) {
            Files.createDirectories(FILES);
            Files.writeString(FILES.resolve(file), sql);
        }
        assertThat(sql).isEqualTo(Files.readString(FILES.resolve(file)));
    }
}
