package dev.neap.backfill;

import dev.neap.backfill.FillSource.TransformClass;
import dev.neap.backfill.SourceRecomputeCompiler.Complaint;
import dev.neap.transform.Schema;
import dev.neap.transform.Transform;
import dev.neap.transform.TransformSource;
import java.io.IOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Modifier;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Loads a transform from the user's jar. What is wrong with it is a problem of the file that names it. */
final class TransformJar {
    private static final long MOST_BYTES = 256L * 1024 * 1024;

    private final Path file;
    private final String where;
    private final Complaint complaint;

    /** @param where the place of the key, as the beginning of a message */
    TransformJar(Path file, String where, Complaint complaint) {
        this.file = file;
        this.where = where;
        this.complaint = complaint;
    }

    /** Something that is wrong, and where. */
    private static final class Wrong extends Exception {
        private static final long serialVersionUID = 1L;

        private final String key;

        Wrong(String key, String message) {
            super(message);
            this.key = key;
        }
    }

    /** The transform, or null after a problem. */
    @Nullable
    TransformSource load(TransformClass named) {
        try {
            byte[] jar = bytes(named.jar());
            Constructor<? extends Transform> constructor = constructor(loader(jar), named);
            Schema schema;
            try {
                schema = TransformSource.schemaOf(make(constructor));
            } catch (RuntimeException | LinkageError e) {
                throw new Wrong("class", named.type() + " cannot be used: " + words(e));
            }
            return new TransformSource(
                    named.type(), TransformSource.sha256(jar), where, schema, () -> make(constructor));
        } catch (Wrong e) {
            complaint.about("fill.transform." + e.key, String.valueOf(e.getMessage()));
            return null;
        }
    }

    private byte[] bytes(String written) throws Wrong {
        Path jar;
        try {
            jar = file.toAbsolutePath().resolveSibling(written).normalize();
        } catch (InvalidPathException e) {
            throw new Wrong("jar", "'" + written + "' is no path");
        }
        if (!Files.isRegularFile(jar)) {
            throw new Wrong("jar", "there is no file " + jar + "; the path is taken from the folder of this file");
        }
        try {
            if (Files.size(jar) > MOST_BYTES) {
                throw new Wrong("jar", jar + " is larger than 256 MB; that is no jar of a transform");
            }
            byte[] bytes = Files.readAllBytes(jar);
            if (bytes.length < 2 || bytes[0] != 'P' || bytes[1] != 'K') {
                throw new Wrong("jar", jar + " is no jar");
            }
            return bytes;
        } catch (IOException e) {
            throw new Wrong("jar", jar + " cannot be read: may you read it?");
        }
    }

    /**
     * From a copy: what is loaded late is of the same jar as the hash, whatever became of the file. It stays open as long
     * as the process, since classes are loaded when they are needed.
     */
    private static ClassLoader loader(byte[] jar) throws Wrong {
        try {
            URL copy = JarCopy.of(jar).toUri().toURL();
            return new URLClassLoader(new URL[] {copy}, Transform.class.getClassLoader());
        } catch (IOException e) {
            throw new Wrong("jar", "it cannot be copied to the folder for temporary files: " + words(e));
        }
    }

    private static Constructor<? extends Transform> constructor(ClassLoader loader, TransformClass named) throws Wrong {
        String name = named.type();
        try {
            Class<?> type = Class.forName(name, true, loader);
            if (!Transform.class.isAssignableFrom(type)) {
                throw new Wrong(
                        "class",
                        name + " is no transform; it must implement dev.neap.transform.RowTransform or BatchTransform");
            }
            if (!Modifier.isPublic(type.getModifiers()) || Modifier.isAbstract(type.getModifiers())) {
                throw new Wrong("class", name + " must be public, and not abstract");
            }
            return type.asSubclass(Transform.class).getConstructor();
        } catch (ClassNotFoundException e) {
            throw new Wrong(
                    "class",
                    "there is no class " + name + " in " + named.jar()
                            + "; write its name with its package, and '$' before an inner class");
        } catch (NoSuchMethodException e) {
            throw new Wrong("class", name + " has no public constructor without parameters");
        } catch (LinkageError e) {
            throw new Wrong(
                    "class",
                    name + " cannot be loaded: " + words(e) + "; the jar must hold what it needs, built for"
                            + " this Java or an older one");
        }
    }

    private static Transform make(Constructor<? extends Transform> constructor) {
        try {
            return constructor.newInstance();
        } catch (InvocationTargetException e) {
            throw new IllegalStateException("its constructor failed: " + words(e.getCause()), e);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(words(e), e);
        }
    }

    private static String words(@Nullable Throwable e) {
        String message = e == null ? null : e.getMessage();
        return e == null ? "no cause" : e.getClass().getSimpleName() + (message == null ? "" : ": " + message);
    }
}
