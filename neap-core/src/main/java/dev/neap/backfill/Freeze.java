package dev.neap.backfill;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Days in one place of the world on which nothing is written, such as `2026-12-20..2027-01-04 Europe/Berlin`.
 *
 * @param first the first of them
 * @param last the last of them, not before the first
 */
public record Freeze(LocalDate first, LocalDate last, ZoneId zone) {
    private static final String DATE = "[0-9]{4}-[0-9]{2}-[0-9]{2}";

    private static final Pattern WHOLE =
            Pattern.compile("(?<first>" + DATE + ")([.][.](?<last>" + DATE + "))? (?<zone>[A-Za-z][A-Za-z0-9_+/-]*)");

    /** The days, or empty when the text is none, names no known place, or ends before it begins. */
    public static Optional<Freeze> parse(String text) {
        Matcher whole = WHOLE.matcher(text.strip());
        if (!whole.matches() || !Hours.known(whole.group("zone"))) {
            return Optional.empty();
        }
        try {
            LocalDate first = LocalDate.parse(whole.group("first"));
            LocalDate last = whole.group("last") == null ? first : LocalDate.parse(whole.group("last"));
            return last.isBefore(first)
                    ? Optional.empty()
                    : Optional.of(new Freeze(first, last, ZoneId.of(whole.group("zone"))));
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    /** Whether this moment lies in them. */
    public boolean contains(Instant moment) {
        LocalDate there = moment.atZone(zone).toLocalDate();
        return !there.isBefore(first) && !there.isAfter(last);
    }

    /** The first moment after them. */
    Instant end() {
        return last.plusDays(1).atStartOfDay(zone).toInstant();
    }

    /** As it is written in a backfill file: read back as the same. */
    @Override
    public String toString() {
        return first + (first.equals(last) ? "" : ".." + last) + " " + zone;
    }
}
