package dev.neap.cli;

import dev.neap.backfill.BackfillException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Where `--html` puts a page, and `--output` an answer. */
final class PageFile {
    private PageFile() {}

    /**
     * Looks before long work whether it can be written.
     *
     * @throws BackfillException when it cannot
     */
    static void check(@Nullable Path file) {
        if (file == null) {
            return;
        }
        Path folder = file.toAbsolutePath().getParent();
        boolean writable = Files.exists(file)
                ? !Files.isDirectory(file) && Files.isWritable(file)
                : folder != null && Files.isDirectory(folder) && Files.isWritable(folder);
        if (!writable) {
            throw unwritable(file);
        }
    }

    private static BackfillException unwritable(Path file) {
        return new BackfillException("the file " + file + " cannot be written: is its folder there, and yours?");
    }

    /**
     * Writes it.
     *
     * @throws BackfillException when that fails
     */
    static void write(Path file, String page) {
        try {
            Files.writeString(file, page, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw unwritable(file);
        }
    }
}
