package dev.neap.testkit;

import io.zonky.test.db.postgres.embedded.DefaultPostgresBinaryResolver;
import io.zonky.test.db.postgres.embedded.PgBinaryResolver;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/** Where the programs of each PostgreSQL version come from: the newest from the class path, the others from jars. */
final class PostgresBinaries {
    static final int NEWEST = 18;
    static final int OLDEST = 14;

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
        Path jar = OlderServers.jar("PostgreSQL", "postgres", String.valueOf(major));
        return (system, machine) -> archive(jar);
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
