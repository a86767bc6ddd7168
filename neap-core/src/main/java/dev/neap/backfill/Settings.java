package dev.neap.backfill;

import dev.neap.backfill.Node.Place;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Chooses each value in the order flag, environment, file, default, and remembers where it came from. */
final class Settings {
    private final String file;
    private final Environment environment;
    private final Map<String, String> flags;
    private final Function<String, @Nullable Place> places;
    private final List<Setting> chosen = new ArrayList<>();

    /**
     * @param flags key to text: the last part of the key, as in `batch_rows`
     * @param places where in the file the value of a key stands
     */
    Settings(
            String file, Environment environment, Map<String, String> flags, Function<String, @Nullable Place> places) {
        this.file = file;
        this.environment = environment;
        this.flags = flags;
        this.places = places;
    }

    /** What was chosen so far, in that order. */
    List<Setting> chosen() {
        return chosen;
    }

    /** A value that flags and the environment may set too. */
    <T> T choose(String path, Class<T> type, @Nullable T inFile, T otherwise, String otherwiseOrigin) {
        String name = path.substring(path.lastIndexOf('.') + 1);
        String flag = flags.get(name);
        if (flag != null) {
            return note(path, parsed(flag, type, flagName(name)), "flag " + flagName(name));
        }
        String variable = environment.nonEmpty(variableName(name));
        if (variable != null) {
            return note(path, parsed(variable, type, variableName(name)), "environment " + variableName(name));
        }
        return fromFile(path, inFile, otherwise, otherwiseOrigin);
    }

    /** A value that only the file may set. */
    <T> T fromFile(String path, @Nullable T inFile, T otherwise, String otherwiseOrigin) {
        return inFile == null ? note(path, otherwise, otherwiseOrigin) : note(path, inFile, origin(path));
    }

    /** Notes a value that was decided elsewhere. */
    void note(String path, String shown) {
        chosen.add(new Setting(path, shown, origin(path)));
    }

    private <T> T note(String path, T value, String origin) {
        chosen.add(new Setting(path, shown(path, value), origin));
        return value;
    }

    /** `file fix.yaml:12`, or `default` for what the file does not say. */
    private String origin(String path) {
        Place place = places.apply(path);
        return place == null ? "default" : "file " + file + ":" + place.line();
    }

    private static String shown(String path, Object value) {
        if (value instanceof java.time.Duration duration) {
            return Durations.write(duration);
        }
        if (value instanceof Enum<?> constant) {
            return SourceBinder.label(constant);
        }
        return path.equals("connection") ? Connections.mask(value.toString()) : value.toString();
    }

    private static <T> T parsed(String text, Class<T> type, String where) {
        Object value = SourceBinder.scalarOf(text, type);
        if (value == null) {
            throw new BackfillException(where + " cannot be '" + text + "'; " + Wanted.of(type));
        }
        return type.cast(value);
    }

    private static String flagName(String name) {
        return name.equals("connection") ? "--url" : "--" + name.replace('_', '-');
    }

    private static String variableName(String name) {
        return "NEAP_" + name.toUpperCase(Locale.ROOT);
    }
}
