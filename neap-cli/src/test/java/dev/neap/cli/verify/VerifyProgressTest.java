package dev.neap.cli.verify;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neap.backfill.TableName;
import dev.neap.run.RunEvent;
import dev.neap.throttle.Decision;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class VerifyProgressTest {
    private final List<String> said = new ArrayList<>();
    private long now;
    private final VerifyProgress progress = new VerifyProgress(said::add, () -> now);

    private void later(int seconds, long rows) {
        now += Duration.ofSeconds(seconds).toNanos();
        progress.on(new RunEvent.RowsCompared(rows));
    }

    @Test
    void says_how_far_it_is_and_how_long_it_takes_once_in_ten_seconds() {
        progress.on(new RunEvent.ComparisonStarted(new TableName("public", "users"), 100_000, 20_000));
        later(4, 8_000);
        later(6, 20_000);
        later(1, 21_000);
        later(9, 90_000);

        assertThat(said)
                .containsExactly(
                        "public.users: 40 %, 40,000 of about 100,000 rows compared, 2,000 rows/s, about 30 s left",
                        "public.users: 99 %, 110,000 of about 110,000 rows compared, 4,500 rows/s, about 1 s left");
    }

    @Test
    void says_at_once_what_it_waits_for_and_the_same_only_now_and_again() {
        progress.on(new RunEvent.ComparisonStarted(new TableName("public", "users"), 100, 0));
        progress.on(new RunEvent.Waiting(0, "session 7 for 4 s"));
        progress.on(new RunEvent.Waiting(0, "session 7 for 9 s"));
        now += Duration.ofSeconds(10).toNanos();
        progress.on(new RunEvent.Waiting(0, "session 7 for 14 s"));
        progress.on(new RunEvent.SpeedChanged(new Decision(Decision.Verdict.WAIT, 10L, "cpu", "cpu is 90 %")));

        assertThat(said).containsExactly("waits: session 7 for 4 s", "waits: session 7 for 14 s", "wait: cpu is 90 %");
    }
}
