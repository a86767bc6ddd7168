package dev.neap.transform;

import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.function.Supplier;

/**
 * Where the instances of a transform come from.
 *
 * @param name its class
 * @param sha256 of the code, in hex: the jar's, or the class file's; another one is another plan
 * @param place where it is named, as the beginning of a message; empty in a library call
 * @param schema what all instances read and write
 * @param factory makes an instance
 */
public record TransformSource(
        String name, String sha256, String place, Schema schema, Supplier<? extends Transform> factory) {
    /**
     * A transform of the application's own.
     *
     * @throws IllegalArgumentException when its schema cannot be had
     */
    public static TransformSource of(Supplier<? extends Transform> factory) {
        Transform first = factory.get();
        Class<?> type = first.getClass();
        String file = "/" + type.getName().replace('.', '/') + ".class";
        try (InputStream code = type.getResourceAsStream(file)) {
            // A lambda has no file: it is known by its name alone.
            byte[] bytes = code == null
                    ? type.getName().getBytes(java.nio.charset.StandardCharsets.UTF_8)
                    : code.readAllBytes();
            return new TransformSource(type.getName(), sha256(bytes), "", schemaOf(first), factory);
        } catch (IOException e) {
            throw new IllegalArgumentException("the class file of " + type.getName() + " cannot be read", e);
        }
    }

    /**
     * What an instance reads and writes.
     *
     * @throws IllegalArgumentException when it says nothing, or nothing that makes sense
     */
    public static Schema schemaOf(Transform transform) {
        Schema schema = transform.schema();
        if (schema == null || schema.reads().isEmpty() || schema.sets().isEmpty()) {
            throw new IllegalArgumentException("its schema must read a column and write one");
        }
        return schema;
    }

    /** SHA-256, in hex. */
    public static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** What decides which rows it makes. */
    @Override
    public String toString() {
        return name + " " + sha256;
    }
}
