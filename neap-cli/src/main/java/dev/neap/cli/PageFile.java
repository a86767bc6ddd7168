package dev.neap.cli;

import dev.neap.backfill.BackfillException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Where `--html` puts a page. */
final class PageFile {
    private PageFile() {}

    /**
     * Writes it.
     *
     * @throws BackfillException when that fails
     */
    static void write(Path file, String page) {
        try {
            Files.writeString(file, page, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new BackfillException("the file " + file + " cannot be written: is its folder there, and yours?");
        }
    }
}
