package dev.neap.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neap.backfill.BackfillFile;
import dev.neap.backfill.Environment;
import dev.neap.preflight.Finding;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UnseenLoadTest {
    @TempDir
    Path folder;

    private List<Finding> findings(String profile, String signals) throws IOException {
        Path file = folder.resolve("fix.yaml");
        Files.writeString(
                file, "backfill: fix\nprofile: " + profile + "\nfill: { into: t, set: { a: b } }\n" + signals);
        return UnseenLoad.findings(BackfillFile.read(file, Environment.system()).backfill());
    }

    @Test
    void in_prod_somebody_looks_at_the_servers_load_or_says_why_not() throws IOException {
        assertThat(findings("prod", "")).singleElement().satisfies(finding -> {
            assertThat(finding.check()).isEqualTo("load");
            assertThat(finding.severity()).isEqualTo(Finding.Severity.WARNING);
        });
        assertThat(findings("prod", "throttle: { signals: { name: freeze, file: f } }\n"))
                .as("a flag file tells nothing of it")
                .hasSize(1);
        assertThat(findings(
                        "prod",
                        "throttle: { signals: { name: cpu, prometheus: http://prom, query: cpu, limit: 70 } }\n"))
                .isEmpty();
        assertThat(findings("prod", "throttle: { signals: { name: cpu, sql: SELECT 1, limit: 70 } }\n"))
                .isEmpty();
        assertThat(findings("prod", "throttle: { server: { cpu: 80% } }\n")).isEmpty();
        assertThat(findings("prod", "throttle: { server: { disk: 80% } }\n"))
                .as("how full it is tells nothing of what it does")
                .hasSize(1);
        assertThat(findings("staging", "")).isEmpty();
    }
}
