package dev.neap.run;

import dev.neap.backfill.Schedule;
import dev.neap.throttle.Limits;
import dev.neap.throttle.Reading;
import dev.neap.throttle.Signal;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;

/** The calendar: outside of the hours, and on the days of a freeze, nothing is written. */
final class OpenHours implements Signal {
    static final String NAME = "hours";

    private static final Limits LIMITS = Limits.flag(NAME, Duration.ofSeconds(1));

    private final Schedule schedule;
    private final Clock clock;

    OpenHours(Schedule schedule, Clock clock) {
        this.schedule = schedule;
        this.clock = clock;
    }

    @Override
    public Limits limits() {
        return LIMITS;
    }

    @Override
    public Reading read() {
        Instant now = clock.instant();
        return schedule.allows(now)
                ? Reading.of(0, "")
                : Reading.of(1, schedule.why(now) + "; goes on at " + schedule.next(now));
    }

    @Override
    public void close() {}
}
