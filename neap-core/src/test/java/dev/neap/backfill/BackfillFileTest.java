package dev.neap.backfill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BackfillFileTest {
    private static final String WHOLE = """
            backfill: fix-event-revenue
            profile: staging
            connection: ${DATABASE_URL}
            replicas: [ "postgresql://app:${REPLICA_PASSWORD}@replica/shop" ]
            rebuild:
              table: public.events
              partitions: { from: 2024-01-01, to: 2027-01-01, order: oldest-first }
              set:
                legacy: upper(legacy)
                day: (:lower)::date
                note: null
                flag: true
              already_right: legacy = upper(legacy)
              application_writes: new
              writes: none
              keep_old: 1d12h
            pace: { rate: 5000 rows/s, pause: 30s, batch_pause: 50ms }
            batch_rows: 250
            failure_limit: 5
            assert:
              same sums: SELECT (SELECT sum(a) FROM :shadow) = (SELECT sum(a) FROM :live)
            """;
    private static final String LEAST = """
            backfill: least
            rebuild:
              table: events
              set: { a: b }
            """;

    @TempDir
    Path folder;

    @Test
    void reads_every_key() {
        Backfill backfill = read(WHOLE).backfill();

        assertThat(backfill)
                .isEqualTo(new Backfill(
                        "fix-event-revenue",
                        Profile.STAGING,
                        new Rebuild(
                                new TableName("public", "events"),
                                new PartitionRange("2024-01-01", "2027-01-01", PartitionRange.Order.OLDEST_FIRST),
                                Map.of(
                                        "legacy",
                                        "upper(legacy)",
                                        "day",
                                        "(:lower)::date",
                                        "note",
                                        "null",
                                        "flag",
                                        "true"),
                                "legacy = upper(legacy)",
                                ApplicationWrites.NEW,
                                LiveWrites.NONE,
                                Duration.ofHours(36)),
                        new Pace(new RowsPerSecond(5000), Duration.ofSeconds(30), Duration.ofMillis(50)),
                        250,
                        5,
                        Map.of("same sums", "SELECT (SELECT sum(a) FROM :shadow) = (SELECT sum(a) FROM :live)"),
                        List.of("postgresql://app:${REPLICA_PASSWORD}@replica/shop")));
        assertThat(backfill.rebuild().set().keySet()).containsExactly("legacy", "day", "note", "flag");
    }

    @Test
    void four_lines_are_enough_and_the_rest_is_careful() {
        Backfill backfill = read(LEAST).backfill();

        assertThat(backfill.profile()).isEqualTo(Profile.PROD);
        assertThat(backfill.pace()).isEqualTo(new Pace(new RowsPerSecond(500), Duration.ZERO, Duration.ZERO));
        assertThat(backfill.batchRows()).isEqualTo(1000);
        assertThat(backfill.failureLimit()).isEqualTo(3);
        assertThat(backfill.rebuild().table()).isEqualTo(new TableName("public", "events"));
        assertThat(backfill.rebuild().partitions()).isEqualTo(PartitionRange.all());
        assertThat(backfill.rebuild().applicationWrites()).isEqualTo(ApplicationWrites.OLD);
        assertThat(backfill.rebuild().writes()).isEqualTo(LiveWrites.CAPTURE);
        assertThat(backfill.rebuild().keepOld()).isEqualTo(Duration.ofDays(7));
    }

    @Test
    void flag_comes_before_environment_before_file_before_profile_before_default() {
        String text = LEAST + "profile: dev\npace: { rate: 100 rows/s, pause: 1s }\nbatch_rows: 10\n";
        Environment environment = FakeEnvironment.of("NEAP_RATE", "200 rows/s", "NEAP_PAUSE", "2s");

        BackfillFile file = BackfillFile.read(write(text), environment, Map.of("rate", "300 rows/s"));

        assertThat(file.backfill().pace())
                .isEqualTo(new Pace(new RowsPerSecond(300), Duration.ofSeconds(2), Duration.ZERO));
        assertThat(file.settings())
                .contains(
                        new Setting("pace.rate", "300 rows/s", "flag --rate"),
                        new Setting("pace.pause", "2s", "environment NEAP_PAUSE"),
                        new Setting("batch_rows", "10", "file fix.yaml:7"),
                        new Setting("pace.batch_pause", "0s", "default"));
        assertThat(BackfillFile.read(write(LEAST), FakeEnvironment.of("NEAP_PROFILE", "dev"))
                        .settings())
                .contains(
                        new Setting("pace.rate", "none", "profile dev"),
                        new Setting("batch_rows", "50000", "profile dev"));
    }

    @Test
    void a_setting_from_outside_is_as_strict_as_the_file() {
        assertThatThrownBy(() -> BackfillFile.read(write(LEAST), FakeEnvironment.of("NEAP_RATE", "fast")))
                .hasMessage("NEAP_RATE cannot be 'fast'; write a rate such as '5000 rows/s', or none");
        assertThatThrownBy(() -> BackfillFile.read(write(LEAST), FakeEnvironment.of(), Map.of("batch_rows", "0")))
                .hasMessage("--batch-rows cannot be '0'; write a whole number from 1 to 999999999");
    }

    @Test
    void a_missing_variable_is_named_with_the_place_that_asks_for_it() {
        BackfillFile file = read(WHOLE);

        assertThatThrownBy(() -> file.target(FakeEnvironment.of()))
                .hasMessage(file.path() + ":3:13: connection: the environment variable DATABASE_URL is not set;"
                        + " set it, as in: export DATABASE_URL=…");
    }

    @Test
    void shows_no_password_that_was_typed_into_the_file() {
        BackfillFile file = read(LEAST + "connection: postgresql://app:hunter2@db/shop\n");

        assertThat(file.settings())
                .contains(new Setting("connection", "postgresql://app:***@db/shop", "file fix.yaml:5"));
        assertThat(file.target(FakeEnvironment.of()).toString()).doesNotContain("hunter2");
    }

    private BackfillFile read(String text) {
        return BackfillFile.read(write(text), FakeEnvironment.of());
    }

    private Path write(String text) {
        try {
            return Files.writeString(folder.resolve("fix.yaml"), text);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
