package dev.neap.postgres.fill;

import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import org.postgresql.copy.CopyIn;

/** Writes lines in COPY's text format, and ends the COPY when it is closed. */
final class CopyText implements AutoCloseable {
    private static final int CHUNK = 64 * 1024;

    private final CopyIn copy;
    private final StringBuilder text = new StringBuilder(CHUNK + 1024);
    private boolean begun;

    CopyText(CopyIn copy) {
        this.copy = copy;
    }

    /** The next value of a line. */
    void value(@Nullable String value) {
        if (begun) {
            text.append('\t');
        }
        begun = true;
        if (value == null) {
            text.append("\\N");
            return;
        }
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            switch (c) {
                case '\\' -> text.append("\\\\");
                case '\n' -> text.append("\\n");
                case '\r' -> text.append("\\r");
                case '\t' -> text.append("\\t");
                default -> text.append(c);
            }
        }
    }

    /**
     * The last values of a line, and its end.
     *
     * @param values null for as many nulls
     */
    void values(@Nullable Object @Nullable [] values, int count) throws SQLException {
        for (int i = 0; i < count; i++) {
            value(values == null ? null : Values.text(values[i]));
        }
        text.append('\n');
        begun = false;
        if (text.length() >= CHUNK) {
            send();
        }
    }

    private void send() throws SQLException {
        byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
        copy.writeToCopy(bytes, 0, bytes.length);
        text.setLength(0);
    }

    @Override
    public void close() throws SQLException {
        if (copy.isActive()) {
            send();
            copy.endCopy();
        }
    }
}
