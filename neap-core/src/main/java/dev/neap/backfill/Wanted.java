package dev.neap.backfill;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** What to write where a value of some type is wanted. */
final class Wanted {
    private static final Map<Class<?>, String> BY_TYPE = Map.ofEntries(
            Map.entry(String.class, "write text"),
            Map.entry(Integer.class, "write a whole number from 1 to 999999999"),
            Map.entry(Boolean.class, "write true or false"),
            Map.entry(Duration.class, "write a number with ms, s, m, h or d, such as 30s or 7d"),
            Map.entry(Ceiling.class, "write a rate such as '5000 rows/s', or none"),
            Map.entry(Share.class, "write a share such as 0.01%"),
            Map.entry(Times.class, "write how many times as long, over 1, such as 3x"),
            Map.entry(TimeLimit.class, "write a time of 500ms or more, such as 2s, or none"),
            Map.entry(Conflict.class, "write keep, overwrite or newer(column)"),
            Map.entry(
                    Hours.class,
                    "write hours with a time zone, such as '22:00-05:00 Europe/Berlin' or 'Sat-Sun 00:00-24:00"
                            + " Europe/Berlin'"),
            Map.entry(Freeze.class, "write days with a time zone, such as '2026-12-20..2027-01-04 Europe/Berlin'"),
            Map.entry(Map.class, "write 'name: SQL' lines below it, indented"),
            Map.entry(List.class, "write a list: each item on its own line after '- '"));

    private Wanted() {}

    static String of(Class<?> type) {
        if (type.isEnum()) {
            return "write "
                    + Arrays.stream(type.getEnumConstants())
                            .map(constant -> SourceBinder.label((Enum<?>) constant))
                            .collect(Collectors.joining(" or "));
        }
        return BY_TYPE.getOrDefault(type, "write its keys below it, indented");
    }
}
