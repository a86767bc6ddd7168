package dev.neap.cli;

import dev.neap.backfill.BackfillException;
import dev.neap.backfill.BackfillFile;
import dev.neap.backfill.Connections;
import dev.neap.run.Engine;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which backfill a command is about, and the database that it is in.
 *
 * @param typed what was typed, for the commands that come next
 * @param name the backfill's name; null where none was asked for
 * @param byFile whether its file was named
 * @param file what the file declares, where one was named and the command needs that
 */
record Subject(
        String typed,
        @Nullable String name,
        boolean byFile,
        @Nullable BackfillFile file,
        Engine engine) {
    /**
     * Finds it by FILE or NAME, for a command that needs no more of the file: it finds its run whatever else is wrong with
     * it. A name's database comes from `--url`, then NEAP_CONNECTION, then the PG* variables.
     *
     * @param typed null where only the database matters
     */
    static Subject of(World world, @Nullable String typed, @Nullable String url) {
        if (typed != null && isFile(typed)) {
            BackfillFile.Head head = BackfillFile.head(Path.of(typed), world.environment(), flags(url));
            Engine engine = world.engines().open(head.target(world.environment()));
            return new Subject(typed, head.name(), true, null, engine);
        }
        String connection = url == null ? world.environment().nonEmpty("NEAP_CONNECTION") : url;
        Engine engine =
                world.engines().open(Connections.resolve(connection == null ? "" : connection, world.environment()));
        return new Subject(typed == null ? "" : typed, typed, false, null, engine);
    }

    /** The same for a command that needs all that the file declares. */
    static Subject declared(World world, String typed, @Nullable String url) {
        if (!isFile(typed)) {
            return of(world, typed, url);
        }
        BackfillFile file = BackfillFile.read(Path.of(typed), world.environment(), flags(url));
        Engine engine = world.engines().open(file.target(world.environment()));
        return new Subject(typed, file.backfill().name(), true, file, engine);
    }

    private static Map<String, String> flags(@Nullable String url) {
        return url == null ? Map.of() : Map.of("connection", url);
    }

    /** The name, where one is needed. */
    String requiredName() {
        if (name == null) {
            throw new BackfillException("name a backfill file or a backfill");
        }
        return name;
    }

    private static boolean isFile(String typed) {
        String lower = typed.toLowerCase(Locale.ROOT);
        return lower.endsWith(".yaml")
                || lower.endsWith(".yml")
                || typed.contains("/")
                || Files.isRegularFile(Path.of(typed));
    }
}
