package dev.neap.bench;

import dev.neap.testkit.PostgresServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** The best script by hand, `best-script.sql`, for each partition. */
final class BestScript implements Contender {
    private final EventTable table;
    private final List<String> script = read();

    BestScript(EventTable table) {
        this.table = table;
    }

    @Override
    public String name() {
        return "the best script by hand";
    }

    @Override
    public String key() {
        return "script";
    }

    @Override
    public Timing run(PostgresServer server, String database) {
        List<String> statements = new ArrayList<>(List.of("CREATE SCHEMA work", "CREATE SCHEMA old"));
        for (EventTable.Partition each : table.all()) {
            for (String sql : script) {
                statements.add(sql.replace("{name}", each.name())
                        .replace("{lower}", each.lower().toString())
                        .replace("{upper}", each.upper().toString()));
            }
        }
        long start = System.nanoTime();
        server.execute(database, statements.toArray(String[]::new));
        return Timing.since(start);
    }

    private static List<String> read() {
        try (InputStream in = BestScript.class.getResourceAsStream("best-script.sql")) {
            if (in == null) {
                throw new IllegalStateException("best-script.sql is not on the class path");
            }
            String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            String code = text.lines().filter(line -> !line.startsWith("--")).collect(Collectors.joining("\n"));
            return Arrays.stream(code.split(";"))
                    .map(String::strip)
                    .filter(sql -> !sql.isEmpty())
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
