package dev.neap.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neap.preflight.Finding;
import dev.neap.preflight.Finding.Severity;
import dev.neap.throttle.Limits;
import dev.neap.throttle.Reading;
import dev.neap.throttle.Signal;
import dev.neap.throttle.SignalLook;
import dev.neap.throttle.SignalLook.Level;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What signals say before a run. */
@Timeout(60)
class SignalsNowTest {
    private static final Limits LAG =
            new Limits("replica lag", Limits.Unit.SECONDS, 1, 2, Duration.ofSeconds(1), Duration.ZERO);
    private static final Limits FREEZE = Limits.flag("freeze", Duration.ofSeconds(5));

    private final AtomicInteger closed = new AtomicInteger();

    private Signal signal(Limits limits, Supplier<Reading> reading) {
        return new FakeSignal(limits, reading, closed);
    }

    private SignalsNow now(Limits limits, Supplier<Reading> reading) {
        return SignalsNow.of(List.of(signal(limits, reading)), List.of());
    }

    private static Finding only(SignalsNow now) {
        assertThat(now.findings()).hasSize(1);
        return now.findings().get(0);
    }

    @Test
    void each_is_read_closed_and_shown_with_its_levels() {
        SignalsNow now = SignalsNow.of(
                List.of(signal(LAG, () -> Reading.of(0.5, "b")), signal(FREEZE, () -> Reading.of(0, ""))),
                List.of("dead rows are not watched"));

        assertThat(now.signals())
                .containsExactly(
                        new SignalLook(
                                "replica lag",
                                Level.WELL,
                                0.5,
                                Limits.Unit.SECONDS,
                                1,
                                2,
                                "0.5 s, b",
                                "slower from 1 s on, waits from 2 s on"),
                        new SignalLook("freeze", Level.WELL, 0.0, Limits.Unit.FLAG, 1, 1, "off", ""));
        assertThat(now.off()).containsExactly("dead rows are not watched");
        assertThat(now.findings()).isEmpty();
        assertThat(closed).hasValue(2);
    }

    @Test
    void one_that_has_a_value_only_after_some_readings_is_read_again() {
        AtomicInteger times = new AtomicInteger();
        SignalsNow now = now(LAG, () -> times.incrementAndGet() < 9 ? Reading.none("not yet") : Reading.of(0, ""));

        assertThat(now.signals().get(0).level()).isEqualTo(Level.WELL);
    }

    @Test
    void over_the_limit_and_silence_are_warnings_what_only_slows_or_is_meant_is_a_note() {
        Finding over = only(now(LAG, () -> Reading.of(3, "b")));
        assertThat(over.severity()).isEqualTo(Severity.WARNING);
        assertThat(over.what()).isEqualTo("replica lag is 3 s, b; slower from 1 s on, waits from 2 s on");

        Finding silent = only(now(LAG, () -> Reading.none("replica b: refused")));
        assertThat(silent.severity()).isEqualTo(Severity.WARNING);
        assertThat(silent.what()).isEqualTo("replica lag gives no value: replica b: refused");

        assertThat(only(now(LAG, () -> Reading.of(1, "b"))).severity()).isEqualTo(Severity.NOTE);
        assertThat(only(now(FREEZE, () -> Reading.of(1, ""))).severity()).isEqualTo(Severity.NOTE);
        assertThat(only(new SignalsNow(List.of(), List.of(), "cannot")).severity())
                .isEqualTo(Severity.ERROR);
    }

    @Test
    void one_that_does_not_answer_is_not_waited_for_forever() {
        CountDownLatch never = new CountDownLatch(1);
        SignalsNow now = SignalsNow.of(
                List.of(
                        signal(LAG, () -> {
                            try {
                                never.await();
                            } catch (InterruptedException e) {
                                Thread.currentThread().interrupt();
                            }
                            return Reading.of(0, "");
                        }),
                        signal(FREEZE, () -> Reading.of(0, ""))),
                List.of());

        assertThat(now.signals()).extracting(SignalLook::level).containsExactly(Level.SILENT, Level.WELL);
        assertThat(now.signals().get(0).now()).isEqualTo("no value: its answer does not come");
        never.countDown();
    }
}
