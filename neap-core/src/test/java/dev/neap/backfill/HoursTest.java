package dev.neap.backfill;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HoursTest {
    @ParameterizedTest
    @CsvSource({
        "22:00-05:00 Europe/Berlin, 2026-01-15T20:59:59Z, false",
        "22:00-05:00 Europe/Berlin, 2026-01-15T21:00:00Z, true",
        "22:00-05:00 Europe/Berlin, 2026-01-16T03:59:59Z, true",
        "22:00-05:00 Europe/Berlin, 2026-01-16T04:00:00Z, false",
        // In summer an hour earlier by UTC.
        "22:00-05:00 Europe/Berlin, 2026-07-15T20:00:00Z, true",
        "22:00-05:00 Europe/Berlin, 2026-07-16T03:00:00Z, false",
        "09:30-17:00 UTC, 2026-07-16T09:29:59Z, false",
        "09:30-17:00 UTC, 2026-07-16T09:30:00Z, true",
        "09:30-17:00 UTC, 2026-07-16T17:00:00Z, false",
        "20:00-24:00 UTC, 2026-07-16T23:59:59Z, true",
        "20:00-24:00 UTC, 2026-07-16T00:00:00Z, false",
        "00:00-01:00 Asia/Kolkata, 2026-07-16T18:30:00Z, true",
        // 2026-07-18 is a Saturday.
        "Sat-Sun 00:00-24:00 UTC, 2026-07-17T23:59:59Z, false",
        "Sat-Sun 00:00-24:00 UTC, 2026-07-18T00:00:00Z, true",
        "Sat-Sun 00:00-24:00 UTC, 2026-07-19T23:59:59Z, true",
        "Sat-Sun 00:00-24:00 UTC, 2026-07-20T00:00:00Z, false",
        "Sat-Mon 09:00-10:00 UTC, 2026-07-20T09:30:00Z, true",
        "Sat-Mon 09:00-10:00 UTC, 2026-07-21T09:30:00Z, false",
        // A night belongs to the day on which it begins.
        "Fri 22:00-05:00 UTC, 2026-07-18T04:59:59Z, true",
        "Fri 22:00-05:00 UTC, 2026-07-17T04:59:59Z, false",
        "Fri 22:00-05:00 UTC, 2026-07-18T22:00:00Z, false",
    })
    void hold_from_their_first_minute_up_to_their_last(String text, Instant moment, boolean within) {
        Hours hours = Hours.parse(text).orElseThrow();

        assertThat(hours.contain(moment)).isEqualTo(within);
        assertThat(Hours.parse(hours.toString())).contains(hours);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "22:00-05:00",
                "22:00-05:00 Berlin",
                "22:00-05:00 europe/berlin",
                "22-5 UTC",
                "22:00 - 05:00 UTC",
                "24:00-05:00 UTC",
                "22:60-05:00 UTC",
                "22:00-22:00 UTC",
                "00:00-24:00 UTC",
                "Mon-Sun 00:00-24:00 UTC",
                "Sat 08:00-08:00 UTC",
                "sat 08:00-09:00 UTC",
                "Sat-Sun",
                "22:00-05:00 UTC UTC",
                ""
            })
    void what_is_no_hours_or_no_known_place_is_refused(String text) {
        assertThat(Hours.parse(text)).isEmpty();
    }

    @Test
    void go_by_the_clock_of_their_place_on_the_night_that_has_an_hour_twice() {
        Hours hours = Hours.parse("02:00-03:00 Europe/Berlin").orElseThrow();

        assertThat(hours.contain(Instant.parse("2026-10-25T00:30:00Z"))).isTrue();
        assertThat(hours.contain(Instant.parse("2026-10-25T01:30:00Z"))).isTrue();
        assertThat(hours.contain(Instant.parse("2026-10-25T02:30:00Z"))).isFalse();
    }
}
