package dev.neap.backfill;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collection;
import java.util.HexFormat;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** SHA-256 over texts. Each goes in behind its length, so that no two lists of texts run together. Used once. */
public final class TextHash {
    private final MessageDigest digest;

    /** Over nothing yet. */
    public TextHash() {
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** One text; null is another one than the empty text. */
    public TextHash add(@Nullable String text) {
        if (text == null) {
            return length(-1);
        }
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        length(bytes.length);
        digest.update(bytes);
        return this;
    }

    /** One number. */
    public TextHash add(long number) {
        return add(String.valueOf(number));
    }

    /** A table's schema and name. */
    public TextHash add(TableName table) {
        return add(table.schema()).add(table.name());
    }

    /** How many there are, and each in its order; null is another list than the empty one. */
    public TextHash addAll(@Nullable Collection<String> texts) {
        if (texts == null) {
            return length(-1);
        }
        length(texts.size());
        texts.forEach(this::add);
        return this;
    }

    /** The same of names and what they stand for. */
    public TextHash addAll(Map<String, String> texts) {
        length(texts.size());
        texts.forEach((name, text) -> add(name).add(text));
        return this;
    }

    /** The hash, in hex. */
    public String hex() {
        return HexFormat.of().formatHex(digest.digest());
    }

    private TextHash length(int length) {
        digest.update(ByteBuffer.allocate(4).putInt(length).array());
        return this;
    }
}
