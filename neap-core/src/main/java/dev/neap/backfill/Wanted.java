package dev.neap.backfill;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** What to write where a value of some type is wanted. */
final class Wanted {
    private static final Map<Class<?>, String> BY_TYPE = Map.of(
            String.class, "write text",
            Integer.class, "write a whole number from 1 to 999999999",
            Duration.class, "write a number with ms, s, m, h or d, such as 30s or 7d",
            Ceiling.class, "write a rate such as '5000 rows/s', or none",
            Share.class, "write a share such as 0.01%",
            TimeLimit.class, "write a time of 500ms or more, such as 2s, or none",
            Conflict.class, "write keep, overwrite or newer(column)",
            Hours.class, "write hours with a time zone, such as '22:00-05:00 Europe/Berlin'",
            Map.class, "write 'name: SQL' lines below it, indented",
            List.class, "write a list: each item on its own line after '- '");

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
