package dev.neap.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** The kit's own check: the readers find nothing when nothing happens, and the recipe's empty partitions when it runs. */
class ReaderPollsTest {
    private final long seed = Seeds.of(1).get(0);

    @Test
    void readers_of_every_kind_see_nothing_wrong_while_only_the_application_writes() throws Exception {
        try (PostgresServer primary = PostgresServer.start(18, Map.of("max_connections", "60"));
                PostgresServer standby = primary.standby()) {
            ReaderPolls[] seen = new ReaderPolls[1];
            new History(seed).play(primary, "calm", setting -> {
                try (ReaderPolls polls =
                        ReaderPolls.start(primary, standby, setting.target().database())) {
                    seen[0] = polls;
                    Thread.sleep(3_000);
                    Awaitility.await()
                            .atMost(Duration.ofMinutes(2))
                            .until(() -> polls.tallies().values().stream().allMatch(tally -> tally.polls() > 10));
                }
            });

            assertThat(seen[0].wrong()).as("seed %s%n%s", seed, seen[0].table()).isZero();
            assertThat(seen[0].tallies()).hasSize(Reader.values().length);
            assertThat(seen[0].tallies().values()).allMatch(tally -> tally.polls() > 10);
        }
    }

    @Test
    void the_two_statement_recipe_shows_empty_partitions_to_readers() throws Exception {
        ReaderPolls seen = TwoStatementRecipe.watched(PostgresServer.oldest(), "recipe_readers");

        assertThat(seen.tally(Reader.READ_COMMITTED).empties()).isPositive();
        assertThat(seen.tally(Reader.REPEATABLE_READ).empties()).isPositive();
    }
}
