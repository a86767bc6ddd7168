package dev.neap.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neap.backfill.TableName;
import dev.neap.control.RetryCause;
import dev.neap.plan.Step;
import dev.neap.run.RunEvent;
import dev.neap.throttle.Decision;
import dev.neap.throttle.Limits.Unit;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class RunMetricsTest {
    private static final TableName USERS = new TableName("public", "users#1");

    private final AtomicLong nanos = new AtomicLong();
    private final RunMetrics metrics = new RunMetrics("split", nanos::get);

    private void pass(Duration time) {
        nanos.addAndGet(time.toNanos());
    }

    private void begun() {
        metrics.on(new RunEvent.Started(7, 10, 3, 5_000, 1_500, true));
        metrics.on(new RunEvent.UnitStarted(41, 4, USERS, 500, 1, 0));
        metrics.on(new RunEvent.StepStarted(41, Step.FILL));
    }

    private double value(String name, String label) {
        String line = metrics.scrape()
                .lines()
                .filter(l -> l.startsWith(name + "{") && l.contains(label))
                .findFirst()
                .orElse(name + " -1");
        return Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1).replace("Inf", "Infinity"));
    }

    @Test
    void names_and_units_are_those_of_prometheus() {
        begun();

        assertThat(metrics.scrape())
                .contains(
                        "# TYPE neap_rows_total counter\n",
                        "# HELP neap_rows_total Rows loaded, or looked at by a fill, by this process\n",
                        "# TYPE neap_units gauge\n",
                        "neap_units{backfill=\"split\",state=\"running\"} 1",
                        "neap_run_id{backfill=\"split\"} 7");
        assertThat(value("neap_rows_expected", "split")).isEqualTo(5_000);
    }

    @Test
    void units_that_are_cut_later_count() {
        begun();
        double pending = value("neap_units", "pending");
        metrics.on(new RunEvent.UnitsAdded(5, 700));

        assertThat(value("neap_units", "pending")).isEqualTo(pending + 5);
        assertThat(value("neap_rows_expected", "split")).isEqualTo(5_700);
    }

    @Test
    void the_speed_and_what_signals_say_are_figures() {
        begun();
        assertThat(metrics.scrape()).as("nothing was said yet").doesNotContain("neap_speed_limit");

        metrics.on(new RunEvent.SpeedLimit(700));
        metrics.on(new RunEvent.SpeedChanged(new Decision(Decision.Verdict.SLOW, 700L, "", "a reason")));
        metrics.on(new RunEvent.SignalRead("replica lag", Unit.SECONDS, 1.5));
        assertThat(value("neap_speed_limit", "split")).isEqualTo(700);
        assertThat(value("neap_signal_seconds", "replica lag")).isEqualTo(1.5);

        metrics.on(new RunEvent.SpeedLimit(0));
        metrics.on(new RunEvent.SpeedChanged(new Decision(Decision.Verdict.WAIT, 700L, "replica lag", "a reason")));
        metrics.on(new RunEvent.SignalRead("replica lag", Unit.SECONDS, Double.NaN));
        assertThat(value("neap_speed_limit", "split")).isZero();
        assertThat(value("neap_signal_seconds", "replica lag")).isNaN();

        metrics.on(new RunEvent.SpeedLimit(Double.POSITIVE_INFINITY));
        metrics.on(new RunEvent.SpeedChanged(new Decision(Decision.Verdict.GO, null, "", "a reason")));
        assertThat(value("neap_speed_limit", "split")).isInfinite();
        assertThat(value("neap_speed_changes_total", "wait")).isEqualTo(1);
        assertThat(metrics.scrape()).doesNotContain("a reason");
    }

    @Test
    void rows_are_counted_once_though_each_event_says_how_many_there_are_so_far() {
        begun();
        metrics.on(new RunEvent.RowsLoaded(41, 100));
        metrics.on(new RunEvent.RowsLoaded(41, 350));
        assertThat(value("neap_rows_total", "split")).isEqualTo(350);

        metrics.on(new RunEvent.SegmentDone(41, USERS, 420, 400, Duration.ofSeconds(1)));
        assertThat(value("neap_rows_total", "split")).isEqualTo(420);
    }

    @Test
    void an_attempt_that_starts_over_loads_its_rows_again() {
        begun();
        metrics.on(new RunEvent.RowsLoaded(41, 300));
        metrics.on(new RunEvent.RowsLoaded(41, 50));

        assertThat(value("neap_rows_total", "split")).isEqualTo(350);
    }

    @Test
    void rows_that_an_earlier_process_left_in_a_unit_are_not_this_ones() {
        begun();
        metrics.on(new RunEvent.UnitStarted(42, 5, USERS, 500, 2, 310));
        metrics.on(new RunEvent.RowsLoaded(42, 330));
        assertThat(value("neap_rows_total", "split")).isEqualTo(20);
        metrics.on(new RunEvent.SegmentDone(42, USERS, 500, 100, Duration.ofSeconds(1)));
        assertThat(value("neap_rows_total", "split")).isEqualTo(190);
    }

    @Test
    void units_are_in_one_state_each() {
        begun();
        metrics.on(new RunEvent.UnitStarted(42, 5, USERS, 500, 1, 0));
        metrics.on(new RunEvent.UnitStarted(43, 6, USERS, 500, 1, 0));
        metrics.on(new RunEvent.SegmentDone(41, USERS, 500, 500, Duration.ofSeconds(1)));
        metrics.on(new RunEvent.UnitFailed(42, USERS, "bad"));

        assertThat(value("neap_units", "state=\"done\"")).isEqualTo(4);
        assertThat(value("neap_units", "state=\"failed\"")).isEqualTo(1);
        assertThat(value("neap_units", "state=\"running\"")).isEqualTo(1);
        assertThat(value("neap_units", "state=\"pending\"")).isEqualTo(4);
    }

    @Test
    void a_run_that_begins_again_has_nothing_of_the_one_before() {
        begun();
        metrics.on(new RunEvent.UnitStarted(42, 5, USERS, 500, 1, 0));
        metrics.on(new RunEvent.UnitHeld(42, USERS, 500));
        metrics.on(new RunEvent.UnitStarted(43, 6, USERS, 500, 1, 0));
        metrics.on(new RunEvent.UnitFailed(43, USERS, "bad"));
        metrics.on(new RunEvent.Started(8, 5, 0, 900, 0, false));

        for (String state : List.of("done", "held", "failed", "running")) {
            assertThat(value("neap_units", "state=\"" + state + "\"")).as(state).isZero();
        }
        assertThat(value("neap_units", "state=\"pending\"")).isEqualTo(5);
        assertThat(value("neap_rows_expected", "split")).isEqualTo(900);
        assertThat(value("neap_run_id", "split")).isEqualTo(8);
    }

    @Test
    void what_a_unit_did_before_it_failed_stays_counted() {
        begun();
        metrics.on(new RunEvent.RowsLoaded(41, 100));
        metrics.on(new RunEvent.Waiting(41, "waits for pid 4242"));
        pass(Duration.ofSeconds(3));
        metrics.on(new RunEvent.UnitFailed(41, USERS, "bad"));
        pass(Duration.ofSeconds(60));

        assertThat(value("neap_rows_total", "split")).isEqualTo(100);
        assertThat(value("neap_wait_seconds_total", "reason=\"fill\"")).isEqualTo(3);
        assertThat(value("neap_units", "state=\"failed\"")).isEqualTo(1);
    }

    @Test
    void a_figure_of_signals_has_one_unit_which_its_name_says() {
        begun();
        metrics.on(new RunEvent.SignalRead("slot_wal", Unit.BYTES, 4096));
        metrics.on(new RunEvent.SignalRead("statement time", Unit.TIMES, 1.5));
        metrics.on(new RunEvent.SignalRead("connections", Unit.PERCENT, 45));
        metrics.on(new RunEvent.SignalRead("processors", Unit.LOAD, 80));
        metrics.on(new RunEvent.SignalRead("queue", Unit.COUNT, 7));
        metrics.on(new RunEvent.SignalRead("stop file", Unit.FLAG, 1));

        assertThat(value("neap_signal_bytes", "slot_wal")).isEqualTo(4096);
        assertThat(value("neap_signal_ratio", "statement time")).isEqualTo(1.5);
        assertThat(value("neap_signal_ratio", "connections")).isEqualTo(0.45);
        assertThat(value("neap_signal_ratio", "processors")).isEqualTo(0.8);
        assertThat(value("neap_signal", "queue")).isEqualTo(7);
        assertThat(value("neap_signal", "stop file")).isEqualTo(1);
    }

    @Test
    void every_figure_says_of_which_backfill_it_is() {
        begun();
        metrics.on(new RunEvent.Waiting(41, "waits for pid 4242"));
        metrics.on(new RunEvent.Retried(41, RetryCause.LOCK));
        metrics.on(new RunEvent.SpeedLimit(Double.POSITIVE_INFINITY));
        metrics.on(new RunEvent.SpeedChanged(new Decision(Decision.Verdict.GO, null, "", "a reason")));
        metrics.on(new RunEvent.SignalRead("replica lag", Unit.SECONDS, 1.5));

        assertThat(metrics.scrape().lines().filter(line -> !line.startsWith("#")))
                .hasSizeGreaterThan(8)
                .allMatch(line -> line.contains("{backfill=\"split\""));
    }

    @Test
    void a_unit_that_is_held_for_its_swap_is_counted_once_and_one_that_settles_runs_no_more() {
        begun();
        metrics.on(new RunEvent.RowsLoaded(41, 500));
        metrics.on(new RunEvent.UnitHeld(41, USERS, 500));
        assertThat(value("neap_units", "state=\"held\"")).isEqualTo(1);
        assertThat(value("neap_units", "state=\"running\"")).isZero();

        metrics.on(new RunEvent.UnitStarted(41, 4, USERS, 500, 1, 0));
        assertThat(value("neap_units", "state=\"held\"")).isEqualTo(1);
        assertThat(value("neap_units", "state=\"running\"")).isZero();
        metrics.on(new RunEvent.UnitDone(41, USERS, 500, 8, Duration.ZERO, Duration.ZERO, Duration.ZERO));
        metrics.on(new RunEvent.StepStarted(41, Step.SETTLE));
        metrics.on(new RunEvent.Waiting(41, "an older transaction"));
        pass(Duration.ofSeconds(2));

        assertThat(value("neap_units", "state=\"done\"")).isEqualTo(4);
        assertThat(value("neap_units", "state=\"held\"")).isZero();
        assertThat(value("neap_units", "state=\"running\"")).isZero();
        assertThat(value("neap_rows_total", "split")).isEqualTo(500);
        assertThat(value("neap_changes_replayed_total", "split")).isEqualTo(8);
        assertThat(value("neap_wait_seconds_total", "reason=\"run\"")).isEqualTo(2);
    }

    @Test
    void a_wait_is_counted_while_it_goes_on_and_by_the_step_that_waits() {
        begun();
        metrics.on(new RunEvent.Waiting(41, "waits for pid 4242"));
        pass(Duration.ofSeconds(3));
        assertThat(value("neap_wait_seconds_total", "reason=\"fill\"")).isEqualTo(3);
        pass(Duration.ofSeconds(2));
        metrics.on(new RunEvent.Waiting(41, "waits for pid 4343"));
        pass(Duration.ofSeconds(1));
        metrics.on(new RunEvent.Going(41));
        pass(Duration.ofSeconds(60));

        assertThat(value("neap_wait_seconds_total", "reason=\"fill\"")).isEqualTo(6);

        metrics.on(new RunEvent.Waiting(0, "paused"));
        pass(Duration.ofSeconds(4));
        metrics.on(new RunEvent.Going(0));
        assertThat(value("neap_wait_seconds_total", "reason=\"run\"")).isEqualTo(4);
    }

    @Test
    void a_try_again_is_counted_by_the_step_that_tries_and_by_its_cause() {
        begun();
        metrics.on(new RunEvent.Retried(41, RetryCause.LOCK));
        metrics.on(new RunEvent.Retried(41, RetryCause.LOCK));
        metrics.on(new RunEvent.Retried(0, RetryCause.DEADLOCK));

        assertThat(value("neap_retries_total", "cause=\"lock\",reason=\"fill\""))
                .isEqualTo(2);
        assertThat(value("neap_retries_total", "cause=\"deadlock\",reason=\"run\""))
                .isEqualTo(1);
    }

    @Test
    void a_wait_of_the_whole_run_is_over_when_the_next_thing_begins() {
        begun();
        metrics.on(new RunEvent.Waiting(0, "waits for another process"));
        pass(Duration.ofSeconds(2));
        metrics.on(new RunEvent.UnitStarted(42, 5, USERS, 500, 1, 0));
        pass(Duration.ofSeconds(9));

        assertThat(value("neap_wait_seconds_total", "reason=\"run\"")).isEqualTo(2);
    }

    @Test
    void no_name_of_a_table_and_no_word_of_a_wait_becomes_a_label() {
        begun();
        metrics.on(new RunEvent.Waiting(41, "waits for pid 4242 (app)"));
        pass(Duration.ofSeconds(1));

        assertThat(metrics.scrape()).doesNotContain("users", "4242");
    }
}
