package dev.neap.cli.progress;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neap.backfill.TableName;
import dev.neap.plan.Step;
import dev.neap.run.RunEvent;
import dev.neap.throttle.Decision;
import dev.neap.throttle.Decision.Verdict;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProgressTest {
    private static final TableName PARTITION = new TableName("public", "events_2024_01");

    @ParameterizedTest
    @CsvSource({"0,100,0", "1,1000,0", "50,100,50", "999,1000,99", "100,100,99", "348,100,99", "5,0,0", "-1,5,0"})
    void what_is_not_finished_is_never_all_done(long part, long whole, int percent) {
        assertThat(Percent.of(part, whole, false)).isEqualTo(percent);
        assertThat(Percent.of(part, whole, true)).isEqualTo(100);
    }

    @ParameterizedTest
    @CsvSource({"0, 100, 60, ", "50, 100, 2, ", "50, 100, 60, PT2M", "100, 0, 60, PT0S", "1, 1000000000, 60, PT876000H"
    })
    void remaining_time_is_measured_over_all_that_took_time(double done, double left, long seconds, Duration expected) {
        assertThat(Speed.remaining(done, left, Duration.ofSeconds(seconds))).isEqualTo(expected);
    }

    @Test
    void the_rate_is_that_of_late_and_falls_while_nothing_comes() {
        Speed speed = new Speed();
        assertThat(speed.perSecond(at(0))).isNull();
        for (int second = 0; second <= 60; second++) {
            speed.add(at(second), second <= 30 ? second * 10L : 300 + (second - 30) * 1000L);
        }

        assertThat(speed.perSecond(at(60))).isEqualTo(1000);
        assertThat(speed.perSecond(at(80))).isBetween(400L, 600L);
    }

    @Test
    void a_run_with_more_rows_than_estimated_stays_below_the_whole() {
        RunTracker tracker = started(100, 50);

        tracker.on(new RunEvent.RowsLoaded(1, 5_000), at(5));

        RunView view = tracker.view(at(5));
        assertThat(view.percent()).isLessThan(100);
        assertThat(view.current().get(0).percent()).isEqualTo(99);
        assertThat(view.rowsAll()).isGreaterThanOrEqualTo(view.rowsDone());
    }

    @Test
    void a_finished_unit_puts_its_real_rows_in_the_place_of_the_estimate() {
        RunTracker tracker = started(100, 50);
        tracker.on(new RunEvent.RowsLoaded(1, 200), at(5));

        tracker.on(done(200), at(6));

        RunView view = tracker.view(at(6));
        assertThat(view.rowsDone()).isEqualTo(200);
        assertThat(view.rowsAll()).isEqualTo(250);
        assertThat(view.remaining()).isEqualTo(Duration.ofMillis(5911));
        assertThat(view.leastRemaining()).isFalse();
    }

    @Test
    void many_small_units_take_longer_than_their_rows_say() {
        RunTracker tracker = new RunTracker("fix");
        tracker.on(new RunEvent.Started(1, 20_000, 0, 0, 0, false), at(0));
        for (int unit = 1; unit <= 100; unit++) {
            tracker.on(new RunEvent.UnitStarted(unit, unit, PARTITION, 0, 1, 0), at(unit));
            tracker.on(
                    new RunEvent.UnitDone(unit, PARTITION, 0, 0, Duration.ZERO, Duration.ZERO, Duration.ZERO),
                    at(unit));
        }

        assertThat(tracker.view(at(100)).remaining()).isEqualTo(Duration.ofSeconds(19_900));
    }

    @Test
    void only_the_last_unit_makes_it_a_hundred() {
        RunTracker tracker = started(100, 0);

        tracker.on(done(100), at(6));
        int beforeTheLast = tracker.view(at(6)).percent();
        tracker.on(new RunEvent.UnitStarted(2, 2, PARTITION, 0, 1, 0), at(6));
        tracker.on(new RunEvent.UnitDone(2, PARTITION, 0, 0, Duration.ZERO, Duration.ZERO, Duration.ZERO), at(7));

        assertThat(beforeTheLast).isEqualTo(99);
        assertThat(tracker.view(at(7)).percent()).isEqualTo(100);
    }

    @Test
    void time_of_an_earlier_process_does_not_count() {
        RunTracker tracker = new RunTracker("fix");
        tracker.on(new RunEvent.Started(1, 3, 1, 300, 100, true), at(0));
        tracker.on(new RunEvent.UnitStarted(1, 2, PARTITION, 100, 1, 0), at(0));
        tracker.on(new RunEvent.RowsLoaded(1, 50), at(10));

        assertThat(tracker.view(at(10)).remaining()).isEqualTo(Duration.ofSeconds(30));
    }

    @Test
    void rows_that_an_earlier_process_left_in_a_unit_are_done_and_make_no_speed() {
        RunTracker tracker = new RunTracker("fix");
        tracker.on(new RunEvent.Started(1, 3, 1, 300, 100, true), at(0));
        tracker.on(new RunEvent.UnitStarted(1, 2, PARTITION, 100, 2, 40), at(0));
        assertThat(tracker.view(at(0)).rowsDone()).isEqualTo(140);
        tracker.on(new RunEvent.RowsLoaded(1, 50), at(10));

        assertThat(tracker.view(at(10)).rowsDone()).isEqualTo(150);
        assertThat(tracker.view(at(10)).rate()).isEqualTo(1);
        assertThat(tracker.view(at(10)).remaining()).isEqualTo(Duration.ofSeconds(150));

        tracker.on(done(100), at(20));
        assertThat(tracker.view(at(20)).rowsDone()).isEqualTo(200);
        assertThat(tracker.view(at(20)).remaining()).isEqualTo(Duration.ofMillis(33_333));
    }

    @Test
    void a_run_that_has_lost_its_connection_counts_nothing_twice_and_goes_backwards_nowhere() {
        RunTracker tracker = new RunTracker("fix");
        tracker.on(new RunEvent.Started(1, 3, 0, 30_000, 0, false), at(0));
        tracker.on(new RunEvent.UnitStarted(1, 1, PARTITION, 10_000, 1, 0), at(0));
        tracker.on(new RunEvent.SegmentDone(1, PARTITION, 10_000, 10_000, Duration.ZERO), at(10));
        tracker.on(new RunEvent.UnitStarted(2, 2, PARTITION, 10_000, 1, 0), at(10));
        tracker.on(new RunEvent.RowsLoaded(2, 8_000), at(18));

        tracker.on(new RunEvent.Started(1, 3, 1, 30_000, 10_000, true), at(20));
        tracker.on(new RunEvent.UnitStarted(2, 2, PARTITION, 10_000, 2, 8_000), at(20));
        assertThat(tracker.view(at(20)).rowsDone()).isEqualTo(18_000);
        assertThat(tracker.view(at(20)).rate()).isEqualTo(900);
        tracker.on(new RunEvent.RowsLoaded(2, 9_000), at(21));

        RunView view = tracker.view(at(21));
        assertThat(view.rowsDone()).isEqualTo(19_000);
        assertThat(view.rate()).isEqualTo(905);
        assertThat(view.remaining()).isEqualTo(Duration.ofMillis(12_157));
    }

    @Test
    void a_load_that_starts_over_makes_all_of_its_rows_here() {
        RunTracker tracker = new RunTracker("fix");
        tracker.on(new RunEvent.Started(1, 3, 1, 300, 100, true), at(0));
        tracker.on(new RunEvent.UnitStarted(1, 2, PARTITION, 100, 2, 40), at(0));
        tracker.on(new RunEvent.RowsLoaded(1, 20), at(10));

        assertThat(tracker.view(at(10)).rowsDone()).isEqualTo(120);
        assertThat(tracker.view(at(10)).remaining()).isEqualTo(Duration.ofSeconds(90));
    }

    @Test
    void bars_name_the_step_the_speed_and_the_reason_to_wait() {
        RunTracker tracker = started(100_000, 50_000);
        tracker.on(new RunEvent.StepStarted(1, Step.LOAD), at(1));
        tracker.on(new RunEvent.RowsLoaded(1, 25_000), at(10));

        List<String> lines = ProgressLines.bars(tracker.view(at(10)), 120);
        tracker.on(new RunEvent.Waiting(1, "a lock, held by pid 42"), at(11));
        List<String> waiting = ProgressLines.bars(tracker.view(at(11)), 120);

        assertThat(lines)
                .containsExactly(
                        "fix                              [===>                   ]  16 %  0/2 units  2,500 rows/s  at least"
                                + " 51 s left",
                        "public.events_2024_01            [=====>                 ]  25 %  load  25,000 of about 100,000"
                                + " rows");
        assertThat(waiting.get(2)).isEqualTo("waiting: a lock, held by pid 42");
    }

    @Test
    void a_run_that_goes_slower_says_why_until_it_is_at_its_ceiling_again() {
        RunTracker tracker = started(100_000, 50_000);
        Decision slow = new Decision(Verdict.SLOW, 250L, "", "replica lag of b is 1.3 s");
        Decision go = new Decision(Verdict.GO, 500L, "", "every signal is well");

        tracker.on(new RunEvent.SpeedChanged(slow), at(1));
        assertThat(EventText.of(new RunEvent.SpeedChanged(slow)))
                .hasValue("slow, 250 rows/s: replica lag of b is 1.3 s");
        assertThat(ProgressLines.bars(tracker.view(at(1)), 120))
                .contains("slow, 250 rows/s: replica lag of b is 1.3 s");
        assertThat(ProgressLines.plain(tracker.view(at(1)))).endsWith("; slow, 250 rows/s: replica lag of b is 1.3 s");

        tracker.on(new RunEvent.SpeedChanged(go), at(2));
        assertThat(ProgressLines.plain(tracker.view(at(2)))).doesNotContain("rows/s:");
    }

    @Test
    void before_it_begins_a_run_says_what_it_waits_for() {
        RunTracker tracker = new RunTracker("fix");

        tracker.on(new RunEvent.Waiting(0, "the lease of another process"), at(1));

        assertThat(ProgressLines.plain(tracker.view(at(1))))
                .isEqualTo("0 %  not begun; waiting: the lease of another process");
        assertThat(ProgressLines.bars(tracker.view(at(1)), 80).get(1))
                .isEqualTo("waiting: the lease of another process");
    }

    @Test
    void bars_fit_into_every_terminal() {
        RunTracker tracker = started(100_000, 50_000);
        for (int width : new int[] {0, 20, 40, 80, 200}) {
            assertThat(ProgressLines.bars(tracker.view(at(1)), width))
                    .hasSize(2)
                    .allMatch(line -> line.length() < Math.max(40, width));
        }
    }

    @Test
    void a_log_gets_a_line_for_each_unit_and_no_line_twice() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (LineProgress progress =
                new LineProgress("fix", new PrintStream(out, true, StandardCharsets.UTF_8), () -> at(10))) {
            progress.on(new RunEvent.Started(1, 2, 0, 150, 0, false));
            progress.on(new RunEvent.UnitStarted(1, 1, PARTITION, 100, 1, 0));
            progress.tick();
            progress.tick();
            progress.on(done(100));
        }

        assertThat(out.toString(StandardCharsets.UTF_8).lines())
                .containsExactly(
                        "0 %  0/2 units, 0 of about 150 rows; public.events_2024_01: claimed, 0 of about 100 rows",
                        "public.events_2024_01 done: 100 rows in 2.0 s, verified in 300 ms, 3 changes replayed,"
                                + " readers kept out for 4 ms");
    }

    @Test
    void after_the_last_swap_it_says_that_it_settles_and_what_it_waits_for() {
        RunTracker tracker = started(100, 0);
        tracker.on(done(100), at(6));
        tracker.on(new RunEvent.UnitStarted(2, 2, PARTITION, 0, 1, 0), at(6));
        tracker.on(new RunEvent.UnitDone(2, PARTITION, 0, 0, Duration.ZERO, Duration.ZERO, Duration.ZERO), at(7));

        tracker.on(new RunEvent.StepStarted(1, Step.SETTLE), at(8));
        String going = ProgressLines.plain(tracker.view(at(8)));
        tracker.on(new RunEvent.Waiting(1, "waits to stop capture: session 42"), at(9));
        List<String> waiting = ProgressLines.bars(tracker.view(at(9)), 100);
        tracker.on(new RunEvent.StepStarted(2, Step.SETTLE), at(10));

        assertThat(going)
                .isEqualTo("100 %  2/2 units; settling: mends rows that came late in the old form, takes capture off");
        assertThat(waiting).hasSize(2);
        assertThat(waiting.get(1)).isEqualTo("settling: waits to stop capture: session 42");
        assertThat(ProgressLines.plain(tracker.view(at(10)))).isEqualTo(going);
    }

    @Test
    void a_line_that_stays_scrolls_up_above_the_foot() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (Footer footer = new Footer(new PrintStream(out, true, StandardCharsets.UTF_8))) {
            footer.draw(List.of("one", "two"));
            footer.draw(List.of("one", "two"));
            footer.above("stays");
        }

        String clear = "\r\u001b[2K\u001b[1A\r\u001b[2K";
        assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo("one\ntwo" + clear + "stays\none\ntwo" + clear);
    }

    /** A run of two units, the first in work. */
    private static RunTracker started(long first, long second) {
        RunTracker tracker = new RunTracker("fix");
        tracker.on(new RunEvent.Started(1, 2, 0, first + second, 0, false), at(0));
        tracker.on(new RunEvent.UnitStarted(1, 1, PARTITION, first, 1, 0), at(0));
        return tracker;
    }

    private static RunEvent.UnitDone done(long rows) {
        return new RunEvent.UnitDone(
                1, PARTITION, rows, 3, Duration.ofSeconds(2), Duration.ofMillis(4), Duration.ofMillis(300));
    }

    private static Duration at(int seconds) {
        return Duration.ofSeconds(seconds);
    }
}
