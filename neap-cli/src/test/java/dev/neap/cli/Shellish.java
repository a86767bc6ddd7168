package dev.neap.cli;

import dev.neap.backfill.Environment;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.Map;

/** Runs commands as a person in a folder would, against a fake engine. */
final class Shellish {
    /** What came of one command. */
    record Ran(int exitCode, String out, String err) {
        String lastLine() {
            return out.strip().substring(out.strip().lastIndexOf('\n') + 1);
        }
    }

    final FakeEngine engine = new FakeEngine();
    final Map<String, String> variables = new HashMap<>(Map.of("DATABASE_URL", "postgresql://app:hunter2@db/shop"));
    final Path folder;
    boolean terminal;
    String typed = "";
    String reached = "";
    EngineFactory engines = target -> engine;

    Shellish(Path folder) {
        this.folder = folder;
    }

    /** Writes the smallest backfill file. */
    Path file() {
        return file(
                "backfill: fix\nconnection: ${DATABASE_URL}\nrebuild:\n  table: public.events\n  set: { a: upper(a) }\n");
    }

    Path file(String text) {
        try {
            return Files.writeString(folder.resolve("fix.yaml"), text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Ran run(Object... words) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        String[] arguments = new String[words.length];
        for (int i = 0; i < words.length; i++) {
            arguments[i] = words[i].toString();
        }
        int exitCode = Main.run(world(out, err), arguments);
        return new Ran(exitCode, shown(out), shown(err));
    }

    private World world(ByteArrayOutputStream out, ByteArrayOutputStream err) {
        return new World(
                environment(),
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                new BufferedReader(new StringReader(typed)),
                terminal,
                () -> 100,
                Clock.fixed(FakeEngine.NOW, ZoneOffset.UTC),
                target -> {
                    reached = target.printable();
                    return engines.open(target);
                });
    }

    private Environment environment() {
        return new Environment() {
            @Override
            public String variable(String name) {
                return variables.get(name);
            }

            @Override
            public Path home() {
                return folder;
            }

            @Override
            public String userName() {
                return "ada";
            }
        };
    }

    private String shown(ByteArrayOutputStream stream) {
        return stream.toString(StandardCharsets.UTF_8).replace(folder + "/", "").replace("\r\n", "\n");
    }
}
