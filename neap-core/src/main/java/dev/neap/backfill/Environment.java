package dev.neap.backfill;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** What the process was given from outside. Tests pass their own. */
public interface Environment {
    /** An environment variable; null where it is not set. */
    @Nullable
    String variable(String name);

    /** The user's home folder, where `.pgpass` is looked for. */
    Path home();

    /** The name of the operating system's user, PostgreSQL's default for who connects. */
    String userName();

    /** A variable that is set to something; null otherwise. */
    default @Nullable String nonEmpty(String name) {
        String value = variable(name);
        return value == null || value.isEmpty() ? null : value;
    }

    /** The environment of this process. */
    static Environment system() {
        return new Environment() {
            @Override
            public @Nullable String variable(String name) {
                return System.getenv(name);
            }

            @Override
            public Path home() {
                return Path.of(System.getProperty("user.home", "."));
            }

            @Override
            public String userName() {
                return System.getProperty("user.name", "");
            }
        };
    }
}
