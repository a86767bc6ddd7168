package dev.neap.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Output as it is meant to look, kept in files. Renew them with -Dneap.renew=true, and read the difference. */
final class Golden {
    private static final Path FOLDER = Path.of("src", "test", "resources", "golden");

    private Golden() {}

    static void assertSame(String name, String text) {
        Path file = FOLDER.resolve(name);
        if (Boolean.getBoolean("neap.renew")) {
            try {
                Files.writeString(file, text);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        assertThat(file).content().isEqualTo(text);
    }
}
