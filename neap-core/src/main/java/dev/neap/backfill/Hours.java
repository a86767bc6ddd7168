package dev.neap.backfill;

import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Hours of the day in one place of the world, such as `22:00-05:00 Europe/Berlin`: from the first minute on, up to the
 * second and without it. They may go over midnight, and follow the place's daylight saving time.
 */
public record Hours(LocalTime from, LocalTime to, ZoneId zone) {
    private static final String TIME = "([01][0-9]|2[0-3]):([0-5][0-9])";
    /** What {@link #parse} takes, for schemas; it also asks for a zone that is known. */
    static final String PATTERN = "^" + TIME + "-(" + TIME + "|24:00) [A-Za-z][A-Za-z0-9_+/-]*$";

    private static final Pattern WHOLE = Pattern.compile(PATTERN);
    /** Looked up once; each look builds the set anew. */
    private static final Set<String> ZONES = ZoneId.getAvailableZoneIds();

    /** The hours, or empty when the text is none, names no known place, or leaves no or every minute. */
    public static Optional<Hours> parse(String text) {
        String trimmed = text.strip();
        Matcher whole = WHOLE.matcher(trimmed);
        if (!whole.matches()) {
            return Optional.empty();
        }
        String zone = trimmed.substring(trimmed.indexOf(' ') + 1);
        LocalTime from = LocalTime.parse(trimmed.substring(0, 5));
        String end = whole.group(3);
        LocalTime to = end.equals("24:00") ? LocalTime.MIDNIGHT : LocalTime.parse(end);
        return from.equals(to) || !ZONES.contains(zone)
                ? Optional.empty()
                : Optional.of(new Hours(from, to, ZoneId.of(zone)));
    }

    /** Whether this moment lies in them. */
    public boolean contain(Instant moment) {
        LocalTime there = moment.atZone(zone).toLocalTime();
        return from.isBefore(to)
                ? !there.isBefore(from) && there.isBefore(to)
                : !there.isBefore(from) || there.isBefore(to);
    }

    /** As it is written in a backfill file: read back as the same. */
    @Override
    public String toString() {
        return from + "-" + (to.equals(LocalTime.MIDNIGHT) ? "24:00" : to) + " " + zone;
    }
}
