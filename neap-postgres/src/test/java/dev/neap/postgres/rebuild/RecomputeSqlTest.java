package dev.neap.postgres.rebuild;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neap.plan.Plan;
import dev.neap.testkit.PostgresServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * The statements of a unit whose rows come from other tables, as `neap plan` shows them, word for word. Renew the file
 * with -Dneap.renew=true, and read the difference.
 */
class RecomputeSqlTest {
    private static final Path GOLDEN = Path.of("src", "test", "resources", "golden", "recompute.sql");

    @Test
    void the_sql_of_a_unit_is_as_in_the_file() throws IOException {
        Revenue revenue = new Revenue(PostgresServer.newest(), "recompute_sql");
        Plan plan = revenue.plan();
        String oid = revenue.text("SELECT 'events_2'::regclass::oid");

        String sql = plan.steps().stream()
                .map(step -> "-- " + step.step() + "\n"
                        + step.statements().stream()
                                .map(statement -> statement.strip() + ";\n")
                                .collect(Collectors.joining()))
                .collect(Collectors.joining("\n"))
                .replaceAll("\\b" + oid + "\\b", "OID")
                .replace("neap_bound_" + oid, "neap_bound_OID");

        if (Boolean.getBoolean("neap.renew")) {
            Files.createDirectories(GOLDEN.getParent());
            Files.writeString(GOLDEN, sql);
        }
        assertThat(GOLDEN).content().isEqualTo(sql);
        assertThat(sql).as("nothing that is another in each database").doesNotContainPattern("(?<!\\w)\\d{5,6}(?!\\w)");
    }
}
