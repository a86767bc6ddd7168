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

class UnwatchedTest {
    @TempDir
    Path folder;

    private List<Finding> findings(String profile, String signals) throws IOException {
        Path file = folder.resolve("fix.yaml");
        Files.writeString(
                file, "backfill: fix\nprofile: " + profile + "\nfill: { into: t, set: { a: b } }\n" + signals);
        return Unwatched.findings(BackfillFile.read(file, Environment.system()).backfill());
    }

    @Test
    void in_staging_and_in_prod_somebody_looks_at_the_servers_load_or_says_why_not() throws IOException {
        for (String profile : List.of("staging", "prod")) {
            assertThat(findings(profile, "")).singleElement().satisfies(finding -> {
                assertThat(finding.check()).isEqualTo("load");
                assertThat(finding.severity()).isEqualTo(Finding.Severity.WARNING);
            });
        }
        assertThat(findings("prod", "throttle: { signals: { name: freeze, file: f } }\n"))
                .as("a flag file tells nothing of it")
                .hasSize(1);
        assertThat(findings("prod", "throttle: { signals: { name: mail, sql: SELECT 1, limit: 70 } }\n"))
                .as("nor does a query, but where the file says so")
                .hasSize(1);
        assertThat(findings("prod", "throttle: { signals: { name: cpu, sql: SELECT 1, limit: 70, load: true } }\n"))
                .isEmpty();
        assertThat(
                        findings(
                                "prod",
                                "throttle: { signals: { name: cpu, prometheus: http://prom, query: cpu, limit: 70, load: true } }\n"))
                .isEmpty();
        assertThat(findings("prod", "throttle: { server: { cpu: 80% } }\n")).isEmpty();
        assertThat(findings("prod", "throttle: { server: { disk: 80% } }\n"))
                .as("how full it is tells nothing of what it does")
                .hasSize(1);
        assertThat(findings("dev", "")).isEmpty();
    }

    private List<String> checks(String profile, String rest) throws IOException {
        return findings(profile, rest).stream().map(Finding::check).toList();
    }

    @Test
    void a_file_that_looks_away_from_replicas_or_takes_the_breaker_out_is_a_finding() throws IOException {
        assertThat(checks("staging", "throttle: { replica_lag: none }\n")).containsExactly("replica-lag", "load");
        assertThat(checks("prod", "throttle: { replica_lag: none }\n"))
                .as("without a lag that is watched none can end the run")
                .containsExactly("replica-lag", "load");
        assertThat(checks("prod", "breaker: { replica_lag: none }\n")).containsExactly("load", "breaker");
        assertThat(checks("prod", "breaker: { error_budget: 1% }\n")).containsExactly("load");
        assertThat(checks("prod", "breaker: { error_budget: 1.1% }\n")).containsExactly("load", "breaker");
        assertThat(checks("staging", "breaker: { error_budget: 100%, replica_lag: none }\n"))
                .containsExactly("load");
        assertThat(checks("dev", "throttle: { replica_lag: none }\n")).isEmpty();
    }
}
