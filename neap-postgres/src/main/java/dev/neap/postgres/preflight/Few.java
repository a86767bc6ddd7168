package dev.neap.postgres.preflight;

import java.util.List;

/** The first few of many names, for a message. */
public final class Few {
    private static final int SHOWN = 5;

    private Few() {}

    public static String of(List<String> names) {
        int shown = Math.min(names.size(), SHOWN);
        String more = names.size() > shown ? " and %,d more".formatted(names.size() - shown) : "";
        return String.join(", ", names.subList(0, shown)) + more;
    }
}
