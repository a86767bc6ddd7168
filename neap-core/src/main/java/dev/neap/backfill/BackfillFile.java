package dev.neap.backfill;

import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * A backfill file that was read and checked.
 *
 * @param path where it is
 * @param backfill what it declares, after flags and environment variables
 * @param proofs what it says about the proofs that its profile asks for
 * @param verification what `neap verify` is held to
 * @param connection where the database is, as it is written: placeholders are not looked up yet. Empty for PG* variables
 * @param connectionPlace where the connection was written, as the beginning of a message
 * @param settings each value and where it came from
 */
public record BackfillFile(
        Path path,
        Backfill backfill,
        Proofs proofs,
        Verification verification,
        String connection,
        String connectionPlace,
        List<Setting> settings) {
    private static final long MOST_BYTES = 1024 * 1024;

    public BackfillFile {
        settings = List.copyOf(settings);
    }

    /**
     * Reads a file. Nothing is connected to, and no placeholder is looked up.
     *
     * @throws BackfillException with one line for each problem: file, line, column, what is wrong, what to write
     */
    public static BackfillFile read(Path file, Environment environment) {
        return read(file, environment, Map.of());
    }

    /**
     * The same, with flags.
     *
     * @param flags what the command line sets: `profile`, `connection`, `rate`, `pause`, `batch_pause`, `batch_rows`,
     *     `failure_limit`, `keep_old`
     */
    public static BackfillFile read(Path file, Environment environment, Map<String, String> flags) {
        Problems problems = new Problems(file.toString());
        SourceBinder binder = new SourceBinder(problems);
        Settings settings = settings(file, environment, flags, binder);
        BackfillCompiler compiler =
                new BackfillCompiler(source(file, binder, problems), settings, problems, binder::place, file);
        Backfill backfill = compiler.backfill();
        problems.throwIfAny();
        if (backfill == null) {
            throw new IllegalStateException("a file without problems declares a backfill");
        }
        return new BackfillFile(
                file,
                backfill,
                compiler.proofs(),
                compiler.verification(),
                compiler.connection(),
                compiler.connectionPlace(),
                settings.chosen());
    }

    /**
     * What tells which runs a file is about: enough to look at one, or to stop it. Whatever else is wrong with the file, such
     * as a jar that is not there, is not looked at.
     *
     * @param name the backfill's
     * @param connection where the database is, as it is written
     * @param connectionPlace where the connection was written, as the beginning of a message
     */
    public record Head(String name, String connection, String connectionPlace) {
        /**
         * Looks up the placeholders and the PG* variables.
         *
         * @throws BackfillException when one is missing or the URL cannot be understood
         */
        public ConnectionTarget target(Environment environment) {
            try {
                return Connections.resolve(connection, environment);
            } catch (BackfillException e) {
                throw new BackfillException(e.problems().stream()
                        .map(problem -> connectionPlace + problem)
                        .toList());
            }
        }
    }

    /**
     * Reads the head alone.
     *
     * @param flags what the command line sets: `connection`
     * @throws BackfillException when it is no backfill file
     */
    public static Head head(Path file, Environment environment, Map<String, String> flags) {
        Problems problems = new Problems(file.toString());
        SourceBinder binder = new SourceBinder(problems);
        Settings settings = settings(file, environment, flags, binder);
        Head head =
                new BackfillCompiler(source(file, binder, problems), settings, problems, binder::place, file).head();
        problems.throwIfAny();
        return head;
    }

    /**
     * Looks up the placeholders and the PG* variables.
     *
     * @throws BackfillException when one is missing or the URL cannot be understood
     */
    public ConnectionTarget target(Environment environment) {
        return new Head(backfill.name(), connection, connectionPlace).target(environment);
    }

    private static BackfillSource source(Path file, SourceBinder binder, Problems problems) {
        BackfillSource source = binder.bind(YamlReader.read(text(file), problems), BackfillSource.class);
        problems.throwIfAny();
        if (source == null) {
            throw new IllegalStateException("a file without problems has a source");
        }
        return source;
    }

    private static Settings settings(
            Path file, Environment environment, Map<String, String> flags, SourceBinder binder) {
        Path name = file.getFileName();
        return new Settings(name == null ? file.toString() : name.toString(), environment, flags, binder::place);
    }

    private static String text(Path file) {
        try {
            if (Files.isDirectory(file)) {
                throw new BackfillException(file + " is a folder; name a backfill file");
            }
            if (Files.size(file) > MOST_BYTES) {
                throw new BackfillException(file + " is larger than a megabyte; that is no backfill file");
            }
            return Files.readString(file, StandardCharsets.UTF_8);
        } catch (NoSuchFileException e) {
            throw new BackfillException("there is no file " + file + "; `neap init URL TABLE` writes one");
        } catch (MalformedInputException e) {
            throw new BackfillException(file + " is not UTF-8 text");
        } catch (IOException e) {
            throw new BackfillException(file + " cannot be read: may you read it?");
        }
    }
}
