package dev.neap.cli.server;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Where a server's programs are.
 *
 * @param major the PostgreSQL version
 * @param folder the folder with `initdb` and `postgres`; null for those that come with Neap
 */
public record Programs(int major, @Nullable Path folder) {
    /** The version that comes with Neap. */
    public static final int BUNDLED_MAJOR = 18;

    private static final Pattern VERSION = Pattern.compile("PostgreSQL\\)? (\\d+)");

    /** Those that come with Neap. */
    public static Programs bundled() {
        return new Programs(BUNDLED_MAJOR, null);
    }

    /**
     * Programs of this version: those that come with Neap, or installed ones, found beside `pg_config`, on the PATH, or
     * where Debian, Red Hat, Homebrew and Postgres.app put them.
     *
     * @param path the PATH, empty for none
     */
    public static Optional<Programs> find(int major, String path) {
        if (major == BUNDLED_MAJOR) {
            return Optional.of(bundled());
        }
        return folders(major, path).stream()
                .filter(folder -> Files.isExecutable(folder.resolve("initdb")))
                .filter(folder -> version(folder.resolve("postgres")) == major)
                .findFirst()
                .map(folder -> new Programs(major, folder));
    }

    private static List<Path> folders(int major, String path) {
        List<Path> folders = new ArrayList<>(List.of(
                Path.of("/usr/lib/postgresql/" + major + "/bin"),
                Path.of("/usr/pgsql-" + major + "/bin"),
                Path.of("/opt/homebrew/opt/postgresql@" + major + "/bin"),
                Path.of("/usr/local/opt/postgresql@" + major + "/bin"),
                Path.of("/Applications/Postgres.app/Contents/Versions/" + major + "/bin")));
        for (String each : path.split(java.io.File.pathSeparator, -1)) {
            if (!each.isBlank()) {
                folders.add(Path.of(each));
            }
        }
        said(List.of("pg_config", "--bindir")).ifPresent(bin -> folders.add(Path.of(bin)));
        return folders;
    }

    private static int version(Path postgres) {
        Matcher said = VERSION.matcher(
                Files.isExecutable(postgres)
                        ? said(List.of(postgres.toString(), "--version")).orElse("")
                        : "");
        return said.find() ? Integer.parseInt(said.group(1)) : 0;
    }

    private static Optional<String> said(List<String> command) {
        try {
            Process process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            String line = new String(process.getInputStream().readNBytes(4096), StandardCharsets.UTF_8).strip();
            return process.waitFor(5, TimeUnit.SECONDS) && process.exitValue() == 0 && !line.isEmpty()
                    ? Optional.of(line)
                    : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }
}
