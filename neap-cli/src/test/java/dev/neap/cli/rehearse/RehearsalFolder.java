package dev.neap.cli.rehearse;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The server of the rehearsal that is under way, as its files show it. */
final class RehearsalFolder {
    private RehearsalFolder() {}

    static Optional<Path> newest() {
        try (Stream<Path> files = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
            return files.filter(each -> each.getFileName().toString().startsWith("neap-rehearsal-"))
                    .max(Comparator.comparing(each -> each.toFile().lastModified()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static List<Path> filesHolding(String text) {
        // What is in memory only must be in the files too.
        execute("CHECKPOINT");
        try (Stream<Path> files = Files.walk(newest().orElseThrow())) {
            return files.filter(Files::isRegularFile)
                    .filter(each -> contents(each).contains(text))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String contents(Path file) {
        try {
            return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            // Gone meanwhile.
            return "";
        }
    }

    static void execute(String sql) {
        try (Connection connection =
                DriverManager.getConnection("jdbc:postgresql://localhost:" + port() + "/rehearsal?user=postgres")) {
            connection.createStatement().execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    static int port() {
        try {
            return Integer.parseInt(Files.readAllLines(newest().orElseThrow().resolve("data/postmaster.pid"))
                    .get(3)
                    .strip());
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
