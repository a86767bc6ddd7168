package dev.neap.throttle;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** A file that anybody may make: while it is there, nothing is written. */
public final class FlagFile implements Signal {
    private final Path file;
    private final Limits limits;

    public FlagFile(String name, Path file, Duration every) {
        this.file = file;
        this.limits = Limits.flag(name, every);
    }

    @Override
    public Limits limits() {
        return limits;
    }

    @Override
    public Reading read() {
        if (Files.exists(file)) {
            return Reading.of(1, "");
        }
        return Files.notExists(file)
                ? Reading.of(0, "")
                : Reading.none("nobody can tell whether " + file + " is there");
    }

    @Override
    public void close() {}
}
