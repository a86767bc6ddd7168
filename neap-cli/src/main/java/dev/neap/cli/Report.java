package dev.neap.cli;

import static java.nio.file.StandardOpenOption.APPEND;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.TRUNCATE_EXISTING;
import static java.nio.file.StandardOpenOption.WRITE;

import dev.neap.backfill.BackfillException;
import dev.neap.cli.text.Json;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Where a command's answer goes: `--json` is the format, `--output` the place. */
final class Report implements AutoCloseable {
    private final World world;
    private final Typed typed;
    private final boolean json;
    private final @Nullable Path file;
    private final PrintStream place;

    /** @param typed what was typed, for the command that comes next */
    Report(World world, Typed typed, boolean json, @Nullable Path file) {
        this(world, typed, json, file, CREATE, WRITE, TRUNCATE_EXISTING);
    }

    private Report(World world, Typed typed, boolean json, @Nullable Path file, OpenOption... how) {
        this.world = world;
        this.typed = typed;
        this.json = json;
        this.file = file;
        this.place = file == null ? world.out() : open(file, how);
    }

    /** One that goes on after what another has written. */
    static Report after(World world, Typed typed, boolean json, @Nullable Path file) {
        return new Report(world, typed, json, file, CREATE, WRITE, APPEND);
    }

    private static PrintStream open(Path file, OpenOption... how) {
        try {
            return new PrintStream(Files.newOutputStream(file, how), false, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new BackfillException("the file " + file + " cannot be written: is its folder there, and yours?");
        }
    }

    boolean json() {
        return json;
    }

    /** Whether the answer goes to the terminal or to whatever stands in its place. */
    boolean toTerminal() {
        return file == null;
    }

    /** Where lines go that come before the answer. */
    PrintStream place() {
        return place;
    }

    /** One indented object, or text and the line that says what to do next. */
    void write(Answer answer) {
        if (json) {
            Json.print(place, answer.data().put("next", next(answer)), true);
        } else {
            writeText(answer);
        }
        place.flush();
    }

    /** One object in one line: the last of many. */
    void writeLast(Answer answer) {
        if (json) {
            Json.print(place, answer.data().put("next", next(answer)), false);
            place.flush();
        } else {
            write(answer);
        }
    }

    private String next(Answer answer) {
        return typed.complete(answer.next());
    }

    private void writeText(Answer answer) {
        if (!answer.text().isEmpty()) {
            place.println(answer.text());
        }
        if (file != null) {
            world.out().println("Written to " + file + ".");
        }
        String comment = file == null ? answer.comment() : "";
        world.out().println((comment.isEmpty() ? "" : comment + " ") + "Next: " + next(answer));
        world.out().flush();
    }

    @Override
    public void close() {
        if (file != null) {
            place.close();
        }
    }
}
