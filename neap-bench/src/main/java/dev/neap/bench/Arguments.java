package dev.neap.bench;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** `--name value` pairs of a command line. */
public final class Arguments {
    private final Map<String, String> values = new HashMap<>();

    /**
     * Reads them.
     *
     * @throws IllegalArgumentException where one is not known, or has no value
     */
    public Arguments(String[] args, Set<String> known) {
        for (int i = 0; i < args.length; i += 2) {
            String name = args[i].replaceFirst("^--", "");
            if (!known.contains(name) || i + 1 == args.length) {
                throw new IllegalArgumentException("unknown, or without a value: " + args[i] + "; there are " + known);
            }
            values.put(name, args[i + 1]);
        }
    }

    /** A number; what it is otherwise where it is not given. */
    public long number(String name, long otherwise) {
        return Long.parseLong(values.getOrDefault(name, Long.toString(otherwise)));
    }

    /** A text; null where it is not given. */
    public @Nullable String text(String name) {
        return values.get(name);
    }
}
