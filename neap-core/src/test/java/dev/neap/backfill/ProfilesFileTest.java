package dev.neap.backfill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Profiles of the user's own, and what a file says about approval. */
class ProfilesFileTest {
    private static final String FILL = "backfill: fix\nfill: { into: t, set: { a: lower(b) } }\n";
    private static final String NIGHT =
            FILL + "profile: night\nprofiles: { name: night, extends: prod, rate: 3000 rows/s, pause: 5s }\n";

    @TempDir
    Path folder;

    private BackfillFile read(String text, Map<String, String> flags) throws IOException {
        Path file = Files.writeString(folder.resolve("fix.yaml"), text);
        return BackfillFile.read(file, Environment.system(), flags);
    }

    @Test
    void the_built_in_ones_have_the_figures_of_their_documents() throws IOException {
        assertThat(limits("dev")).isEqualTo("50000 none");
        assertThat(limits("staging")).isEqualTo("10000 1000 rows/s");
        assertThat(limits("prod")).isEqualTo("1000 500 rows/s");
    }

    private String limits(String profile) throws IOException {
        Backfill backfill = read(FILL + "profile: " + profile + "\n", Map.of()).backfill();
        return backfill.batchRows() + " " + new Ceiling(backfill.pace().rate());
    }

    @Test
    void one_of_the_user_s_own_changes_what_it_says_and_keeps_the_rest_and_the_proofs() throws IOException {
        BackfillFile file = read(NIGHT, Map.of());

        assertThat(file.backfill().pace())
                .isEqualTo(new Pace(new RowsPerSecond(3_000), Duration.ofSeconds(5), Duration.ZERO));
        assertThat(file.backfill().batchRows()).isEqualTo(1_000);
        assertThat(file.backfill().profile()).isEqualTo(Profile.PROD);
        assertThat(file.settings())
                .contains(
                        new Setting("profile", "night", "file fix.yaml:3"),
                        new Setting("pace.rate", "3000 rows/s", "profile night"),
                        new Setting("pace.pause", "5s", "profile night"),
                        new Setting("failure_limit", "3", "default"));
    }

    @Test
    void the_file_itself_comes_before_its_profile_and_a_flag_chooses_another() throws IOException {
        assertThat(read(NIGHT + "pace: { rate: 7 rows/s }\n", Map.of())
                        .backfill()
                        .pace()
                        .rate())
                .isEqualTo(new RowsPerSecond(7));
        assertThat(read(NIGHT, Map.of("profile", "dev")).backfill().profile()).isEqualTo(Profile.DEV);
        assertThatThrownBy(() -> read(NIGHT, Map.of("profile", "day")))
                .isInstanceOf(BackfillException.class)
                .hasMessage("profile 'day' is no profile; there are dev, staging, prod, night");
    }

    @Test
    void one_of_the_user_s_own_changes_signals_and_the_error_budget_too() throws IOException {
        String night = """
                profile: night
                profiles:
                  - name: night
                    extends: prod
                    replica_lag: 10s
                    server: { commits: 5x, dead_rows: none, cpu: 70% }
                    error_budget: 0.5%
                """;
        BackfillFile file = read(FILL + night + "throttle: { server: { commits: 2x } }\n", Map.of());

        assertThat(file.backfill().throttle().replicaLag()).isEqualTo(Duration.ofSeconds(10));
        assertThat(file.backfill().throttle().asked()).isTrue();
        assertThat(file.backfill().breaker().replicaLag()).as("after it").isEqualTo(Duration.ofSeconds(20));
        assertThat(file.backfill().breaker().errorBudget()).isEqualTo(0.005);
        ServerSignals server = file.backfill().throttle().server();
        assertThat(server.limits())
                .containsEntry(ServerSignal.COMMITS, 2.0)
                .containsEntry(ServerSignal.CPU, 70.0)
                .containsEntry(ServerSignal.STATEMENTS, ServerSignal.STATEMENTS.limit())
                .doesNotContainKey(ServerSignal.DEAD_ROWS);
        assertThat(server.asked()).containsExactly(ServerSignal.COMMITS, ServerSignal.CPU);
        assertThat(file.settings())
                .contains(
                        new Setting("throttle.replica_lag", "10s", "profile night"),
                        new Setting("throttle.server.commits", "2x", "file fix.yaml:10"),
                        new Setting("throttle.server.dead_rows", "none", "profile night"),
                        new Setting("breaker.error_budget", "0.5%", "profile night"));
        assertThat(read(FILL + night, Map.of("profile", "prod"))
                        .backfill()
                        .throttle()
                        .server())
                .isEqualTo(ServerSignals.ALL);
        assertThat(read(FILL + night.replace("prod", "dev"), Map.of())
                        .backfill()
                        .throttle()
                        .server()
                        .limits())
                .as("of dev, which heeds none")
                .containsOnlyKeys(ServerSignal.COMMITS, ServerSignal.CPU);
    }

    @Test
    void what_makes_no_sense_is_refused_with_its_place() {
        assertThatThrownBy(() -> read(FILL + "profile: night\n", Map.of()))
                .hasMessage("%s/fix.yaml:3:10: profile: 'night' is no profile; there are dev, staging, prod", folder);
        assertThatThrownBy(() -> read(FILL + "profiles: { name: prod, extends: dev }\n", Map.of()))
                .hasMessageContaining("'prod' is a profile of Neap's; write another name");
        assertThatThrownBy(() -> read(FILL + "profiles: { name: night }\n", Map.of()))
                .hasMessageContaining("the key 'extends' is missing in profiles");
        assertThatThrownBy(() -> read(FILL + "profiles: { name: night, extends: prod, rows: 5 }\n", Map.of()))
                .hasMessageContaining("unknown key 'rows' in profiles");
        assertThatThrownBy(() -> read(
                        FILL + "profiles:\n  - { name: day, extends: dev }\n"
                                + "  - { name: night, extends: prod, server: { comits: 5x, cpu: lots } }\n",
                        Map.of()))
                .hasMessageContaining("fix.yaml:5:")
                .hasMessageContaining("profiles.2.server.comits: there is no such signal; did you mean 'commits'?")
                .hasMessageContaining("profiles.2.server.cpu: it cannot be 'lots'");
        assertThatThrownBy(() -> read(FILL + "approval: nobody\n", Map.of()))
                .hasMessageContaining("approval cannot be 'nobody'; write any or other");
    }

    @Test
    void says_who_may_approve_and_what_is_answered() throws IOException {
        assertThat(read(FILL, Map.of()).proofs()).isEqualTo(new Proofs(Approver.ANY, Map.of()));
        assertThat(read(FILL + "approval: other\nanswers: { triggers: the audit wants these rows }\n", Map.of())
                        .proofs())
                .isEqualTo(new Proofs(Approver.OTHER, Map.of("triggers", "the audit wants these rows")));
    }
}
