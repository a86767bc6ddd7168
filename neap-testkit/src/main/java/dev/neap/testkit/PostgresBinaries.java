package dev.neap.testkit;

import io.zonky.test.db.postgres.embedded.DefaultPostgresBinaryResolver;
import io.zonky.test.db.postgres.embedded.PgBinaryResolver;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.jspecify.annotations.Nullable;

/** Where the programs of each PostgreSQL version come from: the newest from the class path, the others from jars. */
final class PostgresBinaries {
    static final int NEWEST = 18;
    static final int OLDEST = 14;
    static final String FOLDER_PROPERTY = "neap.postgres.dir";

    // One resolver per version for the whole JVM: the embedded server unpacks once per resolver.
    private static final Map<Integer, PgBinaryResolver> RESOLVERS = new ConcurrentHashMap<>();

    private PostgresBinaries() {}

    static PgBinaryResolver of(int major) {
        return RESOLVERS.computeIfAbsent(major, PostgresBinaries::resolver);
    }

    private static PgBinaryResolver resolver(int major) {
        if (major == NEWEST) {
            return DefaultPostgresBinaryResolver.INSTANCE;
        }
        Path jar = jar(major);
        return (system, machine) -> archive(jar);
    }

    private static Path jar(int major) {
        Path folder = folder();
        if (!Files.isDirectory(folder)) {
            throw missing(major, folder, null);
        }
        try (Stream<Path> files = Files.list(folder)) {
            List<Path> found = files.filter(
                            file -> file.getFileName().toString().matches(major + "\\..*\\.jar"))
                    .sorted(Comparator.reverseOrder())
                    .toList();
            if (found.isEmpty()) {
                throw missing(major, folder, null);
            }
            return found.get(0);
        } catch (IOException e) {
            throw missing(major, folder, e);
        }
    }

    private static IllegalStateException missing(int major, Path folder, @Nullable Exception cause) {
        return new IllegalStateException(
                "no PostgreSQL " + major + " in " + folder.toAbsolutePath()
                        + "; `mvn -Dquick -Polder-postgres -pl neap-testkit -am package` fetches it (property "
                        + FOLDER_PROPERTY + ")",
                cause);
    }

    /** The configured folder, or the one beside this module, looked for upwards: an IDE passes no property. */
    private static Path folder() {
        String configured = System.getProperty(FOLDER_PROPERTY);
        if (configured != null) {
            return Path.of(configured);
        }
        Path relative = Path.of("neap-testkit", "target", "postgres");
        for (Path at = Path.of("").toAbsolutePath(); at != null; at = at.getParent()) {
            if (Files.isDirectory(at.resolve(relative))) {
                return at.resolve(relative);
            }
        }
        return relative;
    }

    private static InputStream archive(Path jar) throws IOException {
        try (ZipFile zip = new ZipFile(jar.toFile())) {
            ZipEntry entry = zip.stream()
                    .filter(each -> each.getName().endsWith(".txz"))
                    .findFirst()
                    .orElseThrow(() -> new IOException("no PostgreSQL archive in " + jar));
            try (InputStream in = zip.getInputStream(entry)) {
                return new ByteArrayInputStream(in.readAllBytes());
            }
        }
    }
}
