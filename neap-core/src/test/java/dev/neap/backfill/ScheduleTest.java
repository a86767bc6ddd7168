package dev.neap.backfill;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ScheduleTest {
    private static final Schedule NIGHTS_AND_WEEKENDS = new Schedule(
            List.of(
                    Hours.parse("22:00-05:00 Europe/Berlin").orElseThrow(),
                    Hours.parse("Sat-Sun 00:00-24:00 Europe/Berlin").orElseThrow()),
            List.of(Freeze.parse("2026-12-20..2027-01-04 Europe/Berlin").orElseThrow()));

    @ParameterizedTest
    @CsvSource({
        // By day: the evening.
        "2026-11-18T12:00:00Z, 2026-11-18T21:00:00Z",
        // From Saturday on it goes until Monday.
        "2026-11-20T12:00:00Z, 2026-11-20T21:00:00Z",
        "2026-11-21T12:00:00Z, 2026-11-21T12:00:00Z",
        "2026-11-22T22:59:59Z, 2026-11-22T22:59:59Z",
        "2026-11-23T04:00:00Z, 2026-11-23T21:00:00Z",
        // In a freeze: its end, which lies in a night.
        "2026-12-19T22:59:59Z, 2026-12-19T22:59:59Z",
        "2026-12-19T23:00:00Z, 2027-01-04T23:00:00Z",
        "2027-01-01T21:30:00Z, 2027-01-04T23:00:00Z",
    })
    void nights_and_weekends_but_never_in_a_freeze(Instant now, Instant next) {
        assertThat(NIGHTS_AND_WEEKENDS.next(now)).isEqualTo(next);
        assertThat(NIGHTS_AND_WEEKENDS.allows(now)).isEqualTo(now.equals(next));
    }

    @Test
    void a_freeze_alone_leaves_every_other_moment() {
        Schedule schedule = new Schedule(
                List.of(),
                List.of(
                        Freeze.parse("2026-12-24 UTC").orElseThrow(),
                        Freeze.parse("2026-12-25..2026-12-26 UTC").orElseThrow()));

        assertThat(schedule.allows(Instant.parse("2026-12-23T23:59:59Z"))).isTrue();
        assertThat(schedule.next(Instant.parse("2026-12-24T00:00:00Z"))).isEqualTo("2026-12-27T00:00:00Z");
        assertThat(schedule.why(Instant.parse("2026-12-24T00:00:00Z"))).isEqualTo("the freeze 2026-12-24 UTC");
    }

    @Test
    void hours_that_the_clock_skips_come_a_week_later() {
        Schedule schedule = new Schedule(
                List.of(Hours.parse("Sun 02:00-03:00 Europe/Berlin").orElseThrow()), List.of());

        assertThat(schedule.next(Instant.parse("2026-03-28T12:00:00Z"))).isEqualTo("2026-04-05T00:00:00Z");
    }

    @Test
    void without_anything_it_is_always() {
        assertThat(Schedule.ALWAYS.always()).isTrue();
        assertThat(Schedule.ALWAYS.allows(Instant.EPOCH)).isTrue();
        assertThat(NIGHTS_AND_WEEKENDS.always()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "2026-12-24",
                "2026-02-30 UTC",
                "2026-12-24..2026-12-23 UTC",
                "24.12.2026 UTC",
                "2026-12-24 Berlin"
            })
    void what_is_no_freeze_is_refused(String text) {
        assertThat(Freeze.parse(text)).isEmpty();
    }
}
