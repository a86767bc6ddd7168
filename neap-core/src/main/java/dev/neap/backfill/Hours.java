package dev.neap.backfill;

import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Hours of the day in one place of the world, such as `22:00-05:00 Europe/Berlin`: from the first minute on, up to the
 * second and without it. They may go over midnight, and follow the place's daylight saving time.
 *
 * @param first the first of the days on which they begin; Monday where it is every day
 * @param last the last of these days, counted on from the first, over a weekend too
 */
public record Hours(DayOfWeek first, DayOfWeek last, LocalTime from, LocalTime to, ZoneId zone) {
    private static final String DAY = "(Mon|Tue|Wed|Thu|Fri|Sat|Sun)";
    private static final String TIME = "([01][0-9]|2[0-3]):([0-5][0-9])";
    /** What {@link #parse} takes, for schemas; it also asks for a zone that is known. */
    static final String PATTERN =
            "^(" + DAY + "(-" + DAY + ")? )?" + TIME + "-(" + TIME + "|24:00) [A-Za-z][A-Za-z0-9_+/-]*$";

    private static final Pattern WHOLE = Pattern.compile("((?<first>" + DAY + ")(-(?<last>" + DAY + "))? )?(?<from>"
            + TIME + ")-(?<to>" + TIME + "|24:00) (?<zone>[A-Za-z][A-Za-z0-9_+/-]*)");

    private static final List<String> DAYS = List.of("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun");
    /** Looked up once; each look builds the set anew. */
    private static final Set<String> ZONES = ZoneId.getAvailableZoneIds();

    /** The hours, or empty when the text is none, names no known place, or leaves no or every minute. */
    public static Optional<Hours> parse(String text) {
        Matcher whole = WHOLE.matcher(text.strip());
        if (!whole.matches() || !known(whole.group("zone"))) {
            return Optional.empty();
        }
        String first = whole.group("first");
        String last = whole.group("last");
        Hours hours = new Hours(
                first == null ? DayOfWeek.MONDAY : day(first),
                first == null ? DayOfWeek.SUNDAY : day(last == null ? first : last),
                LocalTime.parse(whole.group("from")),
                whole.group("to").equals("24:00") ? LocalTime.MIDNIGHT : LocalTime.parse(whole.group("to")),
                ZoneId.of(whole.group("zone")));
        boolean wholeDays = hours.from.equals(hours.to);
        return wholeDays && (hours.everyDay() || !hours.from.equals(LocalTime.MIDNIGHT))
                ? Optional.empty()
                : Optional.of(hours);
    }

    /** Whether a time zone of this name is known. */
    static boolean known(String zone) {
        return ZONES.contains(zone);
    }

    /** Whether this moment lies in them. */
    public boolean contain(Instant moment) {
        LocalDateTime there = moment.atZone(zone).toLocalDateTime();
        LocalTime time = there.toLocalTime();
        boolean begun = !time.isBefore(from) && beginOn(there.toLocalDate());
        if (to.equals(LocalTime.MIDNIGHT)) {
            return begun;
        }
        return from.isBefore(to)
                ? begun && time.isBefore(to)
                : begun || (time.isBefore(to) && beginOn(there.toLocalDate().minusDays(1)));
    }

    /** When they begin on this day of their place, whether or not it is one of theirs. */
    Instant begin(LocalDate day) {
        return day.atTime(from).atZone(zone).toInstant();
    }

    private boolean beginOn(LocalDate day) {
        return Math.floorMod(day.getDayOfWeek().getValue() - first.getValue(), 7)
                <= Math.floorMod(last.getValue() - first.getValue(), 7);
    }

    private boolean everyDay() {
        return first.minus(1) == last;
    }

    private static DayOfWeek day(String text) {
        return DayOfWeek.of(DAYS.indexOf(text) + 1);
    }

    private static String text(DayOfWeek day) {
        return DAYS.get(day.getValue() - 1);
    }

    /** As it is written in a backfill file: read back as the same. */
    @Override
    public String toString() {
        String days = everyDay() ? "" : text(first) + (first == last ? "" : "-" + text(last)) + " ";
        return days + from + "-" + (to.equals(LocalTime.MIDNIGHT) ? "24:00" : to) + " " + zone;
    }
}
