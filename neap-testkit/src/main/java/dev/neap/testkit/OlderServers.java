package dev.neap.testkit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.Stream;

/** Where the programs of servers are that are not on the class path, which holds one version of each engine: as jars. */
final class OlderServers {
    private OlderServers() {}

    /**
     * The jar of a version.
     *
     * @param engine for messages
     * @param folder the name of its folder, such as {@code postgres}
     * @param version how the jar's name begins, such as {@code 14}
     * @throws IllegalStateException when it was not fetched
     */
    static Path jar(String engine, String folder, String version) {
        String property = "neap." + folder + ".dir";
        Path jars = folder(folder, property);
        return newest(jars, version + ".")
                .orElseThrow(() -> new IllegalStateException("no " + engine + " " + version
                        + " in " + jars.toAbsolutePath()
                        + "; `mvn -Dquick -Polder-servers -pl neap-testkit -am package` fetches it (property "
                        + property
                        + ")"));
    }

    private static Optional<Path> newest(Path folder, String prefix) {
        if (!Files.isDirectory(folder)) {
            return Optional.empty();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> {
                        String name = file.getFileName().toString();
                        return name.startsWith(prefix) && name.endsWith(".jar");
                    })
                    .max(Comparator.naturalOrder());
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** The configured folder, or the one beside this module, looked for upwards: an IDE passes no property. */
    private static Path folder(String name, String property) {
        String configured = System.getProperty(property);
        if (configured != null) {
            return Path.of(configured);
        }
        Path relative = Path.of("neap-testkit", "target", name);
        for (Path at = Path.of("").toAbsolutePath(); at != null; at = at.getParent()) {
            if (Files.isDirectory(at.resolve(relative))) {
                return at.resolve(relative);
            }
        }
        return relative;
    }
}
