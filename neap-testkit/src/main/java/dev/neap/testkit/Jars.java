package dev.neap.testkit;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;

/** Jars of classes that a test has, as a user would build them. */
public final class Jars {
    private Jars() {}

    /** Writes a jar with these classes; two of the same classes are the same bytes. */
    public static Path write(Path jar, Class<?>... classes) throws IOException {
        try (OutputStream out = Files.newOutputStream(jar);
                JarOutputStream entries = new JarOutputStream(out)) {
            for (Class<?> type : classes) {
                String name = type.getName().replace('.', '/') + ".class";
                JarEntry entry = new JarEntry(name);
                entry.setTime(0);
                entries.putNextEntry(entry);
                try (InputStream code = type.getResourceAsStream("/" + name)) {
                    if (code == null) {
                        throw new IOException("no class file of " + type);
                    }
                    code.transferTo(entries);
                }
                entries.closeEntry();
            }
        }
        return jar;
    }
}
