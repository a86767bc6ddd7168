package dev.neap.backfill;

import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * When a run may write, by the calendar.
 *
 * @param hours in any of these; without one, at any time
 * @param freeze never on these days, whatever the hours are
 */
public record Schedule(List<Hours> hours, List<Freeze> freeze) {
    /** At any time. */
    public static final Schedule ALWAYS = new Schedule(List.of(), List.of());

    /** Hours come each week, but for one in which the clock skips them. */
    private static final int DAYS_AHEAD = 14;

    public Schedule {
        hours = List.copyOf(hours);
        freeze = List.copyOf(freeze);
    }

    /** Whether it is the same at any time. */
    public boolean always() {
        return hours.isEmpty() && freeze.isEmpty();
    }

    /** Whether a run may write at this moment. */
    public boolean allows(Instant moment) {
        return freeze.stream().noneMatch(days -> days.contains(moment))
                && (hours.isEmpty() || hours.stream().anyMatch(some -> some.contain(moment)));
    }

    /** The first moment, from this one on, at which a run may write. There is one: a freeze ends, and hours come each week. */
    public Instant next(Instant moment) {
        return Stream.concat(Stream.of(moment), freeze.stream().map(Freeze::end))
                .filter(from -> !from.isBefore(moment))
                .flatMap(this::begins)
                .filter(this::allows)
                .min(Instant::compareTo)
                .orElseThrow();
    }

    /** This moment, and when hours begin after it. */
    private Stream<Instant> begins(Instant from) {
        return Stream.concat(Stream.of(from), hours.stream().flatMap(some -> {
            LocalDate day = from.atZone(some.zone()).toLocalDate();
            return day.datesUntil(day.plusDays(DAYS_AHEAD)).map(some::begin).filter(begin -> begin.isAfter(from));
        }));
    }

    /** Why a run may not write at this moment, for people; what it says where it may has no meaning. */
    public String why(Instant moment) {
        return freeze.stream()
                .filter(days -> days.contains(moment))
                .findFirst()
                .map(days -> "the freeze " + days)
                .orElseGet(() -> "outside of " + words(hours));
    }

    /** For people: `in 22:00-05:00 Europe/Berlin, never on 2026-12-24 Europe/Berlin`. */
    @Override
    public String toString() {
        return (hours.isEmpty() ? "at any time" : "in " + words(hours))
                + (freeze.isEmpty() ? "" : ", never on " + words(freeze));
    }

    private static String words(List<?> some) {
        return some.stream().map(Object::toString).collect(Collectors.joining(" or "));
    }
}
